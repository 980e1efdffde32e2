"""Two stretches of points joined apart from all others: what a task of a cluster gets and gives back.

It runs where this project need not be installed: the modules that it imports are shipped with it.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from allknn.exact.pairs import join
from allknn.exact.points import Cloud, Lists, Room
from allknn.exact.schedule import leaves_in_cache, nearest_first


class Work(NamedTuple):
    """Two stretches of positions; the second is empty where the first meets itself."""

    order: NDArray[np.int32]
    """(rows,): the points of both."""
    leaf_at: NDArray[np.int64]
    """(n_leaves + 1,): where in ``order`` each leaf begins."""
    centers: NDArray[np.float64]
    """(n_leaves, n_features): as in the whole cloud."""
    radii: NDArray[np.float64]
    """(n_leaves,)."""
    first: int
    """How many of the leaves are the first's."""
    bounds: NDArray[np.float32]
    """(rows,): how near another has to be to be of use."""
    kept: int
    """Candidates to keep for each point."""
    scale: float
    """Of the whole cloud."""


def work_of(cloud: Cloud, ranges: list[tuple[int, int]], lists: Lists) -> tuple[NDArray[np.int64], Work]:
    """Say what there is to do for two ranges of leaves, or for one that meets itself.

    Returns the positions in them and the work.
    """
    leaf_at = cloud.leaf_at
    positions = np.concatenate([np.arange(leaf_at[start], leaf_at[stop]) for start, stop in ranges])
    leaves = np.concatenate([np.arange(start, stop) for start, stop in ranges])
    return positions, Work(
        order=cloud.order[positions],
        leaf_at=np.append(0, np.diff(leaf_at)[leaves].cumsum()),
        centers=cloud.centers[leaves],
        radii=cloud.radii[leaves],
        first=ranges[0][1] - ranges[0][0],
        bounds=lists.nearness[positions, -1],
        kept=lists.nearness.shape[1],
        scale=cloud.scale,
    )


class Found(NamedTuple):
    """The candidates of all rows, row after row."""

    sizes: NDArray[np.int32]
    """(rows,): how many candidates each row has."""
    others: NDArray[np.int32]
    """(candidates,): places within ``Work.order``."""
    nearness: NDArray[np.float32]
    """(candidates,)."""
    tiles: int


def find(points: NDArray[np.float32], work: Work) -> Found:
    """Join the stretches of one task in one thread."""
    points = np.asarray(points)[:]
    points.flags.writeable = False
    cloud = Cloud(points, work.order, work.leaf_at, work.centers, work.radii, work.scale)
    shape = len(work.order), work.kept
    lists = Lists(np.repeat(work.bounds, work.kept).reshape(shape), np.full(shape, -1, np.int32))
    n_leaves = len(cloud.radii)
    at_once = leaves_in_cache(points.shape[1])
    room = Room.of(min(at_once, n_leaves), points.shape[1])
    firsts, seconds = _cut(0, work.first, at_once), _cut(work.first, n_leaves, at_once)
    parts = firsts + seconds
    meetings = nearest_first(cloud, parts, between=len(firsts) if seconds else 0)
    tiles = sum(join(cloud, parts[p], parts[q], room, lists) for p, q in meetings)
    found = lists.others >= 0
    return Found(found.sum(axis=1, dtype=np.int32), lists.others[found], lists.nearness[found], tiles)


def _cut(start: int, stop: int, size: int) -> list[tuple[int, int]]:
    return [(begin, min(begin + size, stop)) for begin in range(start, stop, size)]
