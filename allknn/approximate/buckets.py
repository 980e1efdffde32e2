"""All points divided into buckets around random leaders, each point in the few whose leaders are nearest."""

from concurrent.futures import Executor
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from allknn import _native, _native_leaves
from allknn.approximate import leaders

POINTS_A_LEADER = 1000
"""Points for each leader: a bucket holds ``fan_out`` times as many, on average."""
_CAP = 4
"""No bucket holds more than this many times what is to be expected."""


class Slots(NamedTuple):
    """Which buckets each point is in."""

    numbers: NDArray[np.int32]
    """(n, fan_out): the nearest first, -1 for none."""
    n_buckets: int
    """Some are empty."""


def find(
    points: NDArray[np.float32], rows: NDArray[np.int32], fan_out: int, seed: list[int], pool: Executor
) -> Slots:
    """Draw leaders among ``rows`` of the points; give each row to the buckets of its nearest ``fan_out``."""
    rng = np.random.default_rng(seed)
    n_leaders = max(1, round(len(rows) / POINTS_A_LEADER))
    drawn = rng.choice(len(rows), n_leaders, replace=False)
    tree = leaders.plant(points, rows[rng.permutation(drawn)])
    numbers = leaders.nearest(points, rows, tree, min(fan_out, n_leaders), pool)
    return Slots(numbers, tree.n_buckets)


def ordered(slots: Slots) -> NDArray[np.int32]:
    """Return the points in the order of their nearest buckets, which lie beside one another in space."""
    order, _ = _native_leaves.list_members(slots.numbers[:, :1].copy(), slots.n_buckets)
    return order


def listed(points: NDArray[np.float32], rows: NDArray[np.int32], slots: Slots) -> list[NDArray[np.int32]]:
    """List the positions in each bucket, ascending; none is empty, or too large.

    ``rows``, (n,), says in which row of ``points`` the point at each position is. What few leaders swallow is
    halved across its longest direction.
    """
    members, begin = _native_leaves.list_members(slots.numbers, slots.n_buckets)
    most = _CAP * slots.numbers.shape[1] * POINTS_A_LEADER
    found = []
    for start, stop in zip(begin[:-1].tolist(), begin[1:].tolist(), strict=True):
        if stop - start > most:
            found += _halved(points, rows, members[start:stop], most)
        elif stop > start + 1:
            found.append(members[start:stop])
    return found


def _halved(
    points: NDArray[np.float32], rows: NDArray[np.int32], members: NDArray[np.int32], most: int
) -> list[NDArray[np.int32]]:
    own = points[rows[members]]
    order = np.arange(len(own), dtype=np.int32)
    waiting, parts = [(0, len(own))], []
    while waiting:
        start, stop = waiting.pop()
        if stop - start > most:
            middle = _native.halve(own, order, start, stop)
            waiting += [(middle, stop), (start, middle)]
        else:
            parts.append(members[np.sort(order[start:stop])])
    return parts
