"""A cluster solved exactly, in one thread."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from allknn import _native
from allknn.exact.order import arrange_alone
from allknn.exact.points import Lists, Workspace
from allknn.exact.schedule import Schedule, leaves_in_cache

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
    """Join the points ``rows`` with themselves; gives them back in another order."""
    own = points[rows]
    own.flags.writeable = False
    ordered = arrange_alone(own)
    kept = min(k + _EXTRA, len(rows) - 1)
    lists = Lists.empty(ordered, kept)
    schedule = Schedule(ordered, leaves_in_cache(own.shape[1]))
    workspace = Workspace.of(schedule.longest, own.shape[1])
    while kept and (pair := schedule.take()):
        workspace.join(ordered, schedule.ranges[pair[0]], schedule.ranges[pair[1]], lists)
        schedule.finish(pair)
    shape = len(rows), min(k, kept)
    places, squared = np.empty(shape, np.int32), np.empty(shape)
    if kept:
        _native.settle(ordered, lists, 0, len(rows), places, squared, np.empty(len(rows), np.bool_))
    ids = np.full((len(rows), k), -1, np.int32)
    distances = np.full(ids.shape, np.inf, np.float32)
    ids[:, : shape[1]], distances[:, : shape[1]] = rows[places], np.sqrt(squared)
    return Solved(rows[ordered.order], ids, distances)
