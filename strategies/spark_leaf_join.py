"""The approximate join of our library on Spark: no host holds an index, no vector travels."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from allknn.answers import Clock
from allknn.spark import approximate_plan, approximate_tasks
from bench.master import driver_cores
from bench.strategy import Entry, Neighbors, Planned, Points, Progress, SparkQuery
from strategies._allknn import LADDER, ByLeaves, adapted
from strategies._spark import executors, modules, session, task, task_reports
from strategies._spark.exact_join import ExactJoin
from strategies._spark.modules import guarded
from strategies._spark.phases import Phases
from strategies._spark.waves import TASKS_PER_SLOT_AND_WAVE

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

        self._points, self._threads = points, driver_cores(self.master)
        self._exact: ExactJoin | None = None
        self._fit_details: dict[str, float | str] = {}
        self._cpu_before = time.process_time()
        told, pool = self._fit_details, ThreadPoolExecutor(self._threads)
        with Clock(told, "driver_equal_points_seconds"), pool:
            blocks = inputs.blocks(points)
            ends = np.array(list(pool.map(lambda rows: (points[rows].min(), points[rows].max()), blocks)))
        if leaf_join.is_wide(points.shape[1], float(ends.min()), float(ends.max())):
            self._exact = ExactJoin.within(self)
            self._exact.fit(points)
            return
        with Clock(told, "driver_ship_seconds"):
            self._load_points = partial(task.mapped_points, self._send(Path(session.file_of(points))))
        with Clock(told, "driver_equal_points_seconds"):
            self._groups: Groups = duplicates.group(np.asarray(points), self._threads)
        with Clock(told, "driver_leaders_seconds"):
            self._tree = buckets.plant(points, self._groups.first, [self.seed, 0])

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
        phases.details |= self._fit_details
        plan = approximate_plan.plan_tasks(
            self.load_core,
            self._load_points,
            task_reports.report,
            self._tree,
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
            guarded(partial(approximate_tasks.assign, plan=plan, leaders=leaders))
        )
        sent = assigned.partitionBy(plan.join.n_groups + 1, int)
        solved = sent.mapPartitionsWithIndex(guarded(partial(approximate_tasks.solve, plan=plan)))
        merged = solved.partitionBy(plan.n_ranges + 1, int).mapPartitionsWithIndex(
            guarded(partial(approximate_tasks.merge, plan=plan))
        )
        reports = yield from phases.watched("assign", sent.values(), plan.join.n_groups, 0, _ASSIGNED)
        phases.note("assign", reports)
        solvers = yield from phases.watched("solve", merged, plan.n_ranges, _ASSIGNED, _SOLVED)
        phases.note("solve", [report for _, report in solvers])
        sizes = np.concatenate([sizes for sizes, _ in solvers])
        phases.details["buckets"] = float(len(sizes))
        phases.details["largest_bucket"] = float(sizes.max())
        blocks = phases.answers("merge", merged, plan.n_ranges, k)
        with ThreadPoolExecutor(self._threads) as pool:
            for rows, read_only_ids, read_only in blocks:
                ids, distances = read_only_ids.copy(), read_only.copy()
                positions = np.searchsorted(self._groups.first, rows)
                exact.complete(self._points, self._groups.first, positions, ids, distances, pool)
                yield from adapted([leaf_join.answer(self._groups, rows, ids, distances)])
        phases.end(moved=("assign", "solve"))
        phases.details["driver_cpu_seconds"] = time.process_time() - self._cpu_before

    def planned(self, query: SparkQuery) -> dict[str, Planned]:
        """Say how many jobs and tasks assign rows, solve buckets and merge answers."""
        n, slots = query.n_samples, query.slots
        n_merged = -(-n // approximate_plan.rows_of_answers(query.k))
        return {
            "assign": Planned(1, -(-n // approximate_plan.rows_at_once(query.n_features))),
            "solve": Planned(1, approximate_plan.n_groups(n, query.n_features, query.k, self.fan_out, slots)),
            "merge": Planned(-(-n_merged // (TASKS_PER_SLOT_AND_WAVE * slots)), n_merged),
        }

    def close(self) -> None:
        """Stop Spark and its JVM."""
        super().close()
        if exact := getattr(self, "_exact", None):
            exact.close()


strategy = Entry(SparkLeafJoin, exact=False, requires=("pyspark", "java"), ladder=LADDER)
