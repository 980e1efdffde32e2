"""The approximate join of all points by overlapping clusters, on one machine.

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


def compile_here(threads: int) -> None:
    """Join toy points, so that all of it is compiled."""
    toy = np.random.default_rng(0).random((600, 3), np.float32)
    list(Overlapping(toy, 64, 2, 0, threads).run(2, refine=True))


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
        centroids, _ = _overlap_clusters.find(self._points, self._chosen, cluster_rows, overlap, seed)
        self.details["centroids_seconds"] = time.perf_counter() - began
        began = time.perf_counter()
        with ThreadPoolExecutor(threads) as pool:
            clusters = _overlap_clusters.gather(self._points, self._chosen, centroids, overlap, pool)
        most = _overlap_clusters.most_rows(cluster_rows, overlap)
        self._clusters = [
            part
            for cluster in range(len(clusters.begin) - 1)
            for part in _overlap_clusters.bounded(self._points, clusters.of(cluster), most)
        ]
        self._clusters.sort(key=len, reverse=True)
        self.details["assign_seconds"] = time.perf_counter() - began
        self.details["clusters"] = float(len(self._clusters))
        self.details["largest_cluster"] = float(len(self._clusters[0]))
        self.details["pairs_a_point"] = self._pairs() / len(self._chosen)

    def _pairs(self) -> float:
        return float(sum(len(cluster) ** 2 for cluster in self._clusters))

    def run(self, k: int, *, refine: bool) -> Iterator[Neighbors | Progress]:
        """Yield progress while clusters are solved, then answers in blocks."""
        ids = np.full((len(self._points), k), -1, np.int32)
        distances = np.full((len(self._points), k), np.inf, np.float32)
        began = time.perf_counter()
        with ThreadPoolExecutor(self._threads) as pool:
            yield from self._solved(ids, distances, pool)
            self.details["solve_seconds"] = time.perf_counter() - began
            if refine:
                began = time.perf_counter()
                self._refine(ids, distances, pool)
                self.details["refine_seconds"] = time.perf_counter() - began
        yield from self._answers(ids, distances)

    def _solved(
        self, ids: NDArray[np.int32], distances: NDArray[np.float32], pool: ThreadPoolExecutor
    ) -> Iterator[Progress]:
        """Solve the largest clusters first; merge as they come."""

        def solve(cluster: NDArray[np.int32]) -> _overlap_solve.Solved:
            return _overlap_solve.solve(self._points, cluster, ids.shape[1])

        pairs, done = self._pairs(), 0.0
        for solved in pool.map(solve, self._clusters):
            _overlap_solve.merge(*solved, ids, distances)
            done += float(len(solved.rows)) ** 2
            yield Progress(done / pairs)

    def _refine(
        self, ids: NDArray[np.int32], distances: NDArray[np.float32], pool: ThreadPoolExecutor
    ) -> None:
        old, namers = ids.copy(), np.empty_like(ids)
        _overlap_solve.name_back(old, namers)

        def refine(start: int) -> None:
            rows = self._chosen[start : start + _BLOCK_ROWS]
            found = (
                np.empty((len(rows), ids.shape[1]), np.int32),
                np.empty((len(rows), ids.shape[1]), np.float32),
            )
            _overlap_solve.refine(self._points, rows, old, namers, *found)
            ids[rows], distances[rows] = found

        list(pool.map(refine, range(0, len(self._chosen), _BLOCK_ROWS)))

    def _answers(self, ids: NDArray[np.int32], distances: NDArray[np.float32]) -> Iterator[Neighbors]:
        for start in range(0, len(self._chosen), _BLOCK_ROWS):
            rows = self._chosen[start : start + _BLOCK_ROWS]
            yield answer(self._groups, rows, ids[rows], distances[rows])


def answer(
    groups: _join_groups.Groups,
    rows: NDArray[np.int32],
    ids: NDArray[np.int32],
    distances: NDArray[np.float32],
) -> Neighbors:
    """Answer ``rows``, the first of their groups, and all that are equal to them."""
    if len(groups.begin) > len(groups.members):
        return Neighbors(rows.astype(np.int64), ids, distances)
    members, ids, lengths = _join_groups.expanded(groups, rows, ids, distances, ids.shape[1])
    return Neighbors(members.astype(np.int64), ids, lengths.astype(np.float32))
