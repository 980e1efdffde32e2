"""The approximate join of all points by overlapping clusters.

_join_groups.py       equal points are joined once
_overlap_clusters.py  points -> clusters, each point in several
_overlap_solve.py     a cluster -> its points' neighbors within it; merged over clusters, refined
"""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from bench.strategy import Neighbors, Progress
from strategies import _join_groups, _overlap_clusters, _overlap_solve

_BLOCK_ROWS = 1 << 15


class Overlapping:
    """Points in overlapping clusters; ``run`` finds neighbors of each."""

    def __init__(
        self, points: NDArray[np.float32], cluster_rows: int, overlap: int, seed: int, threads: int
    ) -> None:
        self.details: dict[str, float | str] = {}
        self._threads = threads
        self._points = np.asarray(points)[:]
        self._points.flags.writeable = False
        self._groups = _join_groups.group(self._points)
        self._chosen = self._groups.first
        began = time.perf_counter()
        with ThreadPoolExecutor(threads) as pool:
            self._clusters = _overlap_clusters.gather(
                self._points, self._chosen, cluster_rows, overlap, seed, pool
            )
        sizes = np.diff(self._clusters.begin).astype(float)
        self.details["assign_seconds"] = time.perf_counter() - began
        self.details["clusters"] = float(len(sizes))
        self.details["largest_cluster"] = float(sizes.max())
        self.details["pairs_a_point"] = float((sizes**2).sum() / len(self._chosen))

    def run(self, k: int, *, refine: bool) -> Iterator[Neighbors | Progress]:
        """Yield progress while clusters are solved, then answers in blocks."""
        ids = np.full((len(self._points), k), -1, np.int32)
        squared = np.full((len(self._points), k), np.inf)
        began = time.perf_counter()
        with ThreadPoolExecutor(self._threads) as pool:
            yield from self._solved(k, ids, squared, pool)
            self.details["solve_seconds"] = time.perf_counter() - began
            if refine:
                began = time.perf_counter()
                self._refine(ids, squared, pool)
                self.details["refine_seconds"] = time.perf_counter() - began
        yield from self._answers(ids, squared, k)

    def _solved(
        self, k: int, ids: NDArray[np.int32], squared: NDArray[np.float64], pool: ThreadPoolExecutor
    ) -> Iterator[Progress]:
        """Solve the largest clusters first; merge as they come, in whatever order."""
        sizes = np.diff(self._clusters.begin)
        largest_first = np.argsort(-sizes, kind="stable").tolist()

        def solve(
            cluster: int,
        ) -> tuple[int, tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.float64]]]:
            return cluster, _overlap_solve.solve(self._points, self._clusters.of(cluster), k)

        pairs, done = float((sizes.astype(float) ** 2).sum()), 0.0
        for cluster, (rows, found, lengths) in pool.map(solve, largest_first):
            _overlap_solve.merge(rows, found, lengths, ids, squared)
            done += float(sizes[cluster]) ** 2
            yield Progress(done / pairs)

    def _refine(self, ids: NDArray[np.int32], squared: NDArray[np.float64], pool: ThreadPoolExecutor) -> None:
        old = ids.copy()
        begin, naming = _overlap_solve.reversed_lists(old)

        def refine(start: int) -> None:
            stop = min(start + _BLOCK_ROWS, len(self._chosen))
            _overlap_solve.refine(self._points, self._chosen, start, stop, old, begin, naming, ids, squared)

        list(pool.map(refine, range(0, len(self._chosen), _BLOCK_ROWS)))

    def _answers(self, ids: NDArray[np.int32], squared: NDArray[np.float64], k: int) -> Iterator[Neighbors]:
        for start in range(0, len(self._chosen), _BLOCK_ROWS):
            rows = self._chosen[start : start + _BLOCK_ROWS]
            found, lengths = ids[rows], squared[rows]
            if len(self._chosen) < len(self._points):
                rows, found, lengths = _join_groups.expanded(self._groups, rows, found, lengths, k)
            yield Neighbors(rows.astype(np.int64), found, np.sqrt(lengths).astype(np.float32))
