"""What a Spark task of the exact join does: join two stretches of points, give back what it found for each.

It runs where this project need not be installed: the modules that it imports are shipped with it.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from strategies._join_cloud import LEAF, Cloud, Lists, Room
from strategies._join_order import measure
from strategies._join_pairs import join
from strategies._join_schedule import leaves_in_cache


class Work(NamedTuple):
    """Two stretches of positions; the second is empty where the first meets itself."""

    order: NDArray[np.int32]
    """(rows,): the points of both."""
    first: int
    """How many of them are the first's: whole leaves, if any follow."""
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
    cloud = _cloud(points, work)
    shape = len(work.order), work.kept
    lists = Lists(np.repeat(work.bounds, work.kept).reshape(shape), np.full(shape, -1, np.int32))
    n_leaves, middle = len(cloud.radii), -(-work.first // LEAF)
    at_once = leaves_in_cache(points.shape[1])
    room = Room.of(min(at_once, n_leaves), points.shape[1])
    tiles = 0
    for p in _cut(0, middle, at_once):
        for q in _cut(0, middle, at_once) if middle == n_leaves else _cut(middle, n_leaves, at_once):
            if p <= q:
                tiles += join(cloud, p, q, room, lists)
    found = lists.others >= 0
    return Found(found.sum(axis=1, dtype=np.int32), lists.others[found], lists.nearness[found], tiles)


def _cloud(points: NDArray[np.float32], work: Work) -> Cloud:
    points = np.asarray(points)[:]
    points.flags.writeable = False
    rows = len(work.order)
    starts = [*range(0, work.first, LEAF), *range(work.first, rows, LEAF), rows]
    leaf_at = np.array(starts, np.int64)
    centers, radii = np.empty((len(leaf_at) - 1, points.shape[1])), np.empty(len(leaf_at) - 1)
    measure(points, work.order, leaf_at, centers, radii)
    return Cloud(points, work.order, leaf_at, centers, radii, work.scale)


def _cut(start: int, stop: int, size: int) -> list[tuple[int, int]]:
    return [(begin, min(begin + size, stop)) for begin in range(start, stop, size)]
