"""All points divided into buckets around random leaders, each point in the few whose leaders are nearest."""

from concurrent.futures import Executor
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from allknn import _native, _native_leaves
from allknn.approximate import leaders

POINTS_A_LEADER = 2000
"""Points for each leader: a bucket holds ``fan_out`` times as many, on average."""
SMALL = 4096
"""So many points are one leaf: every pair is computed, which takes no longer than anything else."""
_CAP = 4
"""No bucket holds more than this many times what is to be expected."""


class Slots(NamedTuple):
    """Which buckets each point is in."""

    numbers: NDArray[np.int32]
    """(n, fan_out): the nearest first, -1 for none."""
    n_buckets: int
    """Some are empty."""


class Bucket(NamedTuple):
    """Points that are joined together."""

    number: int
    part: int
    """0, or which part of what was too large."""
    members: NDArray[np.int32]

    def seed(self, of_all: int, round_number: int) -> int:
        """Return the seed by which its own leaders are drawn."""
        return (((of_all * 1_000_003 + round_number) * 1_000_003 + self.number) * 1_009 + self.part) % (
            1 << 64
        )


def n_leaders(n: int) -> int:
    """How many of n points are leaders."""
    return 1 if n <= SMALL else max(1, round(n / POINTS_A_LEADER))


def plant(points: NDArray[np.float32], rows: NDArray[np.int32], seed: list[int]) -> leaders.LeaderTree:
    """Draw leaders among ``rows`` of the points: one where there are few points."""
    rng = np.random.default_rng(seed)
    drawn = rng.choice(len(rows), n_leaders(len(rows)), replace=False)
    return leaders.plant(points, rows[rng.permutation(drawn)])


def find(
    points: NDArray[np.float32],
    rows: NDArray[np.int32],
    fan_out: int,
    tree: leaders.LeaderTree,
    pool: Executor,
) -> Slots:
    """Give each of ``rows`` to the buckets of its nearest ``fan_out`` leaders."""
    return Slots(leaders.nearest(points, rows, tree, fan_out, pool), tree.n_buckets)


def ordered(slots: Slots) -> NDArray[np.int32]:
    """Return the points in the order of their nearest buckets, which lie beside one another in space."""
    order, _ = _native_leaves.list_members(slots.numbers[:, :1].copy(), slots.n_buckets)
    return order


def listed(points: NDArray[np.float32], rows: NDArray[np.int32], slots: Slots) -> list[Bucket]:
    """List the positions in each bucket, ascending; none is empty, or too large.

    ``rows``, (n,), says in which row of ``points`` the point at each position is.
    """
    members, begin = _native_leaves.list_members(slots.numbers, slots.n_buckets)
    most = most_points(slots.numbers.shape[1])
    return [
        bucket
        for number, (start, stop) in enumerate(zip(begin[:-1].tolist(), begin[1:].tolist(), strict=True))
        for bucket in parted(points, rows, number, members[start:stop], most)
    ]


def most_points(fan_out: int) -> int:
    """Return how many points a bucket may hold."""
    return max(SMALL, _CAP * fan_out * POINTS_A_LEADER)


def parted(
    points: NDArray[np.float32],
    rows: NDArray[np.int32],
    number: int,
    members: NDArray[np.int32],
    most: int,
) -> list[Bucket]:
    """Halve what few leaders swallow, across its longest direction, until no part is too large."""
    if len(members) <= most:
        return [Bucket(number, 0, members)] if len(members) else []
    own = rows[members]
    by_row, order = np.argsort(own), own.copy()
    waiting, parts = [(0, len(own))], []
    while waiting:
        start, stop = waiting.pop()
        if stop - start > most:
            middle = _native.halve(points, order, start, stop)
            waiting += [(middle, stop), (start, middle)]
        else:
            places = by_row[np.searchsorted(own, order[start:stop], sorter=by_row)]
            parts.append(np.sort(members[places]))
    return [Bucket(number, part, some) for part, some in enumerate(parts)]
