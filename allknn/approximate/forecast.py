"""What the rounds of a search will find, and whether the exact join takes less time, told beforehand.

All costs are counted in pairs, for each point, of an exact join that rules out none: a forecast depends on no
clock. The constants are ratios of CPU seconds at 64 to 384 features.
"""

from collections.abc import Iterator
from concurrent.futures import Executor
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from allknn import _native_leaves
from allknn.approximate import buckets, leaders
from allknn.approximate.lists import Division
from allknn.approximate.parameters import Parameters

_LEAF_PAIR = 2.6
"""A pair of a leaf of average size; most points are in leaves that are larger."""
_BEGINNING = 0.75
"""The first round costs so many rounds more: nothing is known yet that rules out a pair."""
_JUDGED = 4.0
"""A row whose exact neighbors are looked for."""
_ARRANGING = 14_000.0
"""All that the exact join does but to compute pairs."""


def cost(rounds: float, n_judged: int, how: Parameters, division: Division) -> float:
    """Return what so many rounds cost, and to judge them by so many rows."""
    pairs = how.fan_out * division.fan_out * division.leaf_size
    return (rounds + _BEGINNING) * _LEAF_PAIR * pairs + _JUDGED * n_judged


def exact_cost(n: int, share_left: float) -> float:
    """Return what the exact join of ``n`` points costs where bounds leave such a share of all pairs."""
    return _ARRANGING + share_left * n


class Known(NamedTuple):
    """Some rows, and who is near to them in truth."""

    rows: NDArray[np.int32]
    neighbors: NDArray[np.int32]
    """(rows, k)."""

    def found(
        self, points: NDArray[np.float32], ids: NDArray[np.int32], how: Parameters, k: int, pool: Executor
    ) -> Iterator[NDArray[np.float64]]:
        """Yield what share of each row's neighbors is found in one round, in two, and so on.

        ``ids``, (n,), are the rows of all points. Only the rows known and as many leaders as a round has leaves
        are given to buckets and to leaves.
        """
        division = Division.of(len(ids), how.leaf_size, k)
        everyone = np.unique(np.concatenate((self.rows, self.neighbors.ravel())))
        own, others = (np.searchsorted(everyone, some) for some in (self.rows, self.neighbors))
        met = np.zeros(others.shape, np.bool_)
        n_leaders = max(1, len(ids) * division.fan_out // division.leaf_size)
        for number in range(1 << 30):
            rng = np.random.default_rng([how.seed, number, len(everyone)])
            tree = buckets.plant(points, ids, [how.seed, number])
            drawn = rng.choice(ids, n_leaders, replace=False)
            leaves = _leaves(points, everyone, drawn, how.fan_out, division.fan_out, tree, pool)
            shared = leaves[own][:, None, :, None] == leaves[others][:, :, None, :]
            met |= (shared & (leaves[own] >= 0)[:, None, :, None]).any(axis=(2, 3))
            yield met.mean(axis=1)


def _leaves(
    points: NDArray[np.float32],
    rows: NDArray[np.int32],
    drawn: NDArray[np.int32],
    fan_out: int,
    leaves_of_a_bucket: int,
    tree: leaders.LeaderTree,
    pool: Executor,
) -> NDArray[np.int32]:
    """Return the leaves of each of ``rows``, (rows, fan_out x leaves_of_a_bucket), -1 for none.

    The leaders of a bucket's leaves are those of the points ``drawn`` that are in that bucket.
    """
    n, both = len(rows), np.concatenate((rows, drawn))
    slots = buckets.find(points, both, fan_out, tree, pool)
    members, begin = _native_leaves.list_members(slots.numbers, slots.n_buckets)
    leaves = np.full((n, fan_out, leaves_of_a_bucket), -1, np.int32)
    n_leaves = 0
    for number, (start, stop) in enumerate(zip(begin[:-1].tolist(), begin[1:].tolist(), strict=True)):
        inside = members[start:stop]
        n_rows = int(np.searchsorted(inside, n))
        some, own_leaders = inside[:n_rows], both[inside[n_rows:]]
        if not n_rows:
            continue
        column = (slots.numbers[some] == number).argmax(axis=1)
        if len(own_leaders) > leaves_of_a_bucket:
            planted = leaders.plant(points, own_leaders)
            nearest = leaders.nearest_alone(points, rows[some], planted, leaves_of_a_bucket)
            leaves[some, column] = np.where(nearest < 0, -1, nearest + n_leaves)
            n_leaves += planted.n_buckets
        else:
            leaves[some, column] = n_leaves
            n_leaves += 1
    return leaves.reshape(n, -1)
