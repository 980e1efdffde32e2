"""The approximate join of our library on Spark: no host holds an index, no vector travels."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from allknn.spark import approximate_plan, approximate_tasks
from bench.strategy import Entry, Neighbors, Points, Progress
from strategies._allknn import LADDER, ByLeaves, adapted
from strategies._spark import executors, modules, session, task, task_reports
from strategies._spark.exact_join import ExactJoin
from strategies._spark.phases import Phases

if TYPE_CHECKING:
    from allknn.exact.duplicates import Groups

_ASSIGNED, _SOLVED = 0.2, 0.9
"""Shares of the query that are done after a phase, about."""


@dataclass
class SparkLeafJoin(modules.OnSpark, ByLeaves):
    """``leaf_join`` with tasks instead of threads: the same bytes, whatever fails on the way.

    The driver draws leaders. Rows are given to buckets, buckets solved and what they know merged by tasks;
    answers come back range by range. Where float32 is too small for the squares of distances, it is the exact
    join instead, as ``leaf_join`` is.
    """

    def __post_init__(self) -> None:
        ByLeaves.__post_init__(self)
        modules.OnSpark.__post_init__(self)

    def start(self) -> None:
        """Open the Spark session; give the Python workers the library."""
        from allknn.approximate import leaf_join  # noqa: F401 (imported here so that fit does not pay for it)

        super().start()

    def fit(self, points: Points) -> None:
        """Ship the points; find equal ones, and draw leaders among the others."""
        from allknn import inputs
        from allknn.approximate import buckets, leaf_join
        from allknn.exact import duplicates

        self._points = points
        self._exact: ExactJoin | None = None
        ends = np.array([[points[rows].min(), points[rows].max()] for rows in inputs.blocks(points)])
        if leaf_join.is_wide(points.shape[1], float(ends.min()), float(ends.max())):
            self._exact = ExactJoin.within(self)
            self._exact.fit(points)
            return
        self._load_points = partial(task.mapped_points, self._send(Path(session.file_of(points))))
        self._groups: Groups = duplicates.group(np.asarray(points))
        began = time.perf_counter()
        self._tree = buckets.plant(points, self._groups.first, [self.seed, 0])
        self._sizes = buckets.expected_sizes(points, self._groups.first, self.fan_out, self._tree)
        self._build_seconds = time.perf_counter() - began

    def kneighbors(self, k: int) -> Iterator[Neighbors | Progress]:
        """Yield progress until all buckets are solved, then ranges of rows as they are merged."""
        from allknn.approximate import exact, leaf_join

        if self._exact is not None:
            yield from self._exact.kneighbors(k)
            because = "float32 cannot hold the squares of all distances"
            self.details = {**self._exact.details, "exact_because": because}
            return
        phases = Phases(self._context)
        self.details = phases.details
        phases.details["build_seconds"] = self._build_seconds
        plan = approximate_plan.plan_tasks(
            self.load_core,
            self._load_points,
            task_reports.report,
            self._sizes,
            self._groups,
            k=k,
            fan_out=self.fan_out,
            leaf_size=self.leaf_size,
            seed=self.seed,
            slots=executors.total_cores(self._context),
        )
        leaders = self._context.broadcast(self._tree)
        parts = approximate_plan.rows_to_assign(self._groups, self._points.shape[1])
        assigned = self._context.parallelize(parts, len(parts)).mapPartitions(
            partial(approximate_tasks.assign, plan=plan, leaders=leaders)
        )
        sent = assigned.partitionBy(plan.n_groups + 1, int)
        solved = sent.mapPartitionsWithIndex(partial(approximate_tasks.solve, plan=plan))
        merged = solved.partitionBy(plan.n_ranges + 1, int).mapPartitionsWithIndex(
            partial(approximate_tasks.merge, plan=plan)
        )
        reports = yield from phases.watched("assign", sent.values(), plan.n_groups, 0, _ASSIGNED)
        phases.note("assign", reports)
        solvers = yield from phases.watched("solve", merged, plan.n_ranges, _ASSIGNED, _SOLVED)
        phases.note("solve", [report for _, report in solvers])
        sizes = np.concatenate([sizes for sizes, _ in solvers])
        phases.details["buckets"] = float(len(sizes))
        phases.details["largest_bucket"] = float(sizes.max())
        blocks = phases.answers("merge", merged, plan.n_ranges, k)
        with ThreadPoolExecutor(1) as pool:
            for rows, read_only_ids, read_only in blocks:
                ids, distances = read_only_ids.copy(), read_only.copy()
                positions = np.searchsorted(self._groups.first, rows)
                exact.complete(self._points, self._groups.first, positions, ids, distances, pool)
                yield from adapted([leaf_join.answer(self._groups, rows, ids, distances)])
        phases.end(moved=("assign", "solve"))

    def close(self) -> None:
        """Stop Spark and its JVM."""
        super().close()
        if exact := getattr(self, "_exact", None):
            exact.close()


strategy = Entry(SparkLeafJoin, exact=False, requires=("pyspark", "java"), ladder=LADDER)
