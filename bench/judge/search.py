"""The nearest points of some rows, exactly: GEMM tiles rule out nearly all, float64 decides on the rest."""

import math
from collections import deque
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from bench.judge.bounds import Frame, Tile, as_candidates, as_queries, squared_from, thresholds
from bench.judge.distances import squared_distances

Pairs: TypeAlias = tuple[NDArray[np.int32], NDArray[np.int32]]
"""Rows of a block and positions among the candidates, one pair each."""

_QUERIES, _STRIP = 256, 2048  # one product: 2 MiB, compared while it lies in the cache
_SAMPLE_FACTOR = 96  # a survivor costs about so many times what a sampled candidate does
_SAMPLE_BYTES = 1 << 26
_USEFUL_SHARE = 0.125  # if fewer of the pairs let through are useful, float32 is too coarse for these points


@dataclass(frozen=True, slots=True)
class Candidates:
    """The points to search: all of them, or one of each group of equal ones."""

    points: NDArray[np.float32]
    chosen: NDArray[np.int32] | None
    """Ascending ids; None for all points."""
    frame: Frame

    def __len__(self) -> int:
        return len(self.points) if self.chosen is None else len(self.chosen)

    def ids(self, positions: NDArray[np.integer]) -> NDArray[np.integer]:
        """The points that stand at these positions."""
        return positions if self.chosen is None else self.chosen[positions]

    def placed(self, positions: slice | NDArray[np.integer]) -> NDArray[np.float64]:
        """Their coordinates in the frame."""
        which = positions if self.chosen is None else self.chosen[positions]
        return self.frame.place(self.points[which])


class BlockSearch:
    """Finds the ``n_nearest`` candidates of each row of a block; a row's own point is a candidate too.

    ``asking`` holds the rows: the points themselves, or queries.
    """

    def __init__(
        self,
        candidates: Candidates,
        asking: NDArray[np.float32],
        rows: NDArray[np.int64],
        n_nearest: int,
        pool: Executor,
        threads: int,
    ) -> None:
        self.candidates, self.asking, self.rows = candidates, asking, rows
        self.pool, self.threads = pool, threads
        self.best = np.full((len(rows), n_nearest), -1, np.int32)
        self.squared = np.full((len(rows), n_nearest), np.inf)
        self.placed = candidates.frame.place(asking[rows])
        self._set_limit(self._sampled_limit(n_nearest), np.float32)

    def run(self, most_pairs: int) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
        """Return (rows, n_nearest) positions and squared distances, by (distance, position).

        ``most_pairs`` bounds the memory: when so many pairs wait, they are measured before more are added.
        """
        starts = deque(range(0, len(self.candidates), _STRIP))
        pending: deque[Future[Pairs]] = deque()
        waiting: list[Pairs] = []
        room = most_pairs
        while starts or pending:
            while starts and len(pending) <= self.threads:
                pending.append(self.pool.submit(self._survivors, starts.popleft()))
            waiting.append(pending.popleft().result())
            room -= len(waiting[-1][0])
            if room < 0:
                self._measure_all(waiting)
                room = most_pairs
        self._measure_all(waiting)
        return self.best, self.squared

    def _set_limit(self, limit: NDArray[np.float64], dtype: type[np.floating]) -> None:
        """From now on, let through pairs that may lie within these squared distances."""
        self.limit = limit
        self.queries = as_queries(self.placed, dtype)
        self.thresholds = thresholds(self.placed, limit, self.candidates.frame.scale, dtype)[:, None]

    def _survivors(self, start: int) -> Pairs:
        """Pairs with one strip of candidates that the bound does not rule out."""
        queries, at_least = self.queries, self.thresholds
        placed = self.candidates.placed(slice(start, start + _STRIP))
        strip = as_candidates(placed, queries.dtype.type, nearest=True).T
        rows, positions = [], []
        for top in range(0, len(queries), _QUERIES):
            product = queries[top : top + _QUERIES] @ strip
            flat = np.flatnonzero(product >= at_least[top : top + _QUERIES])
            row, position = np.divmod(flat.astype(np.int32), np.int32(strip.shape[1]))
            rows.append(row + np.int32(top))
            positions.append(position + np.int32(start))
        return np.concatenate(rows), np.concatenate(positions)

    def _measure_all(self, waiting: list[Pairs]) -> None:
        """Measure the waiting pairs, keep each row's nearest, and lower the limit to those."""
        row, position = (np.concatenate([pair[side] for pair in waiting] or [_NONE]) for side in (0, 1))
        waiting.clear()
        squared = self._measure(row, position)
        useful = squared <= self.limit[row]
        coarse = np.count_nonzero(useful) < _USEFUL_SHARE * len(useful)
        self._keep(row[useful], position[useful], squared[useful])
        limit = np.minimum(self.limit, self.squared[:, -1])
        self._set_limit(limit, np.float64 if coarse else self.queries.dtype.type)

    def _measure(self, row: NDArray[np.int32], position: NDArray[np.int32]) -> NDArray[np.float64]:
        def part(start: int) -> NDArray[np.float64]:
            pairs = slice(start, start + step)
            ids = self.candidates.ids(position[pairs])
            return squared_distances(self.candidates.points, self.rows[row[pairs]], ids, self.asking)

        step = max(1, -(-len(row) // self.threads))
        return np.concatenate([np.empty(0), *self.pool.map(part, range(0, len(row), step))])

    def _keep(
        self, row: NDArray[np.int32], position: NDArray[np.int32], squared: NDArray[np.float64]
    ) -> None:
        """Merge measured pairs into the best so far, by (distance, position)."""
        filled = self.best >= 0
        row = np.concatenate([np.nonzero(filled)[0].astype(np.int32), row])
        position = np.concatenate([self.best[filled], position])
        squared = np.concatenate([self.squared[filled], squared])
        order = np.lexsort((position, squared, row))
        row = row[order]
        rank = np.arange(len(row)) - np.searchsorted(row, np.arange(len(self.best)))[row]
        chosen = rank < self.best.shape[1]
        at = row[chosen], rank[chosen]
        self.best[at] = position[order[chosen]]
        self.squared[at] = squared[order[chosen]]

    def _sampled_limit(self, n_nearest: int) -> NDArray[np.float64]:
        """Upper bounds of each row's ``n_nearest``-th squared distance, from a sample of the candidates."""
        balanced = math.isqrt(_SAMPLE_FACTOR * n_nearest * len(self.candidates))
        affordable = _SAMPLE_BYTES // (4 * self.placed.shape[1])
        size = min(len(self.candidates), max(min(balanced, affordable), 8 * n_nearest))
        sample = np.sort(np.random.default_rng(0).choice(len(self.candidates), size, replace=False))
        strips = [
            as_candidates(self.candidates.placed(sample[start : start + _STRIP]), np.float32, nearest=False).T
            for start in range(0, size, _STRIP)
        ]
        queries = as_queries(self.placed, np.float32)

        def limit(top: int) -> Tile:
            nearest = np.empty((len(queries[top : top + _QUERIES]), 0), np.float32)
            for strip in strips:
                nearest = np.hstack([nearest, queries[top : top + _QUERIES] @ strip])
                if nearest.shape[1] > n_nearest:
                    nearest = np.partition(nearest, -n_nearest, axis=1)[:, -n_nearest:]
            least: Tile = nearest.min(axis=1)
            return least

        products = np.concatenate(list(self.pool.map(limit, range(0, len(queries), _QUERIES))))
        return squared_from(products, self.placed, self.candidates.frame.scale)


_NONE = np.empty(0, np.int32)
