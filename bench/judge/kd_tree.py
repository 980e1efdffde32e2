"""What share of the points a kd-tree cannot skip: its leaves, and which of them a query's ball meets."""

import numpy as np
from numpy.typing import NDArray

_LEAF = 30
_SPREAD_FROM = 64  # points of a node that tell its widest side
_BLOCK = 1 << 20  # numbers at once


def tree_share(points: NDArray[np.float32], rows: NDArray[np.int64], radii: NDArray[np.float64]) -> float:
    """Average share of leaves of a kd-tree (Bentley 1975) that reach within ``radii`` of ``rows``.

    With the distance of its k-th neighbor as a row's radius, no search in that tree can look at less. The
    tree halves the widest side at the median, down to leaves of 30 to 60 points.
    """
    low, high = _boxes(points, _leaves(points))
    met = np.empty(len(rows))
    for i, (row, radius) in enumerate(zip(rows, radii, strict=True)):
        point = points[row]
        outside = np.maximum(low - point, point - high)
        np.maximum(outside, 0, out=outside)
        met[i] = np.mean(np.einsum("ij,ij->i", outside, outside, dtype=np.float64) <= radius**2)
    return float(met.mean())


def _leaves(points: NDArray[np.float32]) -> NDArray[np.int64]:
    """(leaves, points in each): ids; a few points are left out so that all leaves have one size."""
    n_samples = len(points)
    n_leaves = 1 << max(0, (n_samples // _LEAF).bit_length() - 1)
    ids = np.random.default_rng(0).permutation(n_samples)[: n_samples // n_leaves * n_leaves][None]
    while len(ids) < n_leaves:
        ids = np.concatenate([_halve(points, nodes) for nodes in _blocks(ids, points.shape[1])])
    return ids


def _blocks(nodes: NDArray[np.int64], n_features: int) -> list[NDArray[np.int64]]:
    numbers = nodes.shape[0] * max(nodes.shape[1], _SPREAD_FROM * n_features)
    return np.array_split(nodes, min(len(nodes), -(-numbers // _BLOCK)))


def _halve(points: NDArray[np.float32], nodes: NDArray[np.int64]) -> NDArray[np.int64]:
    """Cut each node at the median of its widest side: (2 nodes, half as many points)."""
    widest = np.ptp(points[nodes[:, :_SPREAD_FROM]], axis=1).argmax(axis=1)
    half = nodes.shape[1] // 2
    order = np.argpartition(points[nodes, widest[:, None]], half, axis=1)
    return np.take_along_axis(nodes, order, axis=1).reshape(-1, half)


def _boxes(
    points: NDArray[np.float32], leaves: NDArray[np.int64]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    low = np.empty((len(leaves), points.shape[1]), np.float32)
    high = np.empty_like(low)
    step = max(1, _BLOCK // (leaves.shape[1] * points.shape[1]))
    for start in range(0, len(leaves), step):
        block = points[leaves[start : start + step]]
        low[start : start + step], high[start : start + step] = block.min(axis=1), block.max(axis=1)
    return low, high
