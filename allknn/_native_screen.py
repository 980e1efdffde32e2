"""The compiled core's functions for screens of the exact join, typed as in ``_native.py``."""

import ctypes
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from allknn import _native_words
from allknn._arrays import Range, lists_of, points_of, read, written
from allknn._library import load

if TYPE_CHECKING:
    from allknn.exact.components import Components, Projections
    from allknn.exact.points import Lists, OrderedPoints
    from allknn.exact.screen import Screen


MOST_STAGES = 6
"""As in ``_core/api.hpp``."""
_POINTS_AT_ONCE = 4
"""As in ``_core/screen.hpp``."""


class _Screen(ctypes.Structure):
    _fields_ = (
        *((name, ctypes.c_void_p) for name in ("rows", "bias", "centers", "radii", "stages")),
        *((name, ctypes.c_int64) for name in ("n_stages", "width", "n_first")),
        ("words", _native_words.Words),
    )


def project(
    points: NDArray[np.float32],
    ids: NDArray[np.int32],
    components: "Components",
    rows: NDArray[np.float32],
    squared: NDArray[np.float32],
) -> None:
    """Write projections of the points ``ids``, (ids, width), and their squared distances from the mean."""
    width, n_features = components.directions.shape
    centered = np.empty((_POINTS_AT_ONCE, n_features))
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


def arrange_rows(
    projections: "Projections",
    order: NDArray[np.int32],
    n_features: int,
    stages: NDArray[np.int64],
    rows: NDArray[np.float32],
    off: NDArray[np.float32],
    bias: NDArray[np.float32],
) -> None:
    """Write projections in an order, how far off each may be, and the bias of each at each stage."""
    from_rows, squared = projections
    shape = len(order), from_rows.shape[1]
    if stages[-1] != shape[1] or not 1 <= len(stages) <= MOST_STAGES:
        raise ValueError(f"at most {MOST_STAGES} stages up to {shape[1]} are needed, got {stages}")
    load().arrange_rows(
        read(from_rows, np.float32, from_rows.shape),
        read(squared, np.float32, from_rows.shape[:1]),
        read(order, np.int32, order.shape),
        len(order),
        n_features,
        read(stages, np.int64, stages.shape),
        len(stages),
        written(rows, np.float32, shape),
        written(off, np.float32, order.shape),
        written(bias, np.float32, (len(order), len(stages))),
    )


