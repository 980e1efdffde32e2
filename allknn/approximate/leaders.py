"""Points drawn at random as leaders, in a tree by which the nearest of them are found."""

import math
from concurrent.futures import Executor
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from allknn import _native_leaves
from allknn._native_leaves import PANEL

BRANCHING = 32
"""Leaders below each one, about."""
BEAM = 8
"""Leaders below which is looked, at each level."""
ROWS_AT_ONCE = 1 << 13


class LeaderTree(NamedTuple):
    """Leaders in slots, level after level; below each, in whole panels, those found through it."""

    panels: NDArray[np.float32]
    """(n_slots / PANEL, n_features, PANEL): the leaders."""
    bias: NDArray[np.float32]
    """(n_slots,): 0; -inf where there is no leader."""
    below: NDArray[np.int64]
    """(n_slots + 1,): where the slots below each begin."""
    root: int
    """Slots of the first level."""
    n_levels: int
    last: int
    """The first slot of the last level."""

    @property
    def n_buckets(self) -> int:
        """Slots of the last level: some of them are empty."""
        return len(self.bias) - self.last


def plant(points: NDArray[np.float32], leaders: NDArray[np.int32]) -> LeaderTree:
    """Build the tree of the points in the rows ``leaders``, which are in random order.

    Each level is the beginning of the next one, so that to look for a leader's nearest costs the logarithm of
    their number.
    """
    n_levels = max(1, round(math.log(max(1, len(leaders))) / math.log(BRANCHING)))
    rows, _ = _level(np.zeros(_level_size(len(leaders), n_levels, 0), np.int64), leaders, 1)
    below = np.zeros(0, np.int64)
    begin = 0
    for level in range(1, n_levels):
        some = leaders[: _level_size(len(leaders), n_levels, level)]
        tree = _tree(points, rows, below, begin, level)
        parents = np.empty((len(some), 1), np.int32)
        for start in range(0, len(some), ROWS_AT_ONCE):
            here = slice(start, start + ROWS_AT_ONCE)
            _native_leaves.nearest_leaders(points, some[here], tree, BEAM, parents[here])
        n_parents = len(rows) - begin
        added, ends = _level(parents[:, 0].astype(np.int64) - begin, some, n_parents)
        below = np.concatenate((below, len(rows) + ends[:-1]))
        begin = len(rows)
        rows = np.concatenate((rows, added))
    return _tree(points, rows, below, begin, n_levels)


def _level_size(n_leaders: int, n_levels: int, level: int) -> int:
    return max(1, round(math.exp(math.log(n_leaders) * (level + 1) / n_levels)))


def _level(
    parents: NDArray[np.int64], leaders: NDArray[np.int32], n_parents: int
) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Put leaders into slots below their parents, whole panels for each; return their rows, -1 for none.

    Returns also where the slots of each parent begin, (n_parents + 1,).
    """
    sizes = np.bincount(parents, minlength=n_parents)
    begin = np.append(0, np.cumsum(-(-sizes // PANEL) * PANEL))
    order = np.argsort(parents, kind="stable")
    within = np.arange(len(order)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    rows = np.full(begin[-1], -1, np.int32)
    rows[begin[parents[order]] + within] = leaders[: len(parents)][order]
    return rows, begin


def _tree(
    points: NDArray[np.float32], rows: NDArray[np.int32], below: NDArray[np.int64], last: int, n_levels: int
) -> LeaderTree:
    leaders = points[rows]
    leaders[rows < 0] = 0
    panels = leaders.reshape(-1, PANEL, points.shape[1]).transpose(0, 2, 1).copy()
    bias = np.where(rows < 0, -np.inf, 0).astype(np.float32)
    below = np.append(below, np.full(len(rows) + 1 - len(below), len(rows)))
    root = int(below[0]) if n_levels > 1 else len(rows)
    return LeaderTree(panels, bias, below, root, n_levels, last)


def nearest(
    points: NDArray[np.float32], rows: NDArray[np.int32], tree: LeaderTree, fan_out: int, pool: Executor
) -> NDArray[np.int32]:
    """Return the buckets of each of ``rows``, the nearest first, -1 for none, (rows, fan_out)."""
    slots = np.empty((len(rows), fan_out), np.int32)

    def some(start: int) -> None:
        here = slice(start, start + ROWS_AT_ONCE)
        slots[here] = nearest_alone(points, rows[here], tree, fan_out)

    list(pool.map(some, range(0, len(rows), ROWS_AT_ONCE)))
    return slots


def nearest_alone(
    points: NDArray[np.float32], rows: NDArray[np.int32], tree: LeaderTree, fan_out: int
) -> NDArray[np.int32]:
    """Do as ``nearest``, in this thread."""
    slots = np.empty((len(rows), fan_out), np.int32)
    for start in range(0, len(rows), ROWS_AT_ONCE):
        here = slice(start, start + ROWS_AT_ONCE)
        _native_leaves.nearest_leaders(points, rows[here], tree, max(BEAM, fan_out), slots[here])
    return np.maximum(slots - tree.last, -1)
