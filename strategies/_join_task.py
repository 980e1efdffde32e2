"""What a Spark task of the exact join does: join two stretches of points, give back what it found for each.

It runs where this project need not be installed: the modules that it imports are shipped with it.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from strategies._join_cloud import Cloud, Lists, Room
from strategies._join_pairs import join
from strategies._join_schedule import leaves_in_cache, nearest_first


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