def measure_nodes(
    rows: NDArray[np.float32], off: NDArray[np.float32], leaf_at: NDArray[np.int64], n_first: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the mean, (n_nodes, width), and the radius of each node of the tree over the first leaves.

    The leaves from ``n_first`` on, where there are any, are a tree of their own, whose nodes come after.
    """
    n_leaves, width = len(leaf_at) - 1, rows.shape[1]
    if not 1 <= n_first <= n_leaves:
        raise ValueError(f"the first tree has 1 to {n_leaves} leaves, got {n_first}")
    n_nodes = _n_nodes(n_leaves, n_first)
    centers, radii = np.empty((n_nodes, width)), np.empty(n_nodes)
    load().measure_nodes(
        read(rows, np.float32, rows.shape),
        read(off, np.float32, rows.shape[:1]),
        read(leaf_at, np.int64, leaf_at.shape),
        n_first,
        n_leaves,
        width,
        centers.ctypes.data,
        radii.ctypes.data,
    )
    return centers, radii


def _bytes_of(leaves: int, screen: "Screen") -> int:
    n_words = screen.words.rows.shape[1] if screen.words else 0
    needed: int = load().join_screened_bytes(leaves, screen.rows.shape[1], n_words)
    return needed


def join_memory(leaves: int, screen: "Screen") -> NDArray[np.uint8]:
    """Memory for joins of nodes of so many leaves."""
    return np.empty(_bytes_of(leaves, screen), np.uint8)


class Effort(NamedTuple):
    """What a join did."""

    tiles: int
    """Tiles begun."""
    columns: int
    """Columns that they added up, or words and what testing them took."""
    rows: int
    """Columns that single rows of a tile added up."""
    measured: int
    """Pairs of points that were measured."""
    compared: int
    """Pairs whose rows were compared, where words left them."""
    pairs: int
    """Pairs of points in the tiles."""


def join(
    points: "OrderedPoints",
    screen: "Screen",
    p: tuple[int, int],
    q: tuple[int, int],
    lists: "Lists",
    leaves: int,
    memory: NDArray[np.uint8],
) -> Effort:
    """Do as ``_native.join`` where bounds are known.

    ``p`` and ``q`` are ranges of leaves that are nodes of a tree, at most ``leaves`` each.
    """
    n_leaves = len(points.radii)
    for node in (p, q):
        if not is_node(node, screen.n_first, n_leaves) or node[1] - node[0] > leaves:
            raise ValueError(f"nodes of at most {leaves} of {n_leaves} leaves are needed, got {p} and {q}")
    if p != q and p[1] > q[0]:
        raise ValueError(f"nodes that are the same or apart, in order, are needed, got {p} and {q}")
    effort = np.empty(len(Effort._fields), np.int64)
    load().join_screened(
        ctypes.byref(points_of(points)),
        ctypes.byref(_screen(points, screen)),
        ctypes.byref(Range(*p)),
        ctypes.byref(Range(*q)),
        ctypes.byref(lists_of(points, lists)),
        leaves,
        effort.ctypes.data,
        written(memory, np.uint8, (_bytes_of(leaves, screen),)),
    )
    return Effort(*effort.tolist())


def bound_nearby(
    points: "OrderedPoints",
    screen: "Screen",
    leaves: tuple[int, int],
    n_nearby: int,
    k: int,
    kept: int,
    bounds: NDArray[np.float32],
) -> None:
    """Write at the positions of some leaves how near another must be to be among the k nearest.

    That is as near as the k-th of ``kept`` candidates, which look nearest among those in the ``n_nearby``
    nearest leaves; -inf where there are fewer.
    """
    n_leaves = len(points.radii)
    if not (0 <= leaves[0] <= leaves[1] <= n_leaves and 1 <= n_nearby <= n_leaves and 1 <= k <= kept):
        raise ValueError(f"got leaves {leaves} and {n_nearby} of {n_leaves}, and {k} of {kept} candidates")
    width = screen.rows.shape[1]
    memory = np.empty(load().bound_nearby_bytes(n_leaves, width, n_nearby, kept), np.uint8)
    load().bound_nearby(
        ctypes.byref(points_of(points)),
        ctypes.byref(_screen(points, screen)),
        ctypes.byref(Range(*leaves)),
        n_nearby,
        k,
        kept,
        written(bounds, np.float32, (len(points.order),)),
        memory.ctypes.data,
    )


def _screen(points: "OrderedPoints", screen: "Screen") -> _Screen:
    n, n_nodes, width = len(points.order), _n_nodes(len(points.radii), screen.n_first), screen.rows.shape[1]
    return _Screen(
        read(screen.rows, np.float32, (n, width)),
        read(screen.bias, np.float32, (n, len(screen.stages))),
        read(screen.centers, np.float64, (n_nodes, width)),
        read(screen.radii, np.float64, (n_nodes,)),
        read(screen.stages, np.int64, screen.stages.shape),
        len(screen.stages),
        width,
        screen.n_first,
        _native_words.words_of(screen.words, n) if screen.words else _native_words.Words(),
    )


def _n_nodes(n_leaves: int, n_first: int) -> int:
    return 2 * n_leaves - (1 if n_first == n_leaves else 2)


def is_node(leaves: tuple[int, int], n_first: int, n_leaves: int) -> bool:
    """Return whether a range of leaves is what halving the first ones, or the others, comes to."""
    first, stop = (0, n_first) if leaves[0] < n_first else (n_first, n_leaves)
    while (first, stop) != leaves and stop - first > 1:
        middle = first + (stop - first) // 2
        first, stop = (first, middle) if leaves[0] < middle else (middle, stop)
    return (first, stop) == leaves
