"""Points given to overlapping clusters: each to the few whose centroids are nearest, none too large."""

import warnings
from collections.abc import Iterator
from concurrent.futures import Executor
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from strategies._join_compiled import compiled

SAMPLED_PER_CLUSTER = 40
_KMEANS_ROUNDS = 10
_ROWS_AT_ONCE, _PRODUCTS = 4096, 1 << 21
"""Products of points with centroids that are held at a time."""
_MOST_ROUNDS = 8
CAP = 4
"""No cluster holds more than this many times what is to be expected."""


class Centroids(NamedTuple):
    """Where the clusters are."""

    centers: NDArray[np.float32]
    """(n_clusters, n_features)."""
    sizes: NDArray[np.float64]
    """(n_clusters,): points that each is expected to hold."""


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
) -> Centroids:
    """Find where the clusters of the ``chosen`` points are, each point in ``overlap`` of them.

    By k-means on a sample, one cluster for every ``cluster_rows`` points (as DiskANN divides what does not
    fit into memory: Subramanya et al., NeurIPS 2019, section 3.3). One that holds more than ``CAP`` times its
    share of the sample is replaced by several, found among its own points.
    """
    rng = np.random.default_rng(seed)
    n_clusters = max(1, round(len(chosen) / cluster_rows))
    overlap = min(overlap, n_clusters)
    size = min(len(chosen), SAMPLED_PER_CLUSTER * n_clusters)
    sample = points[np.sort(rng.choice(chosen, size, replace=False))]
    each = np.float64(len(chosen) / size)
    centers = _kmeans(sample, n_clusters, seed)
    nearest = assign(sample, centers, overlap)
    for _ in range(_MOST_ROUNDS):
        sizes = each * np.bincount(nearest.ravel(), minlength=len(centers))
        large = np.flatnonzero(sizes > most_rows(cluster_rows, overlap))
        if not len(large):
            break
        centers = _split(sample, nearest, centers, large, sizes / (overlap * cluster_rows), seed)
        again = np.flatnonzero(np.isin(nearest, large).any(axis=1))
        nearest[again] = assign(sample[again], centers, overlap)
    sizes = np.bincount(nearest.ravel(), minlength=len(centers)).astype(np.float64)
    return Centroids(centers, each * sizes)


def _kmeans(points: NDArray[np.float32], n_clusters: int, seed: int) -> NDArray[np.float32]:
    """Centroids, in one thread: several would add up in an order of their own."""
    from sklearn.cluster import KMeans
    from sklearn.exceptions import ConvergenceWarning
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1), warnings.catch_warnings(action="ignore", category=ConvergenceWarning):
        found = KMeans(n_clusters, init="random", n_init=1, max_iter=_KMEANS_ROUNDS, random_state=seed).fit(
            points
        )
    centroids: NDArray[np.float32] = found.cluster_centers_.astype(np.float32)
    return centroids


def _split(
    sample: NDArray[np.float32],
    nearest: NDArray[np.int32],
    centers: NDArray[np.float32],
    large: NDArray[np.intp],
    shares: NDArray[np.float64],
    seed: int,
) -> NDArray[np.float32]:
    """Centers in which each of the ``large`` ones has moved and others have joined it, one a share."""
    centers, more = centers.copy(), []
    for cluster in large.tolist():
        own = sample[(nearest == cluster).any(axis=1)]
        found = _kmeans(own, min(len(own), int(np.ceil(shares[cluster]))), seed)
        centers[cluster] = found[0]
        more.append(found[1:])
    return np.concatenate([centers, *more])


def assign(points: NDArray[np.float32], centers: NDArray[np.float32], overlap: int) -> NDArray[np.int32]:
    """Numbers of the ``overlap`` nearest centers of each point, (points, overlap), nearest first."""
    from threadpoolctl import threadpool_limits

    nearest = np.empty((len(points), overlap), np.int32)
    half_norms = 0.5 * (centers.astype(np.float64) ** 2).sum(axis=1).astype(np.float32)
    at_once = max(64, min(_ROWS_AT_ONCE, _PRODUCTS // len(centers)))
    with threadpool_limits(1):  # a product's last bit may depend on them
        for start in range(0, len(points), at_once):
            products = points[start : start + at_once] @ centers.T
            pick(products, half_norms, nearest[start : start + at_once])
    return nearest


@compiled
def pick(products: Any, half_norms: Any, nearest: Any) -> None:
    """Note the centroids of the largest ``products`` less ``half_norms``; of equal ones the first."""
    overlap = nearest.shape[1]
    values = np.empty(overlap, np.float32)
    for i in range(len(products)):
        values[:] = -np.inf
        for c in range(len(half_norms)):
            value = products[i, c] - half_norms[c]
            if value > values[overlap - 1]:
                at = overlap - 1
                while at > 0 and values[at - 1] < value:
                    values[at], nearest[i, at] = values[at - 1], nearest[i, at - 1]
                    at -= 1
                values[at], nearest[i, at] = value, c


def listed(rows: NDArray[np.int32], nearest: NDArray[np.int32], n_clusters: int) -> Clusters:
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
        nearest[start : start + len(rows)] = assign(points[rows], centroids.centers, overlap)

    list(pool.map(some, range(0, len(chosen), _ROWS_AT_ONCE)))
    return listed(chosen, nearest, len(centroids.centers))


def bounded(points: NDArray[np.float32], rows: NDArray[np.int32], most: int) -> Iterator[NDArray[np.int32]]:
    """Cut a cluster across its longest direction until no part is too large; few are."""
    from strategies._join_order import halve

    rows = rows.copy()
    waiting = [(0, len(rows))]
    while waiting:
        first, last = waiting.pop()
        if last - first > most:
            middle = halve(points, rows, first, last)
            waiting += [(middle, last), (first, middle)]
        elif last > first:
            yield np.sort(rows[first:last])
