"""The share of all pairs that the exact join would be left with, tried on a few leaves beforehand."""

from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from allknn import _native
from allknn.exact import components, order
from allknn.exact.join import EXTRA, FEWEST
from allknn.exact.points import Lists, OrderedPoints, Workspace
from allknn.exact.screen import Screen

_LEAVES = 32
_AROUND = 6 * _native.LEAF
"""Points around a leaf, at most, among which the bounds of its own are found."""
_SAMPLE = 4096
"""Points that the components are computed from."""


def share_left(
    points: NDArray[np.float32], ids: NDArray[np.int32], begin: NDArray[np.int64], k: int
) -> float:
    """Return what share of the time of all pairs the join takes, its bounds being known.

    ``ids``, (n,), are the rows of the points, in parts that lie together in space; ``begin``, (parts + 1,),
    says where each begins. A leaf is taken from each of 32 parts, or more where there are fewer.
    """
    rng = np.random.default_rng(0)
    own, tried = _some_leaves(points, ids, begin, rng)
    if len(tried) < 2:
        return 1.0
    some = points[np.concatenate((own, rng.choice(ids, min(_SAMPLE, len(ids)), replace=False)))]
    everyone = np.arange(len(own), dtype=np.int32)
    found = components.find(some, np.arange(len(own), len(some), dtype=np.int32))
    if found is None:
        return 1.0
    ordered = order.measured(some, everyone, found.scale)
    screen = Screen.of(components.project(some, everyone, found), everyone, ordered)
    bounds = np.zeros(len(own), np.float32)
    for leaf in tried:
        screen.bound(ordered, (leaf, leaf + 1), k + EXTRA, bounds)
    positions = np.concatenate(
        [np.arange(*ordered.leaf_at[leaf : leaf + 2], dtype=np.int32) for leaf in tried]
    )
    _, trial = screen.quickest_on(ordered, tried, positions, bounds[positions])
    if len(ids) >= FEWEST and trial.pays:
        return trial.spent / trial.everything
    return _share_of_pairs(ordered, tried, bounds, k)


def _some_leaves(
    points: NDArray[np.float32], ids: NDArray[np.int32], begin: NDArray[np.int64], rng: np.random.Generator
) -> tuple[NDArray[np.int32], list[int]]:
    """Return the rows of whole leaves, some around each of a few, and the numbers of these few."""
    sizes = np.diff(begin)
    n_parts = min(_LEAVES, int(np.count_nonzero(sizes)))
    cells: list[NDArray[np.int32]] = []
    tried: list[int] = []
    n_leaves = 0
    for part in rng.choice(len(sizes), n_parts, replace=False, p=sizes / len(ids)).tolist():
        cell = ids[begin[part] : begin[part + 1]].copy()
        while len(cell) > _AROUND:
            middle = _native.halve(points, cell, 0, len(cell))
            cell = cell[:middle] if rng.random() * len(cell) < middle else cell[middle:]
        _native.halve_all(points, cell, 0, len(cell))
        whole = len(cell) // _native.LEAF
        wanted = min(whole, -(-_LEAVES // n_parts))
        cells.append(cell[: whole * _native.LEAF])
        tried += (n_leaves + rng.choice(whole, wanted, replace=False)).tolist() if whole else []
        n_leaves += whole
    return np.concatenate(cells), sorted(tried)


def _share_of_pairs(ordered: OrderedPoints, tried: list[int], bounds: NDArray[np.float32], k: int) -> float:
    """Return the share of pairs that is computed without a screen."""
    lists = Lists.bounded_by(ordered, bounds, k + EXTRA)
    workspace = Workspace.of(1, ordered.points.shape[1])
    pairs = list(combinations(tried, 2))
    computed = sum(workspace.join(ordered, (p, p + 1), (q, q + 1), lists) for p, q in pairs)
    return computed / (len(pairs) * _native.LEAF**2)
