"""One search: which join answers it, exactly or until a recall, and when to change from one to the other."""

import math
import time
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from allknn import metrics, settling
from allknn.answers import Block, Share, Shares
from allknn.approximate import buckets
from allknn.approximate.limited import LimitedJoin
from allknn.approximate.parameters import Parameters
from allknn.exact.join import Join
from allknn.inputs import is_large_map
from allknn.metrics import StandIns
from allknn.result import Report
from allknn.two_sets import approximate, exact

Answer = tuple[NDArray[np.int32], NDArray[Any]]
"""Ids and distances, or what else ranks them, (rows, k), nearest first."""
Running = Generator[Share, None, Answer]
"""Yields the share done, and returns the answer."""

_ALMOST_ALL = 1 - 1e-6
"""The largest recall that rounds go on for: to show more takes longer than to answer exactly."""


@dataclass
class Search:
    """What is searched for, all of it checked; ``report`` says how it went."""

    points: NDArray[Any]
    queries: NDArray[Any] | None
    k: int
    metric: str = "euclidean"
    recall: float | None = None
    threads: int = 1
    seed: int = 0
    seconds: float | None = None
    report: Report = field(default_factory=Report)

    def run(self) -> Running:
        """Yield the share done; return ids and float32 distances of the neighbors, row by row."""
        began = time.monotonic()
        self._deadline = math.inf if self.seconds is None else began + self.seconds
        ways = {"euclidean": self._euclidean, "cosine": self._cosine, "inner_product": self._inner_product}
        ids, distances = yield from ways[self.metric]()
        self.report.seconds = time.monotonic() - began
        if not self.report.exact:
            self.report.exact_because = ""
        with np.errstate(over="ignore"):  # a product of values that float32 holds may be beyond it
            return ids, distances.astype(np.float32, copy=False)

    def _euclidean(self) -> Running:
        stand_ins = metrics.euclidean(self.points, self.queries)
        ids, keys = yield from self._solve(stand_ins, self.points, self.k)
        return ids, keys if stand_ins.keys is None else np.sqrt(keys)

    def _cosine(self) -> Running:
        """Solve what has a direction; zero vectors come last, infinitely far away."""
        n_points, others = len(self.points), self.queries is None
        live = metrics.nonzero_rows(self.points)
        askers = live if self.queries is None else metrics.nonzero_rows(self.queries)
        n_rows = n_points if self.queries is None else len(self.queries)
        if len(live) == n_points and len(askers) == n_rows:
            ids, distances = yield from self._solve(metrics.cosine(self.points, self.queries), None, self.k)
            return ids, distances**2 / 2
        indices, far = self._first_ids(n_rows), np.full((n_rows, self.k), np.inf, np.float32)
        k = min(self.k, len(live) - others)
        if len(askers) and k > 0:
            queries = None if self.queries is None else self.queries[askers]
            ids, distances = yield from self._solve(metrics.cosine(self.points[live], queries), None, k)
            indices[askers, :k] = np.where(ids < 0, -1, live[ids])
            far[askers, :k] = distances**2 / 2
            zeros = np.setdiff1d(np.arange(n_points), live)[: self.k - k]
            indices[askers, k:] = zeros
        return indices, far

    def _inner_product(self) -> Running:
        """Solve all queries; one that is a zero vector has a product of 0 with every point."""
        asking = self.points if self.queries is None else self.queries
        zeros = np.setdiff1d(np.arange(len(asking)), metrics.nonzero_rows(asking))
        if len(zeros) == len(asking) or not len(metrics.nonzero_rows(self.points)):
            return self._first_ids(len(asking)), np.zeros((len(asking), self.k), np.float32)
        if len(zeros):
            asking = np.array(asking)
            asking[zeros] = 1  # any direction: it is answered below
        stand_ins = metrics.inner_product(self.points, asking)
        ids, keys = yield from self._solve(stand_ins, self.points, self.k)
        if len(zeros):
            ids[zeros], keys[zeros] = self._first_ids(len(asking))[zeros], 0
        return ids, keys

    def _first_ids(self, n_rows: int) -> NDArray[np.int32]:
        """Return the k smallest ids for each row, without its own where rows are points."""
        first = np.tile(np.arange(self.k, dtype=np.int32), (n_rows, 1))
        if self.queries is None:
            first += first >= np.arange(n_rows)[:, None]
        return first

    def _solve(self, stand_ins: StandIns, points: NDArray[Any] | None, k: int) -> Running:
        """Return ids and what the metric ranks by: keys, or float32 distances of the stand-ins."""
        recall, report, answer = self.recall or 1.0, self.report, None
        if len(stand_ins.points) > buckets.SMALL and (recall < 1 or self._deadline < math.inf):
            deadline = self._deadline if recall < 1 else 0.0
            answer = yield from self._approximate(stand_ins, k, min(recall, _ALMOST_ALL), deadline)
            enough = report.exact or report.recall_low >= recall or time.monotonic() > self._deadline
            if answer is not None and enough:
                return answer
        elif recall < 1:
            report.exact_because = f"all pairs of {len(stand_ins.points)} points are computed at once"
        exactly = Shares(self._exact(stand_ins, points, k))
        for share in exactly:
            if answer is not None and time.monotonic() > self._deadline:
                exactly.close()
                return answer
            yield share
        report.exact, report.recall, report.recall_low = True, 1.0, 1.0
        return exactly.answer

    def _exact(self, stand_ins: StandIns, points: NDArray[Any] | None, k: int) -> Running:
        everyone = stand_ins.queries is stand_ins.points and self.queries is None
        if stand_ins.keys is None or points is None:
            if everyone:
                join = Join(stand_ins.points, self.threads)
                return (yield from _collected(join.run(k), len(stand_ins.points), k))
            ids, squared = yield from exact.nearest(stand_ins.points, stand_ins.queries, k, self.threads)
            with np.errstate(over="ignore"):
                return ids, np.sqrt(squared).astype(np.float32)
        if everyone:
            return (yield from settling.all_points(points, stand_ins, k, self.threads))
        others = self.queries is None
        return (yield from settling.of_queries(points, stand_ins, k, self.threads, others=others))

    def _approximate(
        self, stand_ins: StandIns, k: int, recall: float, deadline: float
    ) -> Generator[Share, None, Answer | None]:
        """Return what is known, at the recall that is reported; None where nothing is."""
        others = self.queries is None
        if others and stand_ins.queries is stand_ins.points:
            answer = yield from self._by_leaves(stand_ins.points, k, recall, deadline)
        else:
            found = yield from approximate.nearest(
                stand_ins.points,
                stand_ins.queries,
                k,
                others=others,
                recall_asked=recall,
                seed=self.seed,
                threads=self.threads,
                deadline=deadline,
                report=self.report,
            )
            answer = None if found is None else (found[0], np.sqrt(found[1]).astype(np.float32))
        if answer is None or stand_ins.keys is None:
            return answer
        if self.report.exact:  # about the stand-ins
            return None
        return settling.ranked(
            stand_ins, np.arange(len(answer[0]), dtype=np.int32), answer[0], k, self.threads
        )

    def _by_leaves(
        self, points: NDArray[np.float32], k: int, recall: float, deadline: float
    ) -> Generator[Share, None, Answer | None]:
        how, copy = Parameters(seed=self.seed, recall=recall), not is_large_map(points)
        join = LimitedJoin(points, how, self.threads, copy=copy, deadline=deadline)
        answer = yield from _collected(join.run(k), len(points), k)
        details, report = join.details, self.report
        report.exact_because = join.exact_because
        if "recall_estimate" not in details:  # few unequal points: not judged, or better exact from the start
            return None
        report.rounds, report.exact = int(float(details["rounds"])), False
        report.recall_low = float(details["recall_at_least"])
        report.recall = float(details["recall_estimate"])
        return answer


def _collected(items: Iterator[Block | Share], n_rows: int, k: int) -> Running:
    indices, distances = np.empty((n_rows, k), np.int32), np.empty((n_rows, k), np.float32)
    for item in items:
        if isinstance(item, Block):
            indices[item.rows], distances[item.rows] = item.indices, item.distances
        else:
            yield item
    return indices, distances
