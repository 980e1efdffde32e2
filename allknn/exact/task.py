"""Two leaf ranges joined apart from all others: what a task of a cluster gets and gives back.

It runs where this project need not be installed: the modules that it imports are shipped with it.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from allknn.exact.points import Lists, OrderedPoints, Workspace
from allknn.exact.schedule import leaves_in_cache, nearest_first, nodes_of
from allknn.exact.screen import Screen

Range = tuple[int, int]
"""Leaves from, to."""


class Work(NamedTuple):
    """Two ranges of leaves, which are the same where one meets itself."""

    p: Range
    q: Range
    bounds: NDArray[np.float32]
    """(rows of p and of q,): how near another has to be to be of use."""
    k: int
    """Neighbors that are asked for."""
    kept: int
    """Candidates to keep for each point."""


class Found(NamedTuple):
    """The candidates of all rows, row after row."""

    sizes: NDArray[np.int32]
    """(rows,): how many candidates each row has."""
    others: NDArray[np.int32]
    """(candidates,): places among the rows."""
    nearness: NDArray[np.float32]
    """(candidates,)."""
    bounds: NDArray[np.float32]
    """(rows,): how near another has to be to be of use, as was known before."""
    pairs_computed: int


def positions_of(ordered: OrderedPoints, p: Range, q: Range) -> NDArray[np.int32]:
    """Return the positions of the rows of two ranges, or of one where they are the same."""
    bounds = [ordered.leaf_at[list(leaves)] for leaves in dict.fromkeys((p, q))]
    return np.concatenate([np.arange(start, stop, dtype=np.int32) for start, stop in bounds])


def find(ordered: OrderedPoints, screen: Screen | None, work: Work) -> Found:
    """Join the ranges of one task in one thread."""
    p, q = work.p, work.q
    positions, bounds = positions_of(ordered, p, q), work.bounds
    if screen and p == q:
        nearby = np.empty(len(ordered.order), np.float32)
        screen.bound(ordered, p, work.k, nearby)
        bounds = np.maximum(bounds, nearby[positions])
    lists = Lists.at(ordered, positions, bounds, work.kept)
    computed = join_ranges(ordered, screen, p, q, lists)
    others, nearness = lists.others[positions], lists.nearness[positions]
    held = others >= 0
    found = others[held]
    start, second = (int(ordered.leaf_at[leaves[0]]) for leaves in (p, q))
    n_first = int(ordered.leaf_at[p[1]]) - start
    local = (
        np.where(found < start + n_first, found - start, found - second + n_first)
        if p != q
        else found - start
    )
    return Found(held.sum(axis=1, dtype=np.int32), local.astype(np.int32), nearness[held], bounds, computed)


def join_ranges(ordered: OrderedPoints, screen: Screen | None, p: Range, q: Range, lists: Lists) -> int:
    """Join two ranges of leaves, nodes where there is a screen; return how many pairs were computed."""
    width = (screen.rows if screen else ordered.points).shape[1]
    at_once = leaves_in_cache(width)
    firsts = nodes_of(*p, at_once)
    seconds = nodes_of(*q, at_once) if p != q else []
    ranges = firsts + seconds
    workspace = Workspace.of(max(stop - start for start, stop in ranges), width, screen)
    meetings = nearest_first(ordered, ranges, between=len(firsts) if seconds else 0)
    return sum(workspace.join(ordered, ranges[i], ranges[j], lists) for i, j in meetings)
