"""The approximate nearest points of queries: each looks into a few buckets around random leaders.

Each point is in the bucket of its nearest leader. The queries look into the buckets of their nearest leaders,
round by round into more, until the recall on queries drawn at random lies above what is asked for.
"""

import math
import time
from collections.abc import Generator
from concurrent.futures import Executor, ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from allknn import _native, _native_leaves
from allknn.answers import Share, Shares
from allknn.approximate import buckets, leaders, recall
from allknn.exact.points import OrderedPoints
from allknn.result import Report
from allknn.two_sets import exact
from allknn.two_sets.exact import Nearest

_FIRST_PROBES = 3
_COST = 2
"""A point looked at in a bucket costs so many times one of an exact search, about."""
_TASKS_AT_ONCE = 256
_ROUNDING = 1 + 1e-6
_CONFIDENCE_OF_A_LOOK = 1 - (1 - 0.95) / recall.LOOKS


def nearest(
    points: NDArray[np.float32],
    queries: NDArray[np.float32],
    k: int,
    *,
    others: bool,
    recall_asked: float,
    seed: int,
    threads: int,
    deadline: float,
    report: Report,
) -> Generator[Share, None, Nearest | None]:
    """Yield the share done, and return the k nearest known points of each query; fill in the report.

    With ``others`` queries are points, and not their own neighbors. Goes on until ``recall_low`` is as asked
    for, or ``deadline`` of ``time.monotonic`` is over, or to look through all points takes less time than to
    go on, or to judge: None where that is so from the start. Takes memory for a copy of both sets.
    """
    n_judged = recall.rows_to_judge(recall_asked)
    if deadline < math.inf:
        n_judged = min(n_judged, recall.MANY_ROWS)
    if len(queries) <= 2 * n_judged:
        report.exact_because = (
            f"a recall of {recall_asked:g} is shown by the exact neighbors of {n_judged} queries; "
            f"all {len(queries)} of them take little longer"
        )
        return None
    judged = np.sort(np.random.default_rng([seed, 1]).choice(len(queries), n_judged, replace=False))
    judge = Shares(exact.nearest(points, queries[judged], k + others, threads))
    for _ in judge:
        yield 0.0  # it can be ended here
    own = judged if others else None
    last = np.sqrt(_without(own, *judge.answer)[1][:, k - 1 : k]) * _ROUNDING
    ids = np.full((len(queries), k + others), -1, np.int32)
    squared = np.full(ids.shape, np.inf)
    probes = 0
    with ThreadPoolExecutor(threads) as pool:
        inside = _Buckets(points, queries, k + others, seed, pool)
        while _COST * (more := max(_FIRST_PROBES, 2 * probes)) < inside.n_buckets:
            yield from inside.look(probes, more, ids, squared)
            probes = more
            report.rounds, report.exact = report.rounds + 1, False
            known = _without(own, ids[judged], squared[judged])[1][:, :k]
            found = (np.sqrt(known) <= last).mean(axis=1)
            report.recall = float(found.mean())
            report.recall_low = recall.lower_bound(found, len(queries), _CONFIDENCE_OF_A_LOOK)
            highest = recall.lower_bound(np.ones(n_judged), len(queries), _CONFIDENCE_OF_A_LOOK)
            if not report.recall_low < recall_asked <= highest or time.monotonic() > deadline:
                break
    if report.recall_low < recall_asked or not probes:
        report.exact_because = "to look into more buckets takes longer than to look through all points"
    if not probes:
        return None
    everyone = np.arange(len(ids)) if others else None
    ids, squared = _without(everyone, ids, squared)
    return ids[:, :k], squared[:, :k]


def _without(own: NDArray[np.int64] | None, ids: NDArray[np.int32], squared: NDArray[np.float64]) -> Nearest:
    """Put each row's own point, if it has one, after all others."""
    if own is None:
        return ids, squared
    is_own = ids == own[:, None]
    order = np.argsort(is_own, axis=1, kind="stable")
    squared = np.where(is_own, np.inf, squared)
    return np.take_along_axis(ids, order, axis=1), np.take_along_axis(squared, order, axis=1)


