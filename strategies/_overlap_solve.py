"""A cluster solved exactly, what several clusters found for a point merged, and a round of refinement."""

from typing import Any

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


def solve(
    points: NDArray[np.float32], rows: NDArray[np.int32], k: int
) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.float64]]:
    """Join the points ``rows`` with themselves, in one thread.

    Returns the rows in another order and, of shape (rows, k), ids and squared distances of their nearest by
    (distance, id); -1 and inf where there are fewer.
    """
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
    return rows[cloud.order], ids, squared


@compiled
def merge(rows: Any, ids: Any, squared: Any, all_ids: Any, all_squared: Any) -> None:
    """Take what one cluster found for ``rows`` into what is known of all, nobody twice."""
    k = ids.shape[1]
    for i in range(len(rows)):
        known, lengths = all_ids[rows[i]], all_squared[rows[i]]
        for c in range(k):
            if ids[i, c] < 0 or squared[i, c] > lengths[k - 1]:
                break
            if not contains(known, ids[i, c]):
                enter(known, lengths, ids[i, c], squared[i, c])


@compiled
def contains(ids: Any, point: int) -> bool:
    """Whether a point is among some."""
    for i in range(len(ids)):  # noqa: SIM110 (it is compiled)
        if ids[i] == point:
            return True
    return False


def reversed_lists(ids: NDArray[np.int32]) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Of ``ids``, (n, k), who names each point: where that begins for each, (n + 1,), and who it is."""
    named = ids.ravel()
    order = np.argsort(named, kind="stable")
    order = order[np.searchsorted(named[order], 0) :]
    begin = np.searchsorted(named[order], np.arange(len(ids) + 1))
    return begin, (order // ids.shape[1]).astype(np.int32)


@compiled
def refine(
    points: Any,
    rows: Any,
    start: int,
    stop: int,
    old: Any,
    begin: Any,
    naming: Any,
    ids: Any,
    squared: Any,
) -> None:
    """Measure, for ``rows[start:stop]``, the neighbors of their neighbors and of who names them.

    As NN-descent does in a round (Dong, Moses and Li, WWW 2011). Reads the ids ``old``, writes ``ids``.
    """
    k = old.shape[1]
    seen = np.full(1 << 12, -1, np.int32)
    for at in range(start, stop):
        row = rows[at]
        known, lengths = ids[row], squared[row]
        seen[:] = -1
        named = min(begin[row + 1] - begin[row], k)
        for i in range(k + named):
            via = old[row, i] if i < k else naming[begin[row] + i - k]
            if via < 0:
                continue
            for c in range(-1, k):
                other = via if c < 0 else old[via, c]
                slot = (other * 2654435761) >> 7 & 4095
                if other < 0 or other == row or seen[slot] == other:
                    continue
                seen[slot] = other
                if contains(known, other):
                    continue
                length = squared_distance(points[row], points[other])
                if length <= lengths[k - 1]:
                    enter(known, lengths, other, length)
