"""Points in their order, leaf by leaf, and what of them is laid out for tiles."""

from functools import partial
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from allknn.compiled import compiled
from allknn.exact.tile import COLUMNS, ROWS

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
    """Room to work in: what a tile writes, and what a look along the line between two leaves finds."""

    values: NDArray[np.float32]
    """(ROWS * COLUMNS,)."""
    masks: NDArray[np.uint64]
    """(ROWS,)."""
    direction: NDArray[np.float32]
    """(n_features,): from one leaf to the other."""
    projections: NDArray[np.float32]
    """(COLUMNS,): of the points of one panel."""
    x_far: NDArray[np.float64]
    """(LEAF / ROWS,): how far each panel of the one leaf reaches, in the direction of the other."""
    y_near: NDArray[np.float64]
    """(LEAF / COLUMNS,): where each panel of the other begins."""
    x_loosest: NDArray[np.float32]
    """(LEAF / ROWS,): the least bound of each panel."""
    y_loosest: NDArray[np.float32]
    """(LEAF / COLUMNS,)."""
    looks: NDArray[np.int64]
    """(2,): how often it was looked, and how often with success."""

    @staticmethod
    def of(n_features: int) -> "Scratch":
        """Make room for points of so many features."""
        return Scratch(
            values=aligned(ROWS * COLUMNS),
            masks=np.zeros(ROWS, np.uint64),
            direction=aligned(n_features),
            projections=aligned(COLUMNS),
            x_far=np.zeros(LEAF // ROWS),
            y_near=np.zeros(LEAF // COLUMNS),
            x_loosest=np.zeros(LEAF // ROWS, np.float32),
            y_loosest=np.zeros(LEAF // COLUMNS, np.float32),
            looks=np.zeros(2, np.int64),
        )


def aligned(size: int) -> NDArray[np.float32]:
    """Memory that begins with a cache line, so that no vector crosses one."""
    room = np.empty(size + 16, np.float32)
    skipped = -room.ctypes.data % 64 // 4
    return room[skipped : skipped + size]


class Room(NamedTuple):
    """What one thread works in."""

    x: Side
    y: Side
    scratch: Scratch

    @staticmethod
    def of(leaves: int, n_features: int) -> "Room":
        """Room for so many leaves on both sides."""
        slots = leaves * LEAF
        x, y = (Side(aligned(slots * n_features), aligned(slots), aligned(slots)) for _ in range(2))
        return Room(x, y, Scratch.of(n_features))


@compiled
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


@compiled
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
    for f in range(n_features):
        side.panels[at + f * width] = np.float32((point[f] - center[f]) * cloud.scale)
    squared = squared_norm(side.panels[at : at + n_features * width : width])
    side.bias[slot] = above(floor - 0.5 * squared * (1 - share))


@partial(compiled, fastmath={"reassoc"})
def squared_norm(values: Any) -> float:
    """Sum of squares in float64, in whatever order is fast."""
    total = 0.0
    for value in values:
        total += np.float64(value) * np.float64(value)
    return total


@compiled
def leave_empty(cloud: Cloud, width: int, side: Side, slot: int) -> None:
    """Make a slot one that nothing is near to and that is near to nothing."""
    n_features = cloud.points.shape[1]
    at = slot // width * width * n_features + slot % width
    for f in range(n_features):
        side.panels[at + f * width] = 0
    side.bias[slot] = -np.inf
    side.bound[slot] = np.inf


@compiled
def above(value: float) -> Any:
    """Round to float32, never down."""
    rounded = np.float32(value)
    return rounded if rounded >= value else np.nextafter(rounded, np.float32(np.inf))


@compiled
def set_bounds(cloud: Cloud, first: int, stop: int, lists: Lists, side: Side) -> None:
    """Note for each slot how near another point must be to be among those kept."""
    for leaf in range(first, stop):
        begin = cloud.leaf_at[leaf]
        size = cloud.leaf_at[leaf + 1] - begin
        slots = (leaf - first) * LEAF
        for i in range(LEAF):
            side.bound[slots + i] = lists.nearness[begin + i, -1] if i < size else np.inf
