"""Distances as the judge measures them: float64, by direct difference of the float32 points."""

import numpy as np
from numpy.typing import NDArray

_BLOCK_BYTES = 1 << 21  # of float64 differences: they stay in the processor's cache


def squared_distances(
    points: NDArray[np.float32], rows: NDArray[np.integer], others: NDArray[np.integer]
) -> NDArray[np.float64]:
    """Measure the squared distance of each pair ``rows[i]``, ``others[i]``.

    Returns (len(rows),) float64. No term cancels, so the relative error is a few float64 roundings at any
    offset and any scale; the value of a pair depends neither on its order nor on its company.
    """
    squared = np.empty(len(rows))
    step = max(1, _BLOCK_BYTES // (8 * points.shape[1]))
    for start in range(0, len(rows), step):
        block = slice(start, start + step)
        difference = points[rows[block]].astype(np.float64)
        difference -= points[others[block]]
        np.einsum("ij,ij->i", difference, difference, out=squared[block])
    return squared


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
