"""Two stretches of ordered points joined: each pair of points computed once, offered to both."""

from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from strategies._join_tile import COLUMNS, ROWS, lowest_bit, tile

LEAF = 192
"""Points that lie together, at most: a multiple of any tile's rows and columns."""


class Cloud(NamedTuple):
    """The points in their order, leaf by leaf."""

    points: NDArray[np.float32]
    """(n_samples, n_features), read only."""
    order: NDArray[np.int32]
    """(n,): the point at each position."""
    leaf_at: NDArray[np.int64]
    """(n_leaves + 1,): the position where each leaf begins."""
    centers: NDArray[np.float64]
    """(n_leaves, n_features): means of the leaves."""
    radii: NDArray[np.float64]
    """(n_leaves,): no point of a leaf lies farther from its mean."""
    scale: float
    """A power of two that brings all distances below 4."""


class Lists(NamedTuple):
    """For each position the nearest others known, nearest first.

    A nearness is minus half the squared distance, scaled, and never underestimated.
    """

    nearness: NDArray[np.float32]
    """(n, kept), -inf where there is none yet."""
    others: NDArray[np.int32]
    """(n, kept): positions, -1 where there is none yet."""


class Side(NamedTuple):
    """Some leaves made ready for tiles, LEAF slots each."""

    panels: NDArray[np.float32]
    """Panels of so many points as a tile has rows or columns, feature by feature."""
    bias: NDArray[np.float32]
    """(slots,): minus half the squared norm, raised by all that rounding may take; -inf in empty slots."""
    bound: NDArray[np.float32]
    """(slots,): a nearness has to exceed it to be of use to a point; inf in empty slots."""


class Scratch(NamedTuple):
    """What a tile writes."""

    values: NDArray[np.float32]
    masks: NDArray[np.uint64]


def aligned(size: int) -> NDArray[np.float32]:
    """Memory that begins with a cache line, so that no vector crosses one."""
    room = np.empty(size + 16, np.float32)
    skipped = -room.ctypes.data % 64 // 4
    return room[skipped : skipped + size]


def scratch() -> Scratch:
    """Room for one tile."""
    return Scratch(aligned(ROWS * COLUMNS), np.zeros(ROWS, np.uint64))


@njit(nogil=True)  # type: ignore[untyped-decorator]  # numba has no types
def pack(cloud: Cloud, first: int, stop: int, center: Any, width: int, side: Side) -> None:
    """Put the points of leaves ``first`` to ``stop`` into panels of ``width``."""
    for leaf in range(first, stop):
        begin = cloud.leaf_at[leaf]
        size = cloud.leaf_at[leaf + 1] - begin
        for i in range(LEAF):
            slot = (leaf - first) * LEAF + i
            if i < size:
                place(cloud, begin + i, center, width, side, slot)
            else:
                leave_empty(cloud, width, side, slot)


@njit(nogil=True)  # type: ignore[untyped-decorator]  # as above
def place(cloud: Cloud, position: int, center: Any, width: int, side: Side, slot: int) -> None:
    """Center and scale a point into its slot of panels of ``width``, with its bias.

    The bias covers what float32 may underestimate a nearness by. With u = 2^-24 that is at most, as shares of
    the sum of both half squared norms: for the sum of n_features products and two biases 2(n_features + 2)u
    (Higham, Accuracy and Stability of Numerical Algorithms, 2002, section 3.1), for the biases' rounding u,
    for that of the coordinates 4u; and what underflows, a tiny number for each feature.
    """
    n_features = cloud.points.shape[1]
    share = 1.01 * (2 * n_features + 16) * 2.0**-24
    floor = n_features * 2.0**-123
    point = cloud.points[cloud.order[position]]
    at = slot // width * width * n_features + slot % width
    squared = 0.0
    for f in range(n_features):
        value = np.float32((point[f] - center[f]) * cloud.scale)
        side.panels[at + f * width] = value
        squared += np.float64(value) * np.float64(value)
    side.bias[slot] = above(floor - 0.5 * squared * (1 - share))


@njit(nogil=True)  # type: ignore[untyped-decorator]  # as above
def leave_empty(cloud: Cloud, width: int, side: Side, slot: int) -> None:
    """Make a slot one that nothing is near to and that is near to nothing."""
    n_features = cloud.points.shape[1]
    at = slot // width * width * n_features + slot % width
    for f in range(n_features):
        side.panels[at + f * width] = 0
    side.bias[slot] = -np.inf
    side.bound[slot] = np.inf


@njit(nogil=True)  # type: ignore[untyped-decorator]  # as above
def above(value: float) -> Any:
    """Round to float32, never down."""
    rounded = np.float32(value)
    return rounded if rounded >= value else np.nextafter(rounded, np.float32(np.inf))


@njit(nogil=True)  # type: ignore[untyped-decorator]  # as above
def set_bounds(cloud: Cloud, first: int, stop: int, lists: Lists, side: Side) -> None:
    """Note for each slot how near another point must be to be among those kept."""
    for leaf in range(first, stop):
        begin = cloud.leaf_at[leaf]
        size = cloud.leaf_at[leaf + 1] - begin
        slots = (leaf - first) * LEAF
        for i in range(LEAF):
            side.bound[slots + i] = lists.nearness[begin + i, -1] if i < size else np.inf


