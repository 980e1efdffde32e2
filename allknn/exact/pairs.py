"""Two stretches of ordered points joined: each pair of points computed once, offered to both."""

from typing import Any

import numpy as np

from allknn.compiled import compiled
from allknn.exact.bounds import least, look_along, nearest_possible, panels_are_apart, worth_a_look
from allknn.exact.points import LEAF, Cloud, Lists, Room, Scratch, Side, pack, set_bounds
from allknn.exact.tile import COLUMNS, ROWS, lowest_bit, tile


@compiled
def join(cloud: Cloud, p: tuple[int, int], q: tuple[int, int], room: Room, lists: Lists) -> int:
    """Offer each point of leaves ``p`` to each of leaves ``q``, and the other way round.

    ``p`` are the same leaves as ``q`` or lie before them. Nobody else may use their lists meanwhile. Returns
    how many tiles had to be computed.
    """
    x, y, scratch = room
    center = middle(cloud, p, q)
    scratch.looks[:] = 0
    pack(cloud, p[0], p[1], center, ROWS, x)
    pack(cloud, q[0], q[1], center, COLUMNS, y)
    set_bounds(cloud, p[0], p[1], lists, x)
    y = Side(y.panels, y.bias, x.bound if p[0] == q[0] else y.bound)  # of the same points there is one bound
    set_bounds(cloud, q[0], q[1], lists, y)
    tiles = 0
    if p[0] == q[0]:
        for step in range(p[1] - p[0]):  # each leaf with itself first: bounds are soon tight
            for a in range(p[0], p[1] - step):
                tiles += join_leaves(
                    cloud, a, a + step, a - p[0], a + step - q[0], center, x, y, lists, scratch
                )
    else:
        for a in range(p[0], p[1]):
            for b in range(q[0], q[1]):
                tiles += join_leaves(cloud, a, b, a - p[0], b - q[0], center, x, y, lists, scratch)
    return tiles


@compiled
def middle(cloud: Cloud, p: tuple[int, int], q: tuple[int, int]) -> Any:
    """A point amid the leaves: any would do, the nearer the less rounding."""
    center = np.zeros(cloud.centers.shape[1])
    for first, stop in (p, q):
        for leaf in range(first, stop):
            for f in range(len(center)):
                center[f] += cloud.centers[leaf, f] / (2 * (stop - first))
    return center


@compiled
def join_leaves(
    cloud: Cloud,
    a: int,
    b: int,
    x_leaf: int,
    y_leaf: int,
    center: Any,
    x: Side,
    y: Side,
    lists: Lists,
    scratch: Scratch,
) -> int:
    """Join leaves ``a`` and ``b``, numbers ``x_leaf`` of x and ``y_leaf`` of y, as far as they are near."""
    x_slots, y_slots = x_leaf * LEAF, y_leaf * LEAF
    looked = False
    if a != b:
        loosest = min(least(x.bound, x_slots, LEAF), least(y.bound, y_slots, LEAF))
        if nearest_possible(cloud, cloud.centers[a], cloud.radii[a], b) < loosest:
            return 0
        looked = loosest > -np.inf and worth_a_look(scratch)
        if looked and look_along(cloud, a, b, center, x_slots, y_slots, x, y, scratch):
            return 0
    n_features = cloud.points.shape[1]
    a_begin, b_begin = cloud.leaf_at[a], cloud.leaf_at[b]
    a_size, b_size = cloud.leaf_at[a + 1] - a_begin, cloud.leaf_at[b + 1] - b_begin
    tiles = 0
    for j in range(0, b_size, COLUMNS):
        for i in range(0, min(a_size, j + COLUMNS) if a == b else a_size, ROWS):
            if looked and panels_are_apart(scratch, i // ROWS, j // COLUMNS):
                continue
            tiles += 1
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
                exchange(a_begin + i, b_begin + j, row, column, x.bound, y.bound, lists, scratch)
    return tiles


@compiled
def exchange(
    first: int, second: int, row: int, column: int, x_bound: Any, y_bound: Any, lists: Lists, scratch: Scratch
) -> None:
    """Offer to each other what passed in a tile, of the points from ``first`` and from ``second`` on."""
    for r in range(ROWS):
        mask = scratch.masks[r]
        while mask != 0:
            c = lowest_bit(mask)
            mask &= mask - np.uint64(1)
            one, other = first + r, second + c
            if one >= other:
                continue  # a leaf meets itself: each pair is seen twice
            value = scratch.values[r * COLUMNS + c]
            if value > x_bound[row + r]:
                x_bound[row + r] = offer(lists, one, other, value)
            if value > y_bound[column + c]:
                y_bound[column + c] = offer(lists, other, one, value)


@compiled
def offer(lists: Lists, position: int, other: int, value: float) -> Any:
    """Put a point into a list in place of its farthest; return the nearness of who is the farthest now."""
    nearness, others = lists.nearness[position], lists.others[position]
    at = len(nearness) - 1
    while at > 0 and nearness[at - 1] < value:
        nearness[at], others[at] = nearness[at - 1], others[at - 1]
        at -= 1
    nearness[at], others[at] = value, other
    return nearness[-1]


@compiled
def merge(lists: Lists, positions: Any, sizes: Any, others: Any, nearness: Any) -> None:
    """Take in what was found elsewhere: for each of ``positions`` so many others, places among them."""
    at = 0
    for row in range(len(sizes)):
        position = positions[row]
        for c in range(at, at + sizes[row]):
            if nearness[c] > lists.nearness[position, -1]:
                offer(lists, position, positions[others[c]], nearness[c])
        at += sizes[row]
