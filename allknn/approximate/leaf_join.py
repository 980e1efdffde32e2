"""The approximate join in threads: many small leaves around random leaders, each solved, round by round."""

import time
from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from queue import SimpleQueue

import numpy as np
from numpy.typing import NDArray

from allknn import _native_leaves
from allknn.answers import Block, Clock, Share
from allknn.approximate import buckets, exact, forecast, recall
from allknn.approximate.lists import Division, SharedLists
from allknn.approximate.parameters import Parameters
from allknn.exact import duplicates
from allknn.exact.join import Join

_POINTS_AT_ONCE = 1 << 12
_BLOCK_ROWS = 1 << 15
_SHORT = 128
"""Features: longer points are read in no less time where near ones lie together."""
_LARGEST = 2.0**127
"""Squared distance: what float32 holds, and room for rounding."""


class LeafJoin:
    """Points in leaves; ``run`` finds neighbors of each: the k nearest of all that shared a leaf with it.

    The answers are the same bytes for any number of threads. ``copy`` keeps a copy of points of at most 128
    features, in an order in which near ones come together, which is faster; others are read where they lie.
    """

    def __init__(
        self, points: NDArray[np.float32], how: Parameters, threads: int = 1, *, copy: bool = True
    ) -> None:
        self.details: dict[str, float | str] = {}
        self._how, self._threads = how, threads
        self._points = np.asarray(points, np.float32, order="C")[:]
        self._copy = copy and self._points.shape[1] <= _SHORT
        self._points.flags.writeable = False
        self._groups = duplicates.group(self._points, self._threads)

    def run(self, k: int) -> Iterator[Block | Share]:
        """Yield the share done, then answers in blocks.

        Where the exact join takes less time than what a recall asked for would, that answers, and
        ``details["exact_because"]`` says why.
        """
        ids = self._groups.first
        if is_wide(self._points.shape[1], float(self._points.min()), float(self._points.max())):
            self.details["exact_because"] = "float32 cannot hold the squares of all distances"
            yield from self._exact(k)
            return
        if self._how.recall and len(ids) > buckets.SMALL and (reason := self._why_at_once(len(ids), k)):
            self.details["exact_because"] = reason
            yield from self._exact(k)
            return
        with ThreadPoolExecutor(self._threads) as pool:
            with Clock(self.details, "assign_seconds"):
                slots = self._slots(self._points, ids, 0, pool)
                positions = buckets.ordered(slots)
                slots = slots._replace(numbers=slots.numbers[positions])
            with Clock(self.details, "judge_seconds"):
                judge = self._judge(ids[positions], k, pool)
                if judge and (reason := self._why_by_forecast(judge, ids[positions], slots, k, pool)):
                    self.details["exact_because"] = reason
            if "exact_because" not in self.details:
                with Clock(self.details, "order_seconds"):
                    lists = self._lists(ids[positions], k, pool)
                yield from self._rounds(lists, slots, judge, pool)
        if "exact_because" in self.details:
            yield from self._exact(k)
            return
        with ThreadPoolExecutor(self._threads) as pool:
            everyone = np.arange(len(ids))
            short = exact.complete(self._points, lists.ids, everyone, lists.others, lists.distances, pool)
            self.details["rows_completed"] = float(short)
        for start in range(0, len(ids), _BLOCK_ROWS):
            here = slice(start, start + _BLOCK_ROWS)
            yield answer(self._groups, lists.ids[here], lists.others[here], lists.distances[here])

    def _why_at_once(self, n: int, k: int) -> str:
        """Say why the exact join takes less time than even one round and a look at the recall; else empty."""
        division = Division.of(n, self._how.leaf_size, k)
        pairs_a_point = self._how.fan_out * division.fan_out * division.leaf_size
        if recall.exact_is_cheaper(n, pairs_a_point, 1):
            return f"all pairs of {n} points are fewer than a round computes"
        n_judged = self._n_judged()
        if recall.judging_is_dear(n, n_judged):
            return (
                f"to show a recall of {self._how.recall:g}, the exact neighbors of {n_judged} rows "
                f"would be computed, which takes longer than those of all {n} do together"
            )
        return ""

    def _judge(self, ids: NDArray[np.int32], k: int, pool: Executor) -> recall.Judge | None:
        if not self._how.recall or len(ids) <= buckets.SMALL:
            return None
        return recall.Judge(self._points, ids, k, self._n_judged(), self._how.seed, pool)

    def _why_by_forecast(
        self, judge: recall.Judge, ids: NDArray[np.int32], slots: buckets.Slots, k: int, pool: Executor
    ) -> str:
        """Say why the exact join takes less time than all rounds that are needed; else empty.

        What passes would find is not known beforehand.
        """
        if self._how.passes:
            return ""
        begin = np.searchsorted(slots.numbers[:, 0], np.arange(slots.n_buckets + 1))
        return forecast.why_exact(judge, self._points, ids, begin, self._how, k, pool)

    def _n_judged(self) -> int:
        """Rows that the recall is judged by."""
        return recall.rows_to_judge(self._how.recall)

    def _exact(self, k: int) -> Iterator[Block | Share]:
        with Clock(self.details, "exact_seconds"):
            yield from Join(self._points, self._threads).run(k)
        self.details["recall_at_least"] = 1.0

    def _slots(
        self, points: NDArray[np.float32], rows: NDArray[np.int32], number: int, pool: Executor
    ) -> buckets.Slots:
        tree = buckets.plant(points, rows, [self._how.seed, number])
        return buckets.find(points, rows, self._how.fan_out, tree, pool)

    def _lists(self, ids: NDArray[np.int32], k: int, pool: Executor) -> SharedLists:
        if not self._copy:
            return SharedLists.empty(self._points, ids, ids, k)
        own = np.empty((len(ids), self._points.shape[1]), np.float32)

        def some(start: int) -> None:
            here = slice(start, start + _POINTS_AT_ONCE)
            np.take(self._points, ids[here], axis=0, out=own[here], mode="clip")

        list(pool.map(some, range(0, len(ids), _POINTS_AT_ONCE)))
        return SharedLists.empty(own, None, ids, k)

    def _rounds(
        self, lists: SharedLists, slots: buckets.Slots, judge: recall.Judge | None, pool: Executor
    ) -> Iterator[Share]:
        """Solve leaves, and leaves around other leaders, until the judge has seen enough; else once."""
        small, most = len(lists.ids) <= buckets.SMALL, recall.LOOKS if judge else 1
        rows = np.arange(len(lists.ids), dtype=np.int32) if lists.rows is None else lists.rows
        for number in range(most):
            if number:
                with Clock(self.details, "assign_seconds"):
                    slots = self._slots(lists.points, rows, number, pool)
            yield from self._solve(lists, buckets.listed(lists.points, rows, slots), number, most, pool)
            with Clock(self.details, "refine_seconds"):
                for _ in range(0 if small else self._how.passes):
                    self._refine(lists, pool)
            self.details["rounds"] = number + 1.0
            if not judge:
                break
            with Clock(self.details, "judge_seconds"):
                found, lowest = judge.look(lists, pool)
            self.details["recall_at_least"], self.details["recall_estimate"] = lowest, found
            if lowest >= self._how.recall:
                break
            if judge.highest < self._how.recall:
                self.details["exact_because"] = f"these rows cannot show a recall above {judge.highest:.6f}"
                break
            left = recall.rounds_left(found, self._how.recall, number + 1)
            pairs_a_point = float(self.details["pairs_a_point"]) / (number + 1)
            if recall.exact_is_cheaper(len(lists.ids), pairs_a_point, left):
                self.details["exact_because"] = (
                    f"{left:.1f} more rounds would compute more than all pairs are"
                )
                break

    def _solve(
        self, lists: SharedLists, found: list[buckets.Bucket], number: int, most: int, pool: Executor
    ) -> Iterator[Share]:
        """Solve all buckets of a round, which threads take one after the other."""
        began = time.perf_counter()
        n, k = lists.others.shape
        division = Division.of(n, self._how.leaf_size, k)
        largest = max((len(bucket.members) for bucket in found), default=0)
        free: SimpleQueue[NDArray[np.uint8]] = SimpleQueue()
        for _ in range(self._threads):
            free.put(_native_leaves.bucket_memory(largest, lists.points.shape[1], k, division))

        def join(bucket: buckets.Bucket) -> int:
            memory = free.get()
            try:
                seed = bucket.seed(self._how.seed, number)
                return _native_leaves.join_bucket(lists, bucket.members, division, seed, memory)
            finally:
                free.put(memory)

        pairs = 0
        for done, computed in enumerate(pool.map(join, found), 1):
            pairs += computed
            yield (number + done / len(found)) / most
        self._add("pairs_a_point", 2 * pairs / n)
        self._add("solve_seconds", time.perf_counter() - began)
        self.details["largest_bucket"] = float(largest)

    def _refine(self, lists: SharedLists, pool: Executor) -> None:
        """Look once at the neighbors of each point's neighbors, as they are known before."""
        n = len(lists.ids)
        known, bounds = lists.others.copy(), lists.distances[:, -1].copy()
        places = np.zeros(len(self._points), np.int32)
        places[lists.ids] = np.arange(n, dtype=np.int32)

        def refine(start: int) -> int:
            stop = min(start + _POINTS_AT_ONCE, n)
            return _native_leaves.refine(lists, known, bounds, places, start, stop)

        self._add("refined_a_point", sum(pool.map(refine, range(0, n, _POINTS_AT_ONCE))) / n)

    def _add(self, name: str, value: float) -> None:
        self.details[name] = float(self.details.get(name, 0.0)) + value


def is_wide(n_features: int, least: float, greatest: float) -> bool:
    """Return whether a squared distance of values within a range may overflow: leaders would lose points."""
    return n_features * (greatest - least) ** 2 > _LARGEST


def answer(
    groups: duplicates.Groups,
    rows: NDArray[np.int32],
    ids: NDArray[np.int32],
    distances: NDArray[np.float32],
) -> Block:
    """Answer ``rows``, the first of their groups, and all that are equal to them."""
    if len(groups.begin) > len(groups.members):
        return Block(rows.astype(np.int64), ids, distances)
    which, near = groups.numbers[rows], groups.numbers[ids]
    members, ids, lengths = duplicates.expanded(groups, which, near, distances, ids.shape[1])
    return Block(members.astype(np.int64), ids, lengths.astype(np.float32))
