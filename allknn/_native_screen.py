"""The compiled core's functions for screens of the exact join, typed as in ``_native.py``."""

import ctypes
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from allknn._arrays import Range, lists_of, points_of, read, written
from allknn._library import load

if TYPE_CHECKING:
    from allknn.exact.components import Components
    from allknn.exact.points import Lists, OrderedPoints
    from allknn.exact.screen import Screen


class _Screen(ctypes.Structure):
    _fields_ = (
        *((name, ctypes.c_void_p) for name in ("rows", "bias", "centers", "radii")),
        ("width", ctypes.c_int64),
    )


def project(
    points: NDArray[np.float32],
    ids: NDArray[np.int32],
    components: "Components",
    rows: NDArray[np.float32],
    squared: NDArray[np.float32],
) -> None:
    """Write the projections of the points ``ids``, (ids, width), and how far each is from the mean, squared."""
    width, n_features = components.directions.shape
    centered = np.empty(n_features)
    load().project(
        read(points, np.float32, (len(points), n_features)),
        read(ids, np.int32, ids.shape),
        len(ids),
        n_features,
        read(components.mean, np.float64, (n_features,)),
        read(components.directions, np.float64, (width, n_features)),
        components.scale,
        width,
        centered.ctypes.data,
        written(rows, np.float32, (len(ids), width)),
        written(squared, np.float32, ids.shape),
    )


def select_columns(
    from_rows: NDArray[np.float32],
    squared: NDArray[np.float32],
    order: NDArray[np.int32],
    n_features: int,
    rows: NDArray[np.float32],
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Write projections in an order, cut to the width of ``rows``; return how far off they are and their biases."""
    off, bias = np.empty(len(order), np.float32), np.empty(len(order), np.float32)
    load().select_columns(
        read(from_rows, np.float32, from_rows.shape),
        from_rows.shape[1],
        read(squared, np.float32, from_rows.shape[:1]),
        read(order, np.int32, order.shape),
        len(order),
        n_features,
        rows.shape[1],
        written(rows, np.float32, (len(order), min(rows.shape[1], from_rows.shape[1]))),
        off.ctypes.data,
        bias.ctypes.data,
    )
    return off, bias


def measure_nodes(
    rows: NDArray[np.float32], off: NDArray[np.float32], leaf_at: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the mean, (n_nodes, width), and the radius of each node of the tree over the leaves."""
    n_leaves, width = len(leaf_at) - 1, rows.shape[1]
    centers, radii = np.empty((2 * n_leaves - 1, width)), np.empty(2 * n_leaves - 1)
    load().measure_nodes(
        read(rows, np.float32, rows.shape),
        read(off, np.float32, rows.shape[:1]),
        read(leaf_at, np.int64, leaf_at.shape),
        n_leaves,
        width,
        centers.ctypes.data,
        radii.ctypes.data,
    )
    return centers, radii


def join_memory(leaves: int, width: int) -> NDArray[np.uint8]:
    """Memory for joins of nodes of so many leaves."""
    return np.empty(load().join_screened_bytes(leaves, width), np.uint8)


def join(
    points: "OrderedPoints",
    screen: "Screen",
    p: tuple[int, int],
    q: tuple[int, int],
    lists: "Lists",
    leaves: int,
    memory: NDArray[np.uint8],
) -> int:
    """Do as ``_native.join`` where bounds are known; return how many pairs were looked at.

    ``p`` and ``q`` are ranges of leaves that are nodes of the tree, at most ``leaves`` each.
    """
    n_leaves, n = len(points.radii), len(points.order)
    for node in (p, q):
        if not is_node(node, n_leaves) or node[1] - node[0] > leaves:
            raise ValueError(f"nodes of at most {leaves} of {n_leaves} leaves are needed, got {p} and {q}")
    if p != q and p[1] > q[0]:
        raise ValueError(f"nodes that are the same or apart, in order, are needed, got {p} and {q}")
    width = screen.rows.shape[1]
    passed = _Screen(
        read(screen.rows, np.float32, (n, width)),
        read(screen.bias, np.float32, (n,)),
        read(screen.centers, np.float64, (2 * n_leaves - 1, width)),
        read(screen.radii, np.float64, (2 * n_leaves - 1,)),
        width,
    )
    pairs: int = load().join_screened(
        ctypes.byref(points_of(points)),
        ctypes.byref(passed),
        ctypes.byref(Range(*p)),
        ctypes.byref(Range(*q)),
        ctypes.byref(lists_of(points, lists)),
        leaves,
        written(memory, np.uint8, (load().join_screened_bytes(leaves, width),)),
    )
    return pairs


def is_node(leaves: tuple[int, int], n_leaves: int) -> bool:
    """Return whether a range of leaves is what halving all of them comes to."""
    first, stop = 0, n_leaves
    while (first, stop) != leaves and stop - first > 1:
        middle = first + (stop - first) // 2
        first, stop = (first, middle) if leaves[0] < middle else (middle, stop)
    return (first, stop) == leaves


def bound(points: "OrderedPoints", start: int, others: NDArray[np.int32], bounds: NDArray[np.float32]) -> None:
    """Write how near another has to be to be as near as the farthest of some ``others``, ids, (rows, k).

    For the positions from ``start`` on; -inf where one is -1.
    """
    if not 0 <= start <= start + len(others) <= len(points.order):
        raise ValueError(f"positions {start} to {start + len(others)}, allowed is 0 to {len(points.order)}")
    load().bound(
        ctypes.byref(points_of(points)),
        start,
        start + len(others),
        read(others, np.int32, others.shape),
        others.shape[1],
        written(bounds, np.float32, others.shape[:1]),
    )