class _Buckets:
    """Each point in the bucket of its nearest leader, and the queries beside them."""

    def __init__(
        self, points: NDArray[np.float32], queries: NDArray[np.float32], k: int, seed: int, pool: Executor
    ) -> None:
        both = exact.side_by_side(points, queries)
        kept = exact.first_of_equals(both[: len(points)], k)
        self.tree = buckets.plant(both, kept, [seed, 0])
        slots = buckets.find(both, kept, 1, self.tree, pool)
        members, begin = _native_leaves.list_members(slots.numbers, slots.n_buckets)
        cuts = [
            np.arange(start, stop, _native.LEAF)
            for start, stop in zip(begin[:-1].tolist(), begin[1:].tolist(), strict=True)
        ]
        self._leaf_begin = np.append(0, np.cumsum([len(cut) for cut in cuts]))
        leaf_at = np.append(np.concatenate(cuts), begin[-1])
        centers, radii = np.empty((len(leaf_at) - 1, both.shape[1])), np.empty(len(leaf_at) - 1)
        order = kept[members]
        _native.measure_leaves(both, order, leaf_at, centers, radii)
        whole = OrderedPoints(both, order, leaf_at, centers, radii, 1.0)
        own = _whole(queries)
        self._points = whole._replace(scale=exact.common_scale(whole, own))
        self._n_points, self._pool = len(points), pool
        self.n_buckets = int((np.diff(begin) > 0).sum())

    def look(
        self, probes: int, more: int, ids: NDArray[np.int32], squared: NDArray[np.float64]
    ) -> Generator[Share, None, None]:
        """Let each query look into its nearest ``more`` buckets but the first ``probes``, seen before."""
        rows = np.arange(self._n_points, self._n_points + len(ids), dtype=np.int32)
        slots = leaders.nearest(self._points.points, rows, self.tree, more, self._pool)[:, probes:]
        asking, begin = _native_leaves.list_members(np.ascontiguousarray(slots), self.tree.n_buckets)
        tasks = [
            (bucket, asking[start : min(start + _native.LEAF, stop)])
            for bucket, (first, stop) in enumerate(zip(begin[:-1].tolist(), begin[1:].tolist(), strict=True))
            if self._leaf_begin[bucket] < self._leaf_begin[bucket + 1]
            for start in range(first, stop, _native.LEAF)
        ]

        def search(task: tuple[int, NDArray[np.int32]]) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
            bucket, some = task
            leaves = np.arange(self._leaf_begin[bucket], self._leaf_begin[bucket + 1])
            few = exact.some_leaves(self._points, leaves, rows[some])
            found = np.empty((len(some), ids.shape[1]), np.int32)
            lengths = np.repeat(squared[some, -1:], ids.shape[1], axis=1)
            n_members = int(few.leaf_at[-1])
            _native.search(few, np.arange(n_members, n_members + len(some)), found, lengths)
            return found, lengths

        for start in range(0, len(tasks), _TASKS_AT_ONCE):  # what these find bounds the tasks after them
            some_tasks = tasks[start : start + _TASKS_AT_ONCE]
            for (_, some), found in zip(some_tasks, self._pool.map(search, some_tasks), strict=True):
                ids[some], squared[some] = exact.merged(ids[some], squared[some], *found)
            yield min(1.0, (start + _TASKS_AT_ONCE) / len(tasks))


def _whole(queries: NDArray[np.float32]) -> OrderedPoints:
    """Return all queries as one leaf, for its center and radius."""
    order, leaf_at = np.arange(len(queries), dtype=np.int32), np.array([0, len(queries)])
    center, radius = np.empty((1, queries.shape[1])), np.empty(1)
    _native.measure_leaves(queries, order, leaf_at, center, radius)
    return OrderedPoints(queries, order, leaf_at, center, radius, 1.0)
