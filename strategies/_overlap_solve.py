"""A cluster solved exactly, what several clusters found for a point merged, and a round of refinement."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from strategies._join_cloud import Lists, Room
from strategies._join_compiled import compiled
from strategies._join_exact import enter, settle, squared_distance
from strategies._join_order import arrange_alone
from strategies._join_pairs import join
from strategies._join_schedule import Schedule, leaves_in_cache

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


@compiled
def name_back(ids: Any, namers: Any) -> None:
    """Note for each point who names it in ``ids``, (n, k): the first k of them in ``namers``, (n, k)."""
    n, k = ids.shape
    known = np.zeros(n, np.int32)
    namers[:] = -1
    for row in range(n):
        for c in range(k):
            other = ids[row, c]
            if other >= 0 and known[other] < k:
                namers[other, known[other]] = row
                known[other] += 1


@compiled
def refine(points: Any, rows: Any, old: Any, namers: Any, ids: Any, distances: Any) -> None:
    """Find the nearest of ``rows`` among their neighbors, who names them, and the neighbors of all these.

    As NN-descent does in a round (Dong, Moses and Li, WWW 2011). ``old`` and ``namers``, (n, k), are of all
    points, ``ids`` and ``distances``, (rows, k), are written.
    """
    k = old.shape[1]
    seen = np.empty(1 << 12, np.int32)
    ids[:], distances[:] = -1, np.inf
    for i in range(len(rows)):
        seen[:] = -1
        for j in range(2 * k):
            via = old[rows[i], j] if j < k else namers[rows[i], j - k]
            if via < 0:
                continue
            for c in range(-1, k):
                other = via if c < 0 else old[via, c]
                slot = (other * 2654435761) >> 7 & 4095
                if other < 0 or other == rows[i] or seen[slot] == other:
                    continue
                seen[slot] = other
                if not contains(ids[i], other):
                    squared = squared_distance(points[rows[i]], points[other])
                    distance: Any = np.float32(np.sqrt(squared))
                    enter(ids[i], distances[i], other, distance)
