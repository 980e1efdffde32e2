"""From which number the ids of another tool count, and what they count: the file's rows or those taken."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from bench.judge.asked import ALL_POINTS, Asked

_SAMPLED_ROWS = 300


@dataclass(frozen=True, slots=True)
class Numbering:
    """How ids are to be read."""

    first_id: int
    n_samples: int
    row_numbers: NDArray[np.int64] | None
    """The file's row of each point where ids are rows of the file; None where they number the points."""
    found_out: bool = False

    def positions(self, raw: NDArray[np.int64], missing: NDArray[np.bool_]) -> NDArray[np.int32]:
        """Ids of the workload; -1 is missing, what is out of range stays so."""
        ids = raw - self.first_id
        if self.row_numbers is not None:
            found = np.minimum(np.searchsorted(self.row_numbers, ids), self.n_samples - 1)
            ids = np.where(self.row_numbers[found] == ids, found, np.where(ids < 0, -2, self.n_samples))
        missing = missing | ((raw >= 0) & (raw < self.first_id))
        return np.where(missing, -1, np.clip(ids, -2, self.n_samples)).astype(np.int32)

    def notes(self) -> Iterator[str]:
        """What was found out, one line each."""
        if self.found_out and self.first_id:
            yield "ids count from 1: so they agree with the points"


def find_numbering(
    raw: NDArray[np.int64],
    missing: NDArray[np.bool_],
    n_samples: int,
    first_id: Literal[0, 1] | None,
    row_numbers: NDArray[np.int64] | None,
    points: NDArray[np.float32] | None,
    asked: Asked = ALL_POINTS,
) -> Numbering:
    """Try each numbering that no id contradicts, and take the one that gives the nearest neighbors.

    Without points, ids count from 1 if the smallest is at least 1 and the largest n_samples.
    """
    there = raw[~missing & (raw >= 0)]
    firsts = (0, 1) if first_id is None else (first_id,)
    if points is None or not there.size:
        one = row_numbers is None and there.size and there.min() >= 1 and there.max() == n_samples
        return Numbering(int(first_id if first_id is not None else bool(one)), n_samples, row_numbers)
    ways = [Numbering(first, n_samples, row_numbers, first_id is None) for first in firsts]
    if row_numbers is not None:  # who took the same rows himself counts those
        ways += [Numbering(first, n_samples, None, first_id is None) for first in firsts]
    rows = np.linspace(0, len(raw) - 1, min(_SAMPLED_ROWS, len(raw))).astype(np.int64)
    return min(ways, key=lambda way: _distance(way, rows, raw, missing, points, asked))


def _distance(
    way: Numbering,
    rows: NDArray[np.int64],
    raw: NDArray[np.int64],
    missing: NDArray[np.bool_],
    points: NDArray[np.float32],
    asked: Asked,
) -> tuple[float, float]:
    """How many ids are out of range, then how far the neighbors are: what is least is right."""
    ids = way.positions(raw[rows], missing[rows])
    inside = (ids >= 0) & (ids < way.n_samples)
    outside = int(np.count_nonzero(~inside & ~missing[rows]))
    at, column = np.nonzero(inside)
    far = asked.distances(points, rows[at], ids[at, column])
    return round(outside / ids.size, 2), float(far.mean()) if len(far) else np.inf
