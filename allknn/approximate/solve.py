"""A cluster solved exactly, and what several clusters found for a point merged."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from allknn.compiled import compiled
from allknn.exact.order import arrange_alone
from allknn.exact.pairs import join
from allknn.exact.points import Lists, Room
from allknn.exact.schedule import Schedule, leaves_in_cache
from allknn.exact.settle import enter, settle

_EXTRA = 2
"""Candidates kept beyond k: room for what float32 confuses."""


class Solved(NamedTuple):
    """What a cluster knows of its points."""

    rows: NDArray[np.int32]
    """(rows,)."""
    ids: NDArray[np.int32]
    """(rows, k): the nearest within the cluster by (distance, id), -1 where there are fewer."""
    distances: NDArray[np.float32]
    """(rows, k): Euclidean, inf where there are fewer."""


def solve(points: NDArray[np.float32], rows: NDArray[np.int32], k: int) -> Solved:
    """Join the points ``rows`` with themselves, in one thread; gives them back in another order."""
    own = points[rows]
    own.flags.writeable = False
    cloud = arrange_alone(own)
    kept = min(k + _EXTRA, len(rows) - 1)
    ids = np.full((len(rows), k), -1, np.int32)
    squared = np.full((len(rows), k), np.inf)
    if kept:
        shape = len(rows), kept
        lists = Lists(np.full(shape, -np.inf, np.float32), np.full(shape, -1, np.int32))
        schedule = Schedule(cloud, leaves_in_cache(own.shape[1]))
        room = Room.of(schedule.longest, own.shape[1])
        while pair := schedule.take():
            join(cloud, schedule.stretches[pair[0]], schedule.stretches[pair[1]], room, lists)
            schedule.finish(pair)
        wanted = min(k, kept)
        settle(
            cloud, lists, 0, len(rows), ids[:, :wanted], squared[:, :wanted], np.empty(len(rows), np.bool_)
        )
        ids = np.where(ids >= 0, rows[ids], np.int32(-1))
    return Solved(rows[cloud.order], ids, np.sqrt(squared).astype(np.float32))


@compiled
def merge(rows: Any, ids: Any, distances: Any, all_ids: Any, all_distances: Any) -> None:
    """Take what one cluster found into what is known at ``rows``, nobody twice, in whatever order."""
    k = ids.shape[1]
    for i in range(len(rows)):
        known, lengths = all_ids[rows[i]], all_distances[rows[i]]
        for c in range(k):
            if ids[i, c] < 0 or distances[i, c] > lengths[k - 1]:
                break
            if not contains(known, ids[i, c]):
                enter(known, lengths, ids[i, c], distances[i, c])


@compiled
def contains(ids: Any, point: int) -> bool:
    """Whether a point is among some."""
    for i in range(len(ids)):  # noqa: SIM110 (it is compiled)
        if ids[i] == point:
            return True
    return False
