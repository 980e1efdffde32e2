"""Distances as the judge measures them: float64, by direct difference of the float32 points."""

import numpy as np
from numpy.typing import NDArray

_BLOCK_BYTES = 1 << 21  # of float64 differences: they stay in the processor's cache
_NORMS_AT_ONCE = 1 << 15


def squared_distances(
    points: NDArray[np.float32],
    rows: NDArray[np.integer],
    others: NDArray[np.integer],
    asking: NDArray[np.float32] | None = None,
) -> NDArray[np.float64]:
    """Measure the squared distance of each pair ``rows[i]`` of ``asking``, by default points, ``others[i]``.

    Returns (len(rows),) float64. No term cancels, so the relative error is a few float64 roundings at any
    offset and any scale; the value of a pair depends neither on its order nor on its company.
    """
    squared = np.empty(len(rows))
    step = max(1, _BLOCK_BYTES // (8 * points.shape[1]))
    for start in range(0, len(rows), step):
        block = slice(start, start + step)
        difference = (points if asking is None else asking)[rows[block]].astype(np.float64)
        difference -= points[others[block]]
        np.einsum("ij,ij->i", difference, difference, out=squared[block])
    return squared


def products(
    asking: NDArray[np.float32],
    points: NDArray[np.float32],
    rows: NDArray[np.integer],
    others: NDArray[np.integer],
) -> NDArray[np.float64]:
    """Measure the inner product of each pair ``rows[i]`` of ``asking``, ``others[i]`` of ``points``.

    Returns (len(rows),) float64: exact products of float32 values, summed in float64.
    """
    values = np.empty(len(rows))
    step = max(1, _BLOCK_BYTES // (8 * points.shape[1]))
    for start in range(0, len(rows), step):
        block = slice(start, start + step)
        one = asking[rows[block]].astype(np.float64)
        one *= points[others[block]]
        np.sum(one, axis=1, out=values[block])
    return values


def norms(points: NDArray[np.float32], center: NDArray[np.float64] | None = None) -> NDArray[np.float64]:
    """Measure each point's distance from the origin, or from ``center``: (n,) float64."""
    squared = np.empty(len(points))
    step = max(1, _BLOCK_BYTES // (8 * points.shape[1]))
    for start in range(0, len(points), step):
        block = points[start : start + step].astype(np.float64)
        if center is not None:
            block -= center
        np.einsum("ij,ij->i", block, block, out=squared[start : start + step])
    return np.sqrt(squared)


def mean_point(points: NDArray[np.float32]) -> NDArray[np.float64]:
    """Average the points: (d,) float64, summed in float64 block by block."""
    total = np.zeros(points.shape[1])
    step = max(1, _BLOCK_BYTES // (8 * points.shape[1]))
    for start in range(0, len(points), step):
        total += points[start : start + step].sum(axis=0, dtype=np.float64)
    return total / len(points)


def norms_of(points: NDArray[np.float32], ids: NDArray[np.integer]) -> NDArray[np.float64]:
    """Norms of a few of the points, each measured once: (len(ids),) float64."""
    unique, position = np.unique(ids, return_inverse=True)
    measured = np.empty(len(unique))
    for start in range(0, len(unique), _NORMS_AT_ONCE):
        part = slice(start, start + _NORMS_AT_ONCE)
        measured[part] = norms(points[unique[part]])
    return measured[position]
