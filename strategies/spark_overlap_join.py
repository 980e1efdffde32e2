"""The approximate join of our library on Spark: no host holds an index, no vector travels."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from allknn.spark import approximate_plan, approximate_tasks
from bench.master import local_cores
from bench.strategy import Entry, Neighbors, Points, Progress
from strategies._allknn import LADDER, ByClusters, adapted
from strategies._spark import executors, gateway, modules, session, ship, task, task_reports
from strategies._spark.phases import Phases

if TYPE_CHECKING:
    from allknn.exact.duplicates import Groups

_ASSIGNED, _SOLVED = 0.2, 0.9
"""Shares of the query that are done after a phase, about."""


@dataclass
class SparkOverlapJoin(ByClusters):
    """``overlap_join`` with tasks instead of threads: the same bytes, whatever fails on the way.

    The driver finds centroids on a sample. Rows are given to clusters, clusters solved and what they know
    merged by tasks; answers come back range by range.
    """

    driver_memory: str = "2g"
    """Most heap the driver's JVM may take, as Spark writes it."""
    master: str = "local[2,4]"
    shared_dir: str = ""

    def __post_init__(self) -> None:
        super().__post_init__()
        session.check(self.master, 0, self.driver_memory)

    def start(self) -> None:
        """Open the Spark session; give the Python workers the library."""
        from allknn import _library
        from allknn.approximate import join  # noqa: F401 (imported here so that fit does not pay for it)

        gateway.refuse_another()  # before anything that takes time
        _library.load()
        self._session, self._load_core = modules.open_session(self.master, self.driver_memory)
        self._context = self._session.context

    def fit(self, points: Points) -> None:
        """Ship the points; find equal ones, and the centroids of the others."""
        from allknn.approximate import clustering
        from allknn.exact import duplicates

        self._n_features = points.shape[1]
        by_path = bool(self.shared_dir or local_cores(self.master))
        staged = Path(session.file_of(points))
        find = ship.send_points(self._session, staged, by_path=by_path, shared_dir=self.shared_dir)
        self._load_points = partial(task.mapped_points, find)
        self._groups: Groups = duplicates.group(np.asarray(points))
        began = time.perf_counter()
        self._centroids, self._sizes = clustering.find(
            points, self._groups.first, self.cluster_rows, self.overlap, self.seed
        )
        self._build_seconds = time.perf_counter() - began

    def kneighbors(self, k: int) -> Iterator[Neighbors | Progress]:
        """Yield progress until all clusters are solved, then ranges of rows as they are merged."""
        from allknn.approximate import clustering, join

        phases = Phases(self._context)
        self.details = phases.details
        phases.details["build_seconds"] = self._build_seconds
        plan, numbers = approximate_plan.plan_tasks(
            self._load_core,
            self._load_points,
            task_reports.report,
            self._sizes,
            self._groups,
            k=k,
            overlap=self.overlap,
            most_rows=clustering.most_rows(self.cluster_rows, self.overlap),
            slots=executors.total_cores(self._context),
        )
        clusters = self._context.broadcast((self._centroids, numbers))
        parts = approximate_plan.rows_to_assign(self._groups, self._n_features)
        assigned = self._context.parallelize(parts, len(parts)).mapPartitions(
            partial(approximate_tasks.assign, plan=plan, clusters=clusters)
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
        phases.details["clusters"] = float(len(sizes))
        phases.details["largest_cluster"] = float(sizes.max())
        phases.details["pairs_a_point"] = float((sizes.astype(float) ** 2).sum() / len(self._groups.first))
        blocks = phases.answers("merge", merged, plan.n_ranges, k)
        yield from adapted(join.answer(self._groups, *block) for block in blocks)
        phases.end(moved=("assign", "solve"))

    def close(self) -> None:
        """Stop Spark and its JVM."""
        if hasattr(self, "_session"):
            self._session.close()


strategy = Entry(SparkOverlapJoin, exact=False, requires=("pyspark", "java"), ladder=LADDER)
