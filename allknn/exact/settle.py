"""From candidates to answers: measured in float64, sorted by (distance, id), proven or looked for anew."""

from typing import Any

import numpy as np

from allknn.compiled import compiled
from allknn.exact.bounds import least, nearest_possible
from allknn.exact.points import (
    LEAF,
    Cloud,
    Lists,
    Room,
    Scratch,
    Side,
    above,
    leave_empty,
    pack,
    place,
)
from allknn.exact.tile import COLUMNS, ROWS, lowest_bit, tile


@compiled
def settle(cloud: Cloud, lists: Lists, start: int, stop: int, ids: Any, squared: Any, unproven: Any) -> None:
    """Measure the candidates of positions ``start`` to ``stop`` and keep the nearest.

    Writes at these positions less ``start``: ``ids`` and ``squared``, (rows, k), by (distance, id), and
    ``unproven``, (rows,): whether a point not kept as a candidate may be as near as the last of them.
    """
    kept, k = lists.others.shape[1], ids.shape[1]
    everyone = kept == len(cloud.order) - 1
    ids[: stop - start], squared[: stop - start] = -1, np.inf
    for position in range(start, stop):
        row = position - start
        own = cloud.points[cloud.order[position]]
        for c in range(kept):
            point = cloud.order[lists.others[position, c]]
            enter(ids[row], squared[row], point, squared_distance(own, cloud.points[point]))
        nearest_left = -np.float64(lists.nearness[position, kept - 1])
        unproven[row] = not everyone and half_scaled(cloud, squared[row, k - 1]) >= nearest_left


@compiled
def half_scaled(cloud: Cloud, squared: float) -> float:
    """Half of a squared distance in the cloud's scale, not below the true one."""
    half: float = 0.5 * squared * cloud.scale * cloud.scale
    half *= 1 + cloud.points.shape[1] * 2.0**-51
    return half


@compiled
def squared_distance(one: Any, other: Any) -> float:
    """Sum of squared differences in float64, feature by feature."""
    total = 0.0
    for f in range(len(one)):
        difference = np.float64(one[f]) - np.float64(other[f])
        total += difference * difference
    return total


@compiled
def enter(ids: Any, squared: Any, point: int, length: float) -> None:
    """Put a point into a row of the nearest by (distance, id), if it is among them."""
    at = len(ids) - 1
    if length > squared[at] or (length == squared[at] and point > ids[at]):
        return
    while at > 0 and (squared[at - 1] > length or (squared[at - 1] == length and ids[at - 1] > point)):
        ids[at], squared[at] = ids[at - 1], squared[at - 1]
        at -= 1
    ids[at], squared[at] = point, length


@compiled
def search(cloud: Cloud, positions: Any, room: Room, ids: Any, squared: Any) -> None:
    """Look for the neighbors of some points, LEAF at most, among all, one leaf after the other.

    ``ids`` and ``squared``, (rows, k), hold as many points as near as ``settle`` found them, and are replaced
    by the nearest. Nothing is left out here but what is proven to be farther.
    """
    x, y, scratch = room
    k = ids.shape[1]
    n_features = cloud.points.shape[1]
    center = np.zeros(n_features)
    for position in positions:
        for f in range(n_features):
            center[f] += np.float64(cloud.points[cloud.order[position], f]) / len(positions)
    radius = 0.0
    for i in range(LEAF):
        if i < len(positions):
            place(cloud, positions[i], center, ROWS, x, i)
            x.bound[i] = below(-half_scaled(cloud, squared[i, k - 1]))
            radius = max(radius, squared_distance(cloud.points[cloud.order[positions[i]]], center))
        else:
            leave_empty(cloud, ROWS, x, i)
    radius = np.sqrt(radius) * (1 + 1e-9)
    ids[:], squared[:] = -1, np.inf
    y.bound[:] = np.inf
    for leaf in range(len(cloud.radii)):
        if nearest_possible(cloud, center, radius, leaf) < least(x.bound, 0, LEAF):
            continue
        pack(cloud, leaf, leaf + 1, center, COLUMNS, y)
        begin, size = cloud.leaf_at[leaf], cloud.leaf_at[leaf + 1] - cloud.leaf_at[leaf]
        for j in range(0, size, COLUMNS):
            for i in range(0, len(positions), ROWS):
                if tile(
                    x.panels,
                    i * n_features,
                    y.panels,
                    j * n_features,
                    n_features,
                    x.bias,
                    x.bound,
                    i,
                    y.bias,
                    y.bound,
                    j,
                    scratch.values,
                    scratch.masks,
                ):
                    measure_hits(cloud, positions, i, begin + j, x, scratch, ids, squared)


@compiled
def measure_hits(
    cloud: Cloud, positions: Any, i: int, begin: int, x: Side, scratch: Scratch, ids: Any, squared: Any
) -> None:
    """Measure what passed in a tile, and look for what is nearer than the best known from now on."""
    for r in range(ROWS):
        mask = scratch.masks[r]
        if mask == 0:
            continue
        while mask != 0:
            other = begin + lowest_bit(mask)
            mask &= mask - np.uint64(1)
            if other != positions[i + r]:
                point = cloud.order[other]
                length = squared_distance(cloud.points[cloud.order[positions[i + r]]], cloud.points[point])
                enter(ids[i + r], squared[i + r], point, length)
        if squared[i + r, -1] < np.inf:
            x.bound[i + r] = max(x.bound[i + r], below(-half_scaled(cloud, squared[i + r, -1])))


@compiled
def below(value: float) -> Any:
    """The next float32 below a value: what exceeds it is the value or more."""
    return np.nextafter(-above(-value), np.float32(-np.inf))
