"""The library in one line: the k nearest other points of every point of an array."""

import os
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from allknn.answers import Block


def nearest_neighbors(
    points: ArrayLike,
    k: int,
    *,
    recall: float | None = None,
    n_jobs: int | None = None,
    random_state: int = 0,
) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """Find the k nearest other points of every point, by Euclidean distance.

    ``points``, (n_samples, n_features), are real numbers, taken as float32. Without ``recall`` the answer is
    that of a float64 brute force on these, ties by id. With it, between 0 and 1, the answer is approximate:
    the join by leaves goes on until the recall on rows drawn at random lies above it with 95 % confidence,
    and where that cannot be had in twelve rounds the answer is exact. ``n_jobs`` is the number of threads, as
    scikit-learn counts: None is 1, -1 is all cores. The answer is the same for any number of them.

    Returns indices and distances, (n_samples, k), nearest first, never the point itself. Raises ValueError
    where an argument is out of range or a value is not finite.

    >>> import allknn
    >>> indices, distances = allknn.nearest_neighbors([[0.0], [1.0], [3.0]], k=1)
    >>> indices.ravel().tolist(), distances.ravel().tolist()
    ([1, 0, 1], [1.0, 1.0, 2.0])
    """
    array = _checked(points)
    if not 1 <= k < len(array):
        raise ValueError(f"k must be at least 1 and below the number of points, {len(array)}, got {k}")
    if recall is not None and not 0 < recall < 1:
        raise ValueError(f"recall must be above 0 and below 1, or None for the exact answer, got {recall}")
    threads = _threads(n_jobs)
    if recall is not None:
        from allknn.approximate.leaf_join import LeafJoin
        from allknn.approximate.parameters import Parameters

        approximate = LeafJoin(array, Parameters(seed=random_state, recall=recall), threads)
        answer = _collected(approximate, len(array), k)
        if float(approximate.details.get("recall_at_least", 1.0)) >= recall:
            return answer
    from allknn.exact.join import Join

    return _collected(Join(array, threads), len(array), k)


def _collected(join: Any, n_samples: int, k: int) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    indices, distances = np.empty((n_samples, k), np.int32), np.empty((n_samples, k), np.float32)
    for block in join.run(k):
        if isinstance(block, Block):
            indices[block.rows], distances[block.rows] = block.indices, block.distances
    return indices, distances


def _checked(points: ArrayLike) -> NDArray[np.float32]:
    given = np.asarray(points)
    if given.ndim != 2 or 0 in given.shape:
        raise ValueError(f"points must have the shape (n_samples, n_features), got {given.shape}")
    if given.dtype.kind not in "fiub":
        raise ValueError(f"points must be real numbers, got {given.dtype}")
    with np.errstate(over="ignore"):
        array = np.ascontiguousarray(given, np.float32)
    if len(bad := np.flatnonzero(~np.isfinite(array).all(axis=1))):
        raise ValueError(f"points must be finite in float32: {len(bad)} rows are not, the first is {bad[0]}")
    return array


def _threads(n_jobs: int | None) -> int:
    if n_jobs == 0:
        raise ValueError("n_jobs must be None, at least 1, or negative to count from all cores, got 0")
    if n_jobs is None:
        return 1
    return n_jobs if n_jobs > 0 else max(1, len(os.sched_getaffinity(0)) + 1 + n_jobs)
