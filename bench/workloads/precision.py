"""Whether float32 keeps the points' neighbors: some points' neighbors before and after the conversion."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

NEIGHBORS = 10
_QUERIES = 64
_FEWEST_QUERIES = 8
_QUERIES_AT_FIRST = 16
"""How many points tell whether there is anything to doubt."""
_DEEP = 4 * NEIGHBORS
_SEED = 0
_WORK = 1e10
"""About how many products the search for the queries' neighbors may cost."""
_BLOCK_BYTES = 1 << 23
_HARMLESS = 1e-4
"""A point moved by less than this share of its neighbors' distance keeps its neighbors."""
_TIE = 1e-9


class Sampled:
    """Some rows before they became float32, and how far rows were moved by it."""

    def __init__(self) -> None:
        self.moved = 0.0
        """The largest distance between a row and what it became."""
        self.n = 0
        self.ids = np.empty(0, np.int64)
        self.rows: NDArray[Any] = np.empty((0, 0))
        self._numbers = np.empty(0)
        self._rng = np.random.Generator(np.random.Philox(key=_SEED))

    def add(self, wide: NDArray[Any], narrow: NDArray[np.float32]) -> None:
        """Take the next rows into account; the outcome does not depend on how they are cut into blocks."""
        if not len(wide):
            return
        with np.errstate(invalid="ignore", over="ignore"):
            lost = np.square(narrow - wide).sum(axis=1)
        self.moved = max(self.moved, float(np.sqrt(np.nanmax(lost, initial=0.0))))
        kept = len(self.ids)
        numbers = np.append(self._numbers, self._rng.random(len(wide)))
        chosen = np.arange(len(numbers))
        if len(numbers) > _QUERIES:
            chosen = np.sort(np.argpartition(numbers, _QUERIES - 1)[:_QUERIES])
        old, new = chosen[chosen < kept], chosen[chosen >= kept] - kept
        self.rows = np.concatenate([self.rows[old], wide[new]]) if kept else wide[new]
        self.ids = np.append(self.ids[old], new + self.n)
        self._numbers = numbers[chosen]
        self.n += len(wide)


@dataclass(frozen=True, slots=True)
class Kept:
    """How much of the sampled points' neighborhoods a conversion kept."""

    points: int
    """How many points were looked at."""
    changed: float
    """Share of their neighbors that are others than before."""
    merged: int
    """How many of them coincide with another point that was apart from them before."""


