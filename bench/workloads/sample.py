"""Source: random rows of another source, to try on few points what many would cost."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.workloads.stream import Source, Stream, UnreadableError

_BLOCK_ROWS = 8192
_SEED = 0


@dataclass(frozen=True, slots=True)
class Sample:
    """So many rows of a source, in its order; those of a smaller sample are among those of a larger one."""

    source: Source
    n: int

    def key(self) -> dict[str, Any]:
        """All that decides what the points are."""
        return {"sample": self.n, "of": self.source.key()}

    def open(self) -> Stream:
        """Read all rows once and keep some; raises UnreadableError where there are fewer."""
        stream = self.source.open()
        if stream.n is not None and stream.n < self.n:
            raise UnreadableError(f"a sample of {self.n:,} rows was asked for, there are {stream.n:,}")
        of = "all" if stream.n is None else f"{stream.n:,}"
        notes = (*stream.notes, f"a random sample of {self.n:,} of {of} rows")
        return replace(stream, n=self.n, blocks=self._sampled(stream.blocks), notes=notes)

    def _sampled(self, blocks: Iterator[NDArray[Any]]) -> Iterator[NDArray[Any]]:
        """Give each row a random number, and keep the rows with the n smallest."""
        rng = np.random.Generator(np.random.Philox(key=_SEED))
        numbers, places, rows = np.empty(0), np.empty(0, np.int64), None
        seen = 0
        for block in blocks:
            numbers = np.append(numbers, rng.random(len(block)))
            places = np.append(places, np.arange(seen, seen + len(block)))
            rows = np.array(block) if rows is None else np.concatenate([rows, block])
            seen += len(block)
            if len(numbers) > 2 * self.n + _BLOCK_ROWS:
                numbers, places, rows = _smallest(self.n, numbers, places, rows)
        if rows is None or len(rows) < self.n:
            raise UnreadableError(f"a sample of {self.n:,} rows was asked for, there are {seen:,}")
        _, places, rows = _smallest(self.n, numbers, places, rows)
        rows = rows[np.argsort(places)]
        for start in range(0, self.n, _BLOCK_ROWS):
            yield rows[start : start + _BLOCK_ROWS]


def _smallest(
    n: int, numbers: NDArray[np.float64], places: NDArray[np.int64], rows: NDArray[Any]
) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[Any]]:
    if len(numbers) <= n:
        return numbers, places, rows
    kept = np.argpartition(numbers, n - 1)[:n]
    return numbers[kept], places[kept], rows[kept]
