"""Candidates found among stand-ins: ranked by what they stand for, proven to be all, or looked for again."""

from collections.abc import Generator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from allknn import metrics
from allknn.answers import Block, Share
from allknn.exact import duplicates
from allknn.exact.join import EXTRA, Join
from allknn.inputs import blocks
from allknn.metrics import StandIns
from allknn.two_sets import exact

Ranked = tuple[NDArray[np.int32], NDArray[np.float64]]
"""Ids and keys, (rows, k), by (key, id)."""

_MORE = 8
"""Rows that are not proven are searched for so many times as many candidates."""
_CANDIDATES_AT_ONCE = 1 << 24
_LARGEST, _LEAST = np.finfo(np.float32).max, 2.0**-149
"""What float32 holds: distances beyond are infinite there, and near 0 off by as much as the least."""


def all_points(
    points: NDArray[Any], stand_ins: StandIns, k: int, threads: int
) -> Generator[Share, None, Ranked]:
    """Find the nearest others of all points by the join of their stand-ins."""
    kept, dropped, answers = _first_of_equals(points, stand_ins.points, k + 1)
    own = stand_ins.points if len(kept) == len(points) else stand_ins.points[kept]
    ids, keys = np.empty((len(points), k), np.int32), np.zeros((len(points), k))
    ids[dropped] = answers[:, :k]
    wanted = min(k + EXTRA, len(kept) - 1)
    unproven = []
    for item in Join(own, threads).run(wanted):
        if not isinstance(item, Block):
            yield item
            continue
        rows, found = kept[item.rows], kept[item.indices]
        reach = np.minimum(item.distances[:, -1], _LARGEST).astype(np.float64) * (1 - 2.0**-22) - _LEAST
        ids[rows], keys[rows] = ranked(stand_ins, rows, found, k, threads)
        if wanted < len(kept) - 1:
            unproven.append(rows[~_are_proven(stand_ins, rows, keys, reach)])
    rest = np.concatenate([*unproven, np.empty(0, np.int32)])
    yield from _widened(stand_ins, rest, kept, wanted * _MORE, k, True, threads, ids, keys)
    return ids, keys


def of_queries(
    points: NDArray[Any], stand_ins: StandIns, k: int, threads: int, *, others: bool
) -> Generator[Share, None, Ranked]:
    """Find the nearest points of queries; with ``others`` these are points, not their own neighbors."""
    kept, _, _ = _first_of_equals(points, stand_ins.points, k + others)
    n_queries = len(stand_ins.queries)
    ids, keys = np.empty((n_queries, k), np.int32), np.empty((n_queries, k))
    rows = np.arange(n_queries, dtype=np.int32)
    yield from _widened(stand_ins, rows, kept, k + others + EXTRA, k, others, threads, ids, keys)
    return ids, keys


def _widened(
    stand_ins: StandIns,
    rows: NDArray[np.int32],
    kept: NDArray[np.int32],
    wanted: int,
    k: int,
    others: bool,
    threads: int,
    ids: NDArray[np.int32],
    keys: NDArray[np.float64],
) -> Generator[Share, None, None]:
    """Search for more and more candidates until all rows are proven."""
    own = stand_ins.points if len(kept) == len(stand_ins.points) else stand_ins.points[kept]
    while len(rows):
        wanted = min(wanted, len(kept))
        at_once = max(1, _CANDIDATES_AT_ONCE // wanted)
        unproven = []
        for start in range(0, len(rows), at_once):
            some = rows[start : start + at_once]
            found, squared = yield from exact.nearest(own, stand_ins.queries[some], wanted, threads)
            found = np.where(found < 0, -1, kept[found])
            if others:
                found[found == some[:, None]] = -1
            ids[some], keys[some] = ranked(stand_ins, some, found, k, threads)
            reach = np.sqrt(squared[:, -1]) * (1 - 1e-9)
            unproven.append(some[~_are_proven(stand_ins, some, keys, reach)])
        rows = np.concatenate(unproven) if wanted < len(kept) else rows[:0]
        wanted *= _MORE


def _are_proven(
    stand_ins: StandIns, rows: NDArray[np.int32], keys: NDArray[np.float64], reach: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Say of which rows nobody can be among the first k whose stand-in is no nearer than ``reach``."""
    assert stand_ins.floor is not None
    return np.asarray(keys[rows, -1] < stand_ins.floor(rows, reach))


def ranked(
    stand_ins: StandIns, rows: NDArray[np.int32], candidates: NDArray[np.int32], k: int, threads: int
) -> Ranked:
    """Return the first k of each row's candidates, -1 for none, by what they stand for."""
    keys = metrics.keys_of(stand_ins, rows, candidates, threads)
    nearest = np.lexsort((candidates, keys), axis=1)[:, :k]
    return np.take_along_axis(candidates, nearest, 1), np.take_along_axis(keys, nearest, 1)


def _first_of_equals(
    points: NDArray[Any], stand_ins: NDArray[np.float32], most: int
) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int32]]:
    """Part the rows into the first ``most`` of those equal to them and the others.

    Returns both, and for each of the others the first ``most`` that it is equal to.
    """
    groups = duplicates.group(stand_ins)
    sizes = np.diff(groups.begin)
    if sizes.max() <= most:
        return np.arange(len(points), dtype=np.int32), np.empty(0, np.int32), np.empty((0, most), np.int32)
    leader = np.empty(len(points), np.int32)
    leader[groups.members] = np.repeat(groups.first, sizes)
    for rows in blocks(points):  # equal stand-ins may stand for unequal points
        alone = (points[rows] != points[leader[rows]]).any(axis=1)
        leader[rows][alone] = np.arange(rows.start, rows.stop, dtype=np.int32)[alone]
    members = np.argsort(leader, kind="stable").astype(np.int32)
    first = np.flatnonzero(leader == np.arange(len(points)))
    begin = np.searchsorted(leader[members], first)
    begins = np.repeat(begin, np.diff(np.append(begin, len(points))))
    late = np.arange(len(points)) - begins >= most
    answers = members[begins[late][:, None] + np.arange(most)]
    return np.sort(members[~late]), members[late], answers
