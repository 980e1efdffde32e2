"""Two leaf ranges joined apart from all others: what a task of a cluster gets and gives back.

It runs where this project need not be installed: the modules that it imports are shipped with it.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from allknn.exact.points import Lists, OrderedPoints, Workspace
from allknn.exact.schedule import leaves_in_cache, nearest_first


class Work(NamedTuple):
    """Two ranges of positions; the second is empty where the first meets itself."""

    order: NDArray[np.int32]
    """(rows,): the points of both."""
    leaf_at: NDArray[np.int64]
    """(n_leaves + 1,): where in ``order`` each leaf begins."""
    centers: NDArray[np.float64]
    """(n_leaves, n_features): as in the whole set."""
    radii: NDArray[np.float64]
    """(n_leaves,)."""
    first: int
    """How many of the leaves are the first's."""
    bounds: NDArray[np.float32]
    """(rows,): how near another has to be to be of use."""
    kept: int
    """Candidates to keep for each point."""
    scale: float
    """Of the whole set."""


def work_of(
    points: OrderedPoints, ranges: list[tuple[int, int]], lists: Lists
) -> tuple[NDArray[np.int32], Work]:
    """Say what there is to do for two ranges of leaves, or for one that meets itself.

    Returns the positions in them and the work.
    """
    leaf_at = points.leaf_at
    positions = np.concatenate([np.arange(leaf_at[start], leaf_at[stop]) for start, stop in ranges])
    leaves = np.concatenate([np.arange(start, stop) for start, stop in ranges])
    return positions.astype(np.int32), Work(
        order=points.order[positions],
        leaf_at=np.append(0, np.diff(leaf_at)[leaves].cumsum()),
        centers=points.centers[leaves],
        radii=points.radii[leaves],
        first=ranges[0][1] - ranges[0][0],
        bounds=lists.nearness[positions, -1],
        kept=lists.nearness.shape[1],
        scale=points.scale,
    )


class Found(NamedTuple):
    """The candidates of all rows, row after row."""

    sizes: NDArray[np.int32]
    """(rows,): how many candidates each row has."""
    others: NDArray[np.int32]
    """(candidates,): places within ``Work.order``."""
    nearness: NDArray[np.float32]
    """(candidates,)."""
    pairs_computed: int


def find(points: NDArray[np.float32], work: Work) -> Found:
    """Join the ranges of one task in one thread."""
    points = np.asarray(points)[:]
    points.flags.writeable = False
    ordered = OrderedPoints(points, work.order, work.leaf_at, work.centers, work.radii, work.scale)
    lists = Lists.bounded_by(ordered, work.bounds, work.kept)
    n_leaves = len(ordered.radii)
    at_once = leaves_in_cache(points.shape[1])
    workspace = Workspace.of(min(at_once, n_leaves), points.shape[1])
    firsts, seconds = _cut(0, work.first, at_once), _cut(work.first, n_leaves, at_once)
    ranges = firsts + seconds
    meetings = nearest_first(ordered, ranges, between=len(firsts) if seconds else 0)
    computed = sum(workspace.join(ordered, ranges[p], ranges[q], lists) for p, q in meetings)
    held = lists.others >= 0
    return Found(held.sum(axis=1, dtype=np.int32), lists.others[held], lists.nearness[held], computed)


def _cut(start: int, stop: int, size: int) -> list[tuple[int, int]]:
    return [(begin, min(begin + size, stop)) for begin in range(start, stop, size)]
