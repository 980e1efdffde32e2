"""Points given to overlapping clusters: each to the few whose centroids are nearest, none too large."""

from collections.abc import Iterator
from concurrent.futures import Executor
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from allknn import _native
from allknn.approximate.kmeans import kmeans, take_nearest

SAMPLED_PER_CLUSTER = 40
_FLAT = 1024
"""Clusters up to which each point is held against every one; more are found by way of cells."""
_CELLS_LOOKED_AT = 8
_ROWS_AT_ONCE = 1 << 15
_MOST_ROUNDS = 8
CAP = 4
"""No cluster holds more than this many times what is to be expected."""


class Centroids(NamedTuple):
    """Where the clusters are: in one cell, or in about the square root of their number."""

    centers: NDArray[np.float32]
    """(n_clusters, n_features), cell by cell."""
    begin: NDArray[np.int64]
    """(n_cells + 1,): where the centers of each cell begin."""
    cells: NDArray[np.float32]
    """(n_cells, n_features): where the cells are."""


class Clusters(NamedTuple):
    """Which rows each cluster holds."""

    rows: NDArray[np.int32]
    """(n * overlap,): rows, cluster by cluster, ascending within each."""
    begin: NDArray[np.int64]
    """(n_clusters + 1,): where each cluster begins in ``rows``."""

    def of(self, cluster: int) -> NDArray[np.int32]:
        """Rows of a cluster."""
        return self.rows[self.begin[cluster] : self.begin[cluster + 1]]


def most_rows(cluster_rows: int, overlap: int) -> int:
    """Points that a cluster may hold."""
    return CAP * overlap * cluster_rows


def find(
    points: NDArray[np.float32], chosen: NDArray[np.int32], cluster_rows: int, overlap: int, seed: int
) -> tuple[Centroids, NDArray[np.float64]]:
    """Find where the clusters of the ``chosen`` points are, each point in ``overlap`` of them.

    By k-means on a sample, one cluster for every ``cluster_rows`` points (as DiskANN divides what does not
    fit into memory: Subramanya et al., NeurIPS 2019, section 3.3). Where they are very many, the sample is
    divided into cells first, each into clusters then. A cluster that holds more than ``CAP`` times its share
    of the sample is replaced by several, found among its own points. Returns also how many points each is
    expected to hold.
    """
    rng = np.random.default_rng(seed)
    n_clusters = max(1, round(len(chosen) / cluster_rows))
    overlap = min(overlap, n_clusters)
    size = min(len(chosen), SAMPLED_PER_CLUSTER * n_clusters)
    sample = points[np.sort(rng.choice(chosen, size, replace=False))]
    each = np.float64(len(chosen) / size)
    found = _in_cells(sample, n_clusters, seed)
    for _ in range(_MOST_ROUNDS):
        nearest = assign(sample, found, overlap)
        sizes = each * np.bincount(nearest.ravel(), minlength=len(found.centers)).astype(np.float64)
        large = np.flatnonzero(sizes > most_rows(cluster_rows, overlap))
        if not len(large):
            break
        found = _split(sample, nearest, found, large, sizes / (overlap * cluster_rows), seed)
    return found, sizes


