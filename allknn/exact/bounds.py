"""What need not be computed: bounds on how near the points of two leaves, or of two panels, can be."""

from typing import Any

import numpy as np

from allknn.compiled import compiled
from allknn.exact.points import Cloud, Scratch, Side
from allknn.exact.tile import COLUMNS, ROWS, project_columns, project_rows

_ROUNDING = 1 - 1e-9
_PATIENCE = 16
"""Looks for one success: fewer successes do not pay."""


@compiled
def nearest_possible(cloud: Cloud, center: Any, radius: float, leaf: int) -> float:
    """No point within ``radius`` of ``center`` is nearer to one of a leaf than this nearness."""
    squared = 0.0
    for f in range(len(center)):
        difference = center[f] - cloud.centers[leaf, f]
        squared += difference * difference
    return across((np.sqrt(squared) * _ROUNDING - radius - cloud.radii[leaf]) * cloud.scale)


@compiled
def across(gap: float) -> float:
    """The nearness of two points on both sides of a gap, at most."""
    return -0.5 * gap * gap * _ROUNDING if gap > 0 else 0.0


@compiled
def least(values: Any, start: int, size: int) -> Any:
    """The least of some values in a row."""
    found = values[start]
    for i in range(start + 1, start + size):
        found = min(found, values[i])
    return found


@compiled
def most(values: Any, size: int) -> Any:
    """The largest of the first values."""
    found = values[0]
    for i in range(1, size):
        found = max(found, values[i])
    return found


@compiled
def worth_a_look(scratch: Scratch) -> bool:
    """Whether looking along lines has spared enough so far."""
    return bool(scratch.looks[0] < _PATIENCE * (1 + scratch.looks[1]))


@compiled
def look_along(
    cloud: Cloud, a: int, b: int, middle: Any, x_slots: int, y_slots: int, x: Side, y: Side, scratch: Scratch
) -> bool:
    """Project the points of two leaves onto the line between them; True where that shows them to be apart.

    The distance of two points is at least that of their projections. A projection in float32 is off by at
    most (n_features + 3)u times the point's norm, which is at most 2 here (Higham, as in ``place``).
    """
    n_features = len(middle)
    length, own = 0.0, 0.0
    for f in range(n_features):
        step = np.float32((cloud.centers[b, f] - cloud.centers[a, f]) * cloud.scale)
        scratch.direction[f] = step
        length += np.float64(step) * np.float64(step)
        own += step * (cloud.centers[a, f] - middle[f]) * cloud.scale
    length = np.sqrt(length) / _ROUNDING
    scratch.looks[0] += 1
    if length < 2.0**-60:  # nothing to see, and what underflows could matter
        scratch.x_far[:], scratch.y_near[:] = np.inf, -np.inf
        return False
    off = (n_features + 3) * 2.0**-22
    loosest = np.inf
    size = cloud.leaf_at[b + 1] - cloud.leaf_at[b]
    for j in range(0, size, COLUMNS):
        project_columns(
            y.panels, (y_slots + j) * n_features, n_features, scratch.direction, scratch.projections
        )
        within = min(COLUMNS, size - j)
        scratch.y_near[j // COLUMNS] = least(scratch.projections, 0, within) / length - off
        scratch.y_loosest[j // COLUMNS] = least(y.bound, y_slots + j, within)
        loosest = min(loosest, scratch.y_loosest[j // COLUMNS])
    size = cloud.leaf_at[a + 1] - cloud.leaf_at[a]
    for i in range(0, size, ROWS):
        scratch.x_loosest[i // ROWS] = least(x.bound, x_slots + i, min(ROWS, size - i))
        loosest = min(loosest, scratch.x_loosest[i // ROWS])
    near = least(scratch.y_near, 0, -(-(cloud.leaf_at[b + 1] - cloud.leaf_at[b]) // COLUMNS))
    far = own / length + cloud.radii[a] * cloud.scale + off
    if across(near - far) < loosest:
        scratch.looks[1] += 1
        return True
    far = -np.inf
    for i in range(0, size, ROWS):
        project_rows(x.panels, (x_slots + i) * n_features, n_features, scratch.direction, scratch.projections)
        scratch.x_far[i // ROWS] = most(scratch.projections, min(ROWS, size - i)) / length + off
        far = max(far, scratch.x_far[i // ROWS])
    apart = bool(across(near - far) < loosest)
    scratch.looks[1] += apart
    return apart


@compiled
def panels_are_apart(scratch: Scratch, i: int, j: int) -> bool:
    """Whether the last look showed that no point of panel ``i`` and none of ``j`` can use the other."""
    loosest = min(scratch.x_loosest[i], scratch.y_loosest[j])
    return bool(across(scratch.y_near[j] - scratch.x_far[i]) < loosest)