class Neighborhoods:
    """The neighbors of the sampled points among all rows, before these became float32."""

    def __init__(self, sampled: Sampled, n_features: int) -> None:
        most = int(np.clip(_WORK / (sampled.n * n_features), _FEWEST_QUERIES, _QUERIES))
        self.ids, self._rows = sampled.ids[:most], sampled.rows[:most]
        self._near = _Nearest(len(self.ids), min(_DEEP, sampled.n - 1))
        self._start = 0
        self._origin = self._rows[0]
        self._sum = np.zeros_like(self._origin)
        self._whole = True

    def add(self, wide: NDArray[Any]) -> None:
        """Look at the next rows; the outcome does not depend on how they are cut into blocks."""
        self._sum = np.add.accumulate(np.vstack([self._sum, wide - self._origin]), axis=0)[-1]
        self._whole = self._whole and bool(np.all(wide == np.rint(wide)))
        step = max(1, _BLOCK_BYTES // (wide.itemsize * max(1, wide.shape[1])))
        for start in range(0, len(wide), step):
            part = wide[start : start + step]
            squared = np.stack([np.square(part - row).sum(axis=1).astype(np.float64) for row in self._rows])
            self._near.add(squared, np.arange(self._start, self._start + len(part)), self.ids)
            self._start += len(part)

    @property
    def center(self) -> NDArray[Any]:
        """The mean of all rows, rounded to whole numbers where all values are whole."""
        mean: NDArray[Any] = self._origin + self._sum / self._start
        return np.rint(mean) if self._whole else mean

    def kept_by(self, path: Path, n: int, d: int, skipped: int) -> Kept:
        """Search the staged rows for the same points' neighbors, and compare."""
        found = nearest(path, n, d, skipped, self.ids)
        k = min(NEIGHBORS, self._near.squared.shape[1])
        changed = merged = total = 0
        for i in range(len(self.ids)):
            true = dict(zip(self._near.ids[i].tolist(), self._near.squared[i].tolist(), strict=True))
            limit = self._near.squared[i, k - 1] * (1 + _TIE)
            if self._near.squared[i, -1] <= limit < np.inf and len(true) > k:
                continue  # so many are equally far that any of them will do
            total += k
            changed += sum(true.get(other, np.inf) > limit for other in found.ids[i, :k].tolist())
            merged += bool(found.squared[i, 0] == 0 < self._near.squared[i, 0])
        return Kept(len(self.ids), changed / total if total else 0.0, merged)


class _Nearest:
    """The nearest of all rows seen to each of some points, by squared distance and then id."""

    def __init__(self, points: int, k: int) -> None:
        self._k = k
        self.squared = np.empty((points, 0))
        self.ids = np.empty((points, 0), np.int64)

    def add(self, squared: NDArray[np.float64], ids: NDArray[np.int64], own: NDArray[np.int64]) -> None:
        squared = np.where(ids == own[:, None], np.inf, squared)
        if squared.shape[1] > self._k:
            at = np.argpartition(squared, self._k - 1, axis=1)[:, : self._k]
            squared, numbers = np.take_along_axis(squared, at, 1), ids[at]
        else:
            numbers = np.broadcast_to(ids, squared.shape)
        squared, numbers = np.hstack([self.squared, squared]), np.hstack([self.ids, numbers])
        order = np.lexsort((numbers, squared), axis=1)[:, : self._k]
        self.squared = np.take_along_axis(squared, order, 1)
        self.ids = np.take_along_axis(numbers, order, 1)


def is_doubtful(sampled: Sampled, path: Path, n: int, d: int, skipped: int) -> bool:
    """Whether rows were moved by so much of their neighbors' distance that these may be others now."""
    if not sampled.moved or n < 2:
        return False
    most = int(np.clip(_WORK / (n * d), _FEWEST_QUERIES, _QUERIES_AT_FIRST))
    found = nearest(path, n, d, skipped, sampled.ids[:most])
    near = np.sqrt(found.squared[:, min(NEIGHBORS, found.squared.shape[1]) - 1])
    return bool(2 * sampled.moved > _HARMLESS * np.quantile(near, 0.05))


def nearest(path: Path, n: int, d: int, skipped: int, ids: NDArray[np.int64]) -> _Nearest:
    """The nearest staged rows to those with some ids, by direct differences of what products bring near."""
    blocks = list(_blocks(n, d))
    with path.open("rb") as file:
        queries = np.concatenate([_read(file, skipped, d, int(i), 1) for i in ids]).astype(np.float64)
        middle = queries.mean(axis=0)
        centered = queries - middle
        norms = np.square(centered).sum(axis=1)
        found = _Nearest(len(ids), min(NEIGHBORS, n - 1))
        for start, rows in blocks:
            raw = _read(file, skipped, d, start, rows).astype(np.float64)
            part = raw - middle
            rough = norms[:, None] + np.square(part).sum(axis=1) - 2 * centered @ part.T
            deep = min(_DEEP, rows)
            at = np.argpartition(rough, deep - 1, axis=1)[:, :deep]
            squared = np.full(rough.shape, np.inf)
            for i, near in enumerate(at):
                squared[i, near] = np.square(raw[near] - queries[i]).sum(axis=1)
            found.add(squared, np.arange(start, start + rows), ids)
    return found


def _blocks(n: int, d: int) -> Iterator[tuple[int, int]]:
    step = max(1, _BLOCK_BYTES // (8 * d))
    for start in range(0, n, step):
        yield start, min(step, n - start)


def _read(file: Any, skipped: int, d: int, start: int, rows: int) -> NDArray[np.float32]:
    file.seek(skipped + 4 * d * start)
    return np.frombuffer(file.read(4 * d * rows), np.float32).reshape(rows, d)