def _in_cells(sample: NDArray[np.float32], n_clusters: int, seed: int) -> Centroids:
    """So many centers, about."""
    if n_clusters <= _FLAT:
        centers = kmeans(sample, n_clusters, seed)
        return Centroids(centers, np.array([0, n_clusters]), centers.mean(axis=0, keepdims=True))
    n_cells = round(n_clusters**0.5)
    some = sample[:: max(1, len(sample) // (SAMPLED_PER_CLUSTER * n_cells))].copy()
    cells = kmeans(some, n_cells, seed)
    nearest = assign(sample, Centroids(cells, np.array([0, n_cells]), cells[:1]), 1)[:, 0]
    parts: list[NDArray[np.float32]] = []
    numbers = []
    for cell in range(n_cells):
        own = sample[nearest == cell]
        if len(own):
            parts.append(kmeans(own, max(1, round(len(own) / SAMPLED_PER_CLUSTER)), seed))
            numbers.append(cell)
    begin = np.append(0, np.cumsum([len(part) for part in parts]))
    return Centroids(np.concatenate(parts), begin, cells[numbers])


def _split(
    sample: NDArray[np.float32],
    nearest: NDArray[np.int32],
    found: Centroids,
    large: NDArray[np.intp],
    shares: NDArray[np.float64],
    seed: int,
) -> Centroids:
    """Replace each of the ``large`` clusters by several in the same cell, one a share."""
    replaced = {}
    for cluster in large.tolist():
        own = sample[(nearest == cluster).any(axis=1)]
        replaced[cluster] = kmeans(own, min(len(own), int(np.ceil(shares[cluster]))), seed)
    parts = [replaced.get(cluster, found.centers[[cluster]]) for cluster in range(len(found.centers))]
    begin = np.append(0, np.cumsum([len(part) for part in parts]))
    return found._replace(centers=np.concatenate(parts), begin=begin[found.begin])


def assign(points: NDArray[np.float32], to: Centroids, overlap: int) -> NDArray[np.int32]:
    """Numbers of the ``overlap`` nearest clusters of each point, (points, overlap), nearest first.

    Where there are many cells, those of the nearest few.
    """
    nearest = np.full((len(points), overlap), -1, np.int32)
    values = np.full((len(points), overlap), -np.inf, np.float32)
    everyone = np.arange(len(points), dtype=np.int32)
    origin = to.cells.mean(axis=0, dtype=np.float64).astype(np.float32)  # far from it, products say little
    if len(to.cells) == 1:
        take_nearest(points, everyone, origin, to.centers, 0, nearest, values)
        return nearest
    looked_at = min(len(to.cells), max(_CELLS_LOOKED_AT, overlap))
    in_cells = np.full((len(points), looked_at), -1, np.int32)
    lengths = np.full(in_cells.shape, -np.inf, np.float32)
    take_nearest(points, everyone, origin, to.cells, 0, in_cells, lengths)
    cells = listed(everyone, in_cells, len(to.cells))
    for cell, begin in enumerate(to.begin[:-1]):
        centers = to.centers[begin : to.begin[cell + 1]]
        take_nearest(points, cells.of(cell), origin, centers, int(begin), nearest, values)
    return nearest


def listed(rows: NDArray[Any], nearest: NDArray[np.int32], n_clusters: int) -> Clusters:
    """Turn the clusters of each row into the rows of each cluster."""
    flat = nearest.ravel()
    order = np.argsort(flat, kind="stable")
    begin = np.searchsorted(flat[order], np.arange(n_clusters + 1))
    return Clusters(rows[order // nearest.shape[1]], begin)


def gather(
    points: NDArray[np.float32], chosen: NDArray[np.int32], centroids: Centroids, overlap: int, pool: Executor
) -> Clusters:
    """Give each of the ``chosen`` points to its ``overlap`` nearest clusters."""
    overlap = min(overlap, len(centroids.centers))
    nearest = np.empty((len(chosen), overlap), np.int32)

    def some(start: int) -> None:
        rows = chosen[start : start + _ROWS_AT_ONCE]
        nearest[start : start + len(rows)] = assign(points[rows], centroids, overlap)

    list(pool.map(some, range(0, len(chosen), _ROWS_AT_ONCE)))
    return listed(chosen, nearest, len(centroids.centers))


def bounded(points: NDArray[np.float32], rows: NDArray[np.int32], most: int) -> Iterator[NDArray[np.int32]]:
    """Cut a cluster across its longest direction until no part is too large; few are."""
    rows = rows.copy()
    waiting = [(0, len(rows))]
    while waiting:
        first, last = waiting.pop()
        if last - first > most:
            middle = _native.halve(points, rows, first, last)
            waiting += [(middle, last), (first, middle)]
        elif last > first:
            yield np.sort(rows[first:last])
