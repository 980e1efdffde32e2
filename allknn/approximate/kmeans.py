"""Centers held against points, and k-means by that."""

import numpy as np
from numpy.typing import NDArray

from allknn import _native

_ROUNDS = 10
_ROWS_AT_ONCE = 1 << 15
"""So that the GIL is taken, and Ctrl-C seen, some times a second."""


def kmeans(points: NDArray[np.float32], n_clusters: int, seed: int) -> NDArray[np.float32]:
    """Return ``n_clusters`` centroids after some rounds of Lloyd's algorithm, from points drawn at random.

    A centroid that no point is nearest to moves to the point that is farthest from its own.
    """
    start = np.random.default_rng(seed).choice(len(points), n_clusters, replace=False)
    centers = points[np.sort(start)]
    origin = points.mean(axis=0, dtype=np.float64).astype(np.float32)
    norms = ((points - origin).astype(np.float64) ** 2).sum(axis=1)
    rows = np.arange(len(points), dtype=np.int32)
    before = None
    for _ in range(_ROUNDS):
        nearest, values = (
            np.full((len(points), 1), -1, np.int32),
            np.full((len(points), 1), -np.inf, np.float32),
        )
        take_nearest(points, rows, origin, centers, 0, nearest, values)
        labels = nearest[:, 0]
        if before is not None and np.array_equal(labels, before):
            break
        before = labels
        centers = _means(points, labels, n_clusters)
        empty = np.flatnonzero(np.bincount(labels, minlength=n_clusters) == 0)
        if len(empty):
            farthest = np.argsort(2 * values[:, 0] - norms, kind="stable")
            centers[empty] = points[farthest[: len(empty)]]
    return centers


def _means(points: NDArray[np.float32], labels: NDArray[np.int32], n_clusters: int) -> NDArray[np.float32]:
    """The mean of each label's points, (n_clusters, n_features); 0 where there is none."""
    order = np.argsort(labels, kind="stable")
    begin = np.flatnonzero(np.diff(labels[order], prepend=-1))
    sums = np.add.reduceat(points[order], begin, axis=0, dtype=np.float64)
    means = np.zeros((n_clusters, points.shape[1]), np.float32)
    means[labels[order[begin]]] = sums / np.diff(np.append(begin, len(order)))[:, None]
    return means


def take_nearest(
    points: NDArray[np.float32],
    rows: NDArray[np.int32],
    origin: NDArray[np.float32],
    centers: NDArray[np.float32],
    first: int,
    nearest: NDArray[np.int32],
    values: NDArray[np.float32],
) -> None:
    """Do as ``_native.assign``, in blocks of rows."""
    for start in range(0, len(rows), _ROWS_AT_ONCE):
        some = rows[start : start + _ROWS_AT_ONCE]
        _native.assign(points, some, origin, centers, first, nearest, values)