@njit(nogil=True)  # type: ignore[untyped-decorator]  # as above
def join(
    cloud: Cloud,
    p: tuple[int, int],
    q: tuple[int, int],
    x: Side,
    y: Side,
    lists: Lists,
    scratch: Scratch,
) -> int:
    """Offer each point of leaves ``p`` to each of leaves ``q``, and the other way round.

    The two are the same leaves or have none in common. Nobody else may use their lists meanwhile. ``x`` and
    ``y`` are room for p's and q's points. Returns how many pairs of leaves had to be looked at.
    """
    center = middle(cloud, p, q)
    pack(cloud, p[0], p[1], center, ROWS, x)
    pack(cloud, q[0], q[1], center, COLUMNS, y)
    set_bounds(cloud, p[0], p[1], lists, x)
    y_bound = x.bound if p[0] == q[0] else y.bound  # of the same points there is one bound
    y = Side(y.panels, y.bias, y_bound)
    set_bounds(cloud, q[0], q[1], lists, y)
    looked_at = 0
    if p[0] == q[0]:
        for step in range(p[1] - p[0]):  # each leaf with itself first: bounds are soon tight
            for a in range(p[0], p[1] - step):
                looked_at += join_leaves(cloud, a, a + step, a - p[0], a + step - q[0], x, y, lists, scratch)
    else:
        for a in range(p[0], p[1]):
            for b in range(q[0], q[1]):
                looked_at += join_leaves(cloud, a, b, a - p[0], b - q[0], x, y, lists, scratch)
    return looked_at


@njit(nogil=True)  # type: ignore[untyped-decorator]  # as above
def middle(cloud: Cloud, p: tuple[int, int], q: tuple[int, int]) -> Any:
    """A point amid the leaves: any would do, the nearer the less rounding."""
    center = np.zeros(cloud.centers.shape[1])
    for first, stop in (p, q):
        for leaf in range(first, stop):
            center += cloud.centers[leaf] / (2 * (stop - first))
    return center


@njit(nogil=True)  # type: ignore[untyped-decorator]  # as above
def nearest_possible(cloud: Cloud, center: Any, radius: float, leaf: int) -> float:
    """No point within ``radius`` of ``center`` is nearer to one of a leaf than this nearness."""
    squared = 0.0
    for f in range(len(center)):
        difference = center[f] - cloud.centers[leaf, f]
        squared += difference * difference
    gap = (np.sqrt(squared) * (1 - 1e-9) - radius - cloud.radii[leaf]) * cloud.scale
    return -0.5 * gap * gap * (1 - 1e-9) if gap > 0 else 0.0


@njit(nogil=True)  # type: ignore[untyped-decorator]  # as above
def join_leaves(
    cloud: Cloud, a: int, b: int, x_leaf: int, y_leaf: int, x: Side, y: Side, lists: Lists, scratch: Scratch
) -> int:
    """Join leaves ``a`` and ``b``, numbers ``x_leaf`` of x and ``y_leaf`` of y; 0 where they lie apart."""
    x_slots, y_slots = x_leaf * LEAF, y_leaf * LEAF
    loosest = min(x.bound[x_slots : x_slots + LEAF].min(), y.bound[y_slots : y_slots + LEAF].min())
    if a != b and nearest_possible(cloud, cloud.centers[a], cloud.radii[a], b) < loosest:
        return 0
    n_features = cloud.points.shape[1]
    a_begin, b_begin = cloud.leaf_at[a], cloud.leaf_at[b]
    a_size, b_size = cloud.leaf_at[a + 1] - a_begin, cloud.leaf_at[b + 1] - b_begin
    for j in range(0, b_size, COLUMNS):
        for i in range(0, min(a_size, j + COLUMNS) if a == b else a_size, ROWS):
            row, column = x_slots + i, y_slots + j
            if tile(
                x.panels,
                row * n_features,
                y.panels,
                column * n_features,
                n_features,
                x.bias,
                x.bound,
                row,
                y.bias,
                y.bound,
                column,
                scratch.values,
                scratch.masks,
            ):
                for r in range(ROWS):
                    mask = scratch.masks[r]
                    while mask != 0:
                        c = lowest_bit(mask)
                        mask &= mask - np.uint64(1)
                        if a == b and i + r >= j + c:
                            continue
                        value = scratch.values[r * COLUMNS + c]
                        if value > x.bound[row + r]:
                            x.bound[row + r] = offer(lists, a_begin + i + r, b_begin + j + c, value)
                        if value > y.bound[column + c]:
                            y.bound[column + c] = offer(lists, b_begin + j + c, a_begin + i + r, value)
    return 1


@njit(nogil=True)  # type: ignore[untyped-decorator]  # as above
def offer(lists: Lists, position: int, other: int, value: float) -> Any:
    """Put a point into a list in place of its farthest; return the nearness of who is the farthest now."""
    nearness, others = lists.nearness[position], lists.others[position]
    at = len(nearness) - 1
    while at > 0 and nearness[at - 1] < value:
        nearness[at], others[at] = nearness[at - 1], others[at - 1]
        at -= 1
    nearness[at], others[at] = value, other
    return nearness[-1]
