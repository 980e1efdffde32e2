"""Points given to overlapping clusters: each to the few whose centroids are nearest, none too large."""

import warnings
from concurrent.futures import Executor
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from strategies._join_compiled import compiled

SAMPLED_PER_CLUSTER = 40
_KMEANS_ROUNDS = 10
_ROWS_AT_ONCE = 4096
_MOST_ROUNDS = 8
CAP = 4
"""No cluster holds more than this many times what is to be expected."""


class Clusters(NamedTuple):
    """Which rows each cluster holds."""

    rows: NDArray[np.int32]
    """(n * overlap,): rows, cluster by cluster, ascending within each."""
    begin: NDArray[np.int64]
    """(n_clusters + 1,): where each cluster begins in ``rows``."""

    def of(self, cluster: int) -> NDArray[np.int32]:
        """Rows of a cluster."""
        return self.rows[self.begin[cluster] : self.begin[cluster + 1]]


def gather(
    points: NDArray[np.float32],
    chosen: NDArray[np.int32],
    cluster_rows: int,
    overlap: int,
    seed: int,
    pool: Executor,
) -> Clusters:
    """Give each of the ``chosen`` points to its ``overlap`` nearest clusters.

    Clusters are those of k-means on a sample, one for every ``cluster_rows`` points (as DiskANN divides what
    does not fit into memory: Subramanya et al., NeurIPS 2019, section 3.3). One that outgrows ``CAP`` times
    its share is replaced by several, found among its own points.
    """
    rng = np.random.default_rng(seed)
    n_clusters = max(1, round(len(chosen) / cluster_rows))
    overlap = min(overlap, n_clusters)
    sample = np.sort(rng.choice(chosen, min(len(chosen), SAMPLED_PER_CLUSTER * n_clusters), replace=False))
    centroids = _kmeans(points[sample], n_clusters, seed)
    nearest = assign(points, chosen, centroids, overlap, pool)
    most = CAP * overlap * cluster_rows
    for _ in range(_MOST_ROUNDS):
        sizes = np.bincount(nearest.ravel(), minlength=len(centroids))
        large = np.flatnonzero(sizes > most)
        if not len(large):
            break
        centroids = _split(points, chosen, nearest, centroids, large, cluster_rows * overlap, seed)
        again = np.flatnonzero(np.isin(nearest, large).any(axis=1))
        nearest[again] = assign(points, chosen[again], centroids, overlap, pool)
    return _halved(_listed(chosen, nearest, len(centroids)), points, most)


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


def assign(
    points: NDArray[np.float32],
    rows: NDArray[np.int32],
    centroids: NDArray[np.float32],
    overlap: int,
    pool: Executor,
) -> NDArray[np.int32]:
    """Numbers of the ``overlap`` nearest centroids of each row, (rows, overlap), nearest first."""
    from threadpoolctl import threadpool_limits

    nearest = np.empty((len(rows), overlap), np.int32)
    half_norms = 0.5 * (centroids.astype(np.float64) ** 2).sum(axis=1).astype(np.float32)

    def some(start: int) -> None:
        stop = start + _ROWS_AT_ONCE
        products = points[rows[start:stop]] @ centroids.T
        pick(products, half_norms, nearest[start:stop])

    with threadpool_limits(1):  # the threads are ours
        list(pool.map(some, range(0, len(rows), _ROWS_AT_ONCE)))
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


def _split(
    points: NDArray[np.float32],
    chosen: NDArray[np.int32],
    nearest: NDArray[np.int32],
    centroids: NDArray[np.float32],
    large: NDArray[np.intp],
    expected: int,
    seed: int,
) -> NDArray[np.float32]:
    """Centroids in which each of the ``large`` ones has moved, and others have joined it."""
    more = [centroids]
    centroids = centroids.copy()
    for cluster in large.tolist():
        rows = chosen[(nearest == cluster).any(axis=1)]
        parts = -(-len(rows) // expected)
        sample = rows[:: max(1, len(rows) // (SAMPLED_PER_CLUSTER * parts))]
        found = _kmeans(points[sample], parts, seed)
        centroids[cluster] = found[0]
        more.append(found[1:])
    return np.concatenate([centroids, *more[1:]])


def _listed(chosen: NDArray[np.int32], nearest: NDArray[np.int32], n_clusters: int) -> Clusters:
    order = np.argsort(nearest.ravel(), kind="stable")
    begin = np.searchsorted(nearest.ravel()[order], np.arange(n_clusters + 1))
    return Clusters(chosen[order // nearest.shape[1]], begin)


def _halved(clusters: Clusters, points: NDArray[np.float32], most: int) -> Clusters:
    """Cut what is still too large across its longest direction."""
    from strategies._join_order import halve

    rows, begin = clusters.rows.copy(), [0]
    for stop in clusters.begin[1:].tolist():
        waiting = [(begin[-1], stop)]
        while waiting:
            first, last = waiting.pop()
            if last - first > most:
                middle = halve(points, rows, first, last)
                waiting += [(middle, last), (first, middle)]
            else:
                begin.append(last)
    return Clusters(rows, np.array(begin))
