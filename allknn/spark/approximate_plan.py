"""How the approximate join is cut into tasks: buckets in groups, rows in ranges."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from allknn.approximate.buckets import n_leaders
from allknn.approximate.leaders import LeaderTree
from allknn.spark import leaf_tasks
from allknn.spark.approximate_tasks import Plan

if TYPE_CHECKING:
    from allknn.exact.duplicates import Groups

_GROUPS_PER_SLOT = 12
_GROUP_BYTES = 1 << 29
"""Of points and their lists in a group's buckets, each counted as often as it is there, about twice."""
_RANGE_ROWS = 1 << 17
_RECORD_BYTES = 8 << 20
"""Of answers that a task sends at once."""
_RANGE_BYTES = 1 << 25
"""Of points that are given to buckets at once."""


def plan_tasks(
    load_core: Callable[[], None],
    load_points: Callable[[], NDArray[np.float32]],
    report: Callable[[float, float, int], tuple[Any, ...]],
    tree: LeaderTree,
    groups: "Groups",
    *,
    k: int,
    fan_out: int,
    leaf_size: int,
    seed: int,
    slots: int,
) -> Plan:
    """Put buckets that lie together into groups. ``slots`` is how many tasks run at a time."""
    range_rows, n, n_features = rows_of_answers(k), len(groups.first), tree.panels.shape[1]
    return Plan(
        load_core=load_core,
        load_points=load_points,
        report=report,
        join=leaf_tasks.Plan(
            k=k,
            n=n,
            fan_out=fan_out,
            leaf_size=leaf_size,
            seed=seed,
            round_number=0,
            groups=leaf_tasks.by_region(tree, n_groups(n, n_features, k, fan_out, slots)),
            range_rows=range_rows,
        ),
        n_ranges=-(-len(groups.members) // range_rows),
    )


def n_groups(n: int, n_features: int, k: int, fan_out: int, slots: int) -> int:
    """How many groups the buckets of n points are put into."""
    wanted = max(_GROUPS_PER_SLOT * slots, -(-n * fan_out * (4 * n_features + 8 * k) // _GROUP_BYTES))
    return min(n_leaders(n), wanted)


def rows_of_answers(k: int) -> int:
    """How many rows a range has whose answers are merged in one task."""
    return max(1, min(_RANGE_ROWS, _RECORD_BYTES // (8 * k)))


def rows_at_once(n_features: int) -> int:
    """How many points a task gives to buckets."""
    return max(1, min(_RANGE_ROWS, _RANGE_BYTES // (4 * n_features)))


def rows_to_assign(groups: "Groups", n_features: int) -> list[tuple[int, int, bytes]]:
    """Cut the first points of all groups into parts for ``assign``: from, to, and which where not all."""
    chosen, parts = groups.first, []
    everyone = len(chosen) == len(groups.members)
    size = rows_at_once(n_features)
    for start in range(0, len(chosen), size):
        rows = chosen[start : start + size]
        parts.append((start, start + len(rows), b"" if everyone else rows.tobytes()))
    return parts
