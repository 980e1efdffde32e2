"""What the rounds of a search will find, and whether the exact join takes less time, told beforehand.

All costs are counted in pairs, for each point, of an exact join that rules out none: a forecast depends on no
clock. The constants are ratios of CPU seconds at 64 to 384 features.
"""

from collections.abc import Iterator
from concurrent.futures import Executor
from itertools import count

import numpy as np
from numpy.typing import NDArray

from allknn import _native_leaves
from allknn.approximate import buckets, leaders
from allknn.approximate.lists import Division
from allknn.approximate.parameters import Parameters
from allknn.approximate.recall import LOOKS, Judge
from allknn.exact import trial
from allknn.exact.join import FEWEST

_LEAF_PAIR = 2.6
"""A pair of a leaf of average size; most points are in leaves that are larger."""
_BEGINNING = 0.75
"""The first round costs so many rounds more: nothing is known yet that rules out a pair."""
_JUDGED = 4.0
"""A row whose exact neighbors are looked for."""
_ARRANGING, _SCREENING = 5_000.0, 10_000.0
"""All that the exact join does but to compute pairs, and more where it looks at components."""

_NEIGHBORS = 32
"""Neighbors of a row that are looked at, from near to far."""


def why_exact(
    judge: Judge,
    points: NDArray[np.float32],
    ids: NDArray[np.int32],
    begin: NDArray[np.int64],
    how: Parameters,
    k: int,
    pool: Executor,
) -> str:
    """Say why the exact join takes less time than all rounds that are needed; empty where it does not.

    ``ids``, (n,), are the rows of all points, bucket by bucket, and ``begin`` says where each begins.
    """
    n, division = len(ids), Division.of(len(ids), how.leaf_size, k)
    pairs = how.fan_out * division.fan_out * division.leaf_size
    shown, cost, linear = False, 0.0, _ARRANGING + (_SCREENING if n >= FEWEST else 0)
    for number, found in zip(range(LOOKS), rounds(judge, points, ids, how, division, pool), strict=False):
        cost = (number + 1 + _BEGINNING) * _LEAF_PAIR * pairs + _JUDGED * judge.n_rows
        shown = judge.bound(found) >= how.recall
        if shown or cost > linear + n:
            break
    share = 1.0
    if shown and cost > linear:
        share = trial.share_left(points, ids, begin, k)
    if shown and cost <= linear + share * n:
        return ""
    return (
        f"{number + 1} rounds {'' if shown else 'or more '}are needed, which would compute more than "
        f"the exact join does, with {share:.0%} of all pairs"
    )


def rounds(
    judge: Judge,
    points: NDArray[np.float32],
    ids: NDArray[np.int32],
    how: Parameters,
    division: Division,
    pool: Executor,
) -> Iterator[NDArray[np.float64]]:
    """Yield what share of the neighbors of the rows judged one round finds, then two, and so on.

    Only these rows, their neighbors and as many leaders as there are leaves are given to buckets and leaves.
    """
    neighbors = judge.neighbors[:, :: -(-judge.neighbors.shape[1] // _NEIGHBORS)]
    everyone = np.unique(np.concatenate((judge.rows, neighbors.ravel())))
    own, others = (np.searchsorted(everyone, some) for some in (judge.rows, neighbors))
    met = np.zeros(others.shape, np.bool_)
    n_leaders = max(1, how.fan_out * (len(ids) * division.fan_out // division.leaf_size))
    for number in count():
        seed = [how.seed, number, n_leaders]
        tree = buckets.plant(points, ids, seed)
        drawn = np.random.default_rng(seed).choice(ids, n_leaders)
        leaves = _leaves(points, everyone, drawn, how.fan_out, division.fan_out, tree, pool)
        mine, theirs = leaves[own][:, None, :, None], leaves[others][:, :, None, :]
        met |= ((mine == theirs) & (mine >= 0)).any(axis=(2, 3))
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

    Each of the points ``drawn`` leads a leaf in one of its buckets.
    """
    n, both = len(rows), np.concatenate((rows, drawn))
    slots = buckets.find(points, both, fan_out, tree, pool)
    slots.numbers[n:][np.arange(len(drawn))[:, None] % fan_out != np.arange(fan_out)] = -1
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
