"""The approximate join in threads: give points to overlapping clusters, solve each, merge."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from allknn import _native
from allknn.answers import Block, Share
from allknn.approximate import clustering, solve
from allknn.exact import duplicates

_BLOCK_ROWS = 1 << 15


class Overlapping:
    """Points in overlapping clusters; ``run`` finds neighbors of each."""

    def __init__(
        self, points: NDArray[np.float32], cluster_rows: int, overlap: int, seed: int, threads: int
    ) -> None:
        self.details: dict[str, float | str] = {}
        self._threads = threads
        self._points = np.asarray(points, np.float32, order="C")[:]
        self._points.flags.writeable = False
        self._groups = duplicates.group(self._points)
        self._chosen = self._groups.first
        began = time.perf_counter()
        centroids, _ = clustering.find(self._points, self._chosen, cluster_rows, overlap, seed)
        self.details["centroids_seconds"] = time.perf_counter() - began
        began = time.perf_counter()
        with ThreadPoolExecutor(threads) as pool:
            clusters = clustering.gather(self._points, self._chosen, centroids, overlap, pool)
        most = clustering.most_rows(cluster_rows, overlap)
        self._clusters = [
            part
            for cluster in range(len(clusters.begin) - 1)
            for part in clustering.bounded(self._points, clusters.of(cluster), most)
        ]
        self._clusters.sort(key=len, reverse=True)
        self.details["assign_seconds"] = time.perf_counter() - began
        self.details["clusters"] = float(len(self._clusters))
        self.details["largest_cluster"] = float(len(self._clusters[0]))
        self.details["pairs_a_point"] = self._pairs() / len(self._chosen)

    def _pairs(self) -> float:
        return float(sum(len(cluster) ** 2 for cluster in self._clusters))

    def run(self, k: int) -> Iterator[Block | Share]:
        """Yield the share done while clusters are solved, then answers in blocks."""
        ids = np.full((len(self._points), k), -1, np.int32)
        distances = np.full((len(self._points), k), np.inf, np.float32)
        began = time.perf_counter()
        with ThreadPoolExecutor(self._threads) as pool:
            yield from self._solved(ids, distances, pool)
            self.details["solve_seconds"] = time.perf_counter() - began
        yield from self._answers(ids, distances)

    def _solved(
        self, ids: NDArray[np.int32], distances: NDArray[np.float32], pool: ThreadPoolExecutor
    ) -> Iterator[Share]:
        """Solve the largest clusters first; merge as they come."""

        def solved_cluster(cluster: NDArray[np.int32]) -> solve.Solved:
            return solve.solve(self._points, cluster, ids.shape[1])

        pairs, done = self._pairs(), 0.0
        for solved in pool.map(solved_cluster, self._clusters):
            _native.merge_answers(*solved, ids, distances)
            done += float(len(solved.rows)) ** 2
            yield done / pairs

    def _answers(self, ids: NDArray[np.int32], distances: NDArray[np.float32]) -> Iterator[Block]:
        for start in range(0, len(self._chosen), _BLOCK_ROWS):
            rows = self._chosen[start : start + _BLOCK_ROWS]
            yield answer(self._groups, rows, ids[rows], distances[rows])


def answer(
    groups: duplicates.Groups,
    rows: NDArray[np.int32],
    ids: NDArray[np.int32],
    distances: NDArray[np.float32],
) -> Block:
    """Answer ``rows``, the first of their groups, and all that are equal to them."""
    if len(groups.begin) > len(groups.members):
        return Block(rows.astype(np.int64), ids, distances)
    members, ids, lengths = duplicates.expanded(groups, rows, ids, distances, ids.shape[1])
    return Block(members.astype(np.int64), ids, lengths.astype(np.float32))
