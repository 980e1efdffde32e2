"""The exact join of our own on Spark: two stretches of points a task, what they find merged as it comes."""

import time
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from bench.strategy import Entry, Neighbors, Points, Progress, Strategy
from strategies import (
    _executors,
    _failures,
    _gateway,
    _ship,
    _spark,
    _spark_join,
    _spark_modules,
    _spark_reports,
)

if TYPE_CHECKING:
    from strategies._join_cloud import Lists
    from strategies._join_schedule import Schedule

_STRETCHES_PER_CORE = 4


@dataclass
class SparkBlockedExact(Strategy):
    """``blocked_exact`` with tasks instead of threads: the same bytes, whatever fails on the way.

    The driver orders the points, gives each task the bounds known by then, and merges what comes back; a task
    maps the points and holds two stretches of them.
    """

    stretch_rows: int = 131_072
    """Points in a stretch, 1 or more; less where the cores would lack work. Longer tasks cost less in all."""
    driver_memory: str = "2g"
    """Most heap the driver's JVM may take, as Spark writes it."""
    master: str = "local[2,4]"
    shared_dir: str = ""

    def __post_init__(self) -> None:
        _spark.check(self.master, 0, self.driver_memory)
        if self.stretch_rows < 1:
            raise ValueError(f"stretch_rows is {self.stretch_rows}, allowed is 1 or more")

    def start(self) -> None:
        """Open the Spark session and compile, here and in the Python workers."""
        from strategies import _join

        _gateway.refuse_another()  # before it takes time to compile
        self._threads = _spark.local_cores(self.master) or 1
        _join.compile_here(self._threads)
        self._session = _spark_modules.open_session(
            self.master, self.driver_memory, ("numba", "pyspark"), _spark_join.compile_there
        )
        self._context = self._session.context

    def fit(self, points: Points) -> None:
        """Find equal points and order the others; ship the points."""
        from strategies._join import Join

        staged = Path(_spark.file_of(points))
        by_path = bool(self.shared_dir or _spark.local_cores(self.master))
        self._find_points = _ship.send_points(
            self._session, staged, by_path=by_path, shared_dir=self.shared_dir
        )
        self._join: Join = Join(points, self._threads)

    def kneighbors(self, k: int) -> Iterator[Neighbors | Progress]:
        """Yield progress until all stretches are joined, then blocks."""
        began = time.perf_counter()
        lists = self._lists(k)
        reports: list[_spark_reports.Report] = []
        if self._join.kept(k):
            yield from self._joined(lists, reports)
        joined = time.perf_counter()
        yield from self._join.answers(lists, k)
        self.details = {
            "growth": "quadratic",
            "join_seconds": joined - began,
            **self._join.details,
            **_spark_reports.summarize(reports),
            "lost_executors": float(_executors.lost(self._context)),
            "spark_configuration": _spark.configuration(self._context),
        }

    def close(self) -> None:
        """Stop Spark and its JVM."""
        if hasattr(self, "_session"):
            self._session.close()

    def _joined(self, lists: "Lists", reports: list[_spark_reports.Report]) -> Iterator[Progress]:
        """Have all stretches joined, a task for each core and one in waiting; merge what they find."""
        from strategies._join_cloud import LEAF
        from strategies._join_pairs import merge
        from strategies._join_schedule import Schedule
        from strategies._join_task import Found

        cores = self._context.defaultParallelism
        share = len(self._join.cloud.radii) // (_STRETCHES_PER_CORE * cores)
        schedule = Schedule(self._join.cloud, max(1, min(self.stretch_rows // LEAF, share)))
        running: dict[Future[Any], tuple[int, int]] = {}
        tiles = 0
        pool = ThreadPoolExecutor(cores + 1, thread_name_prefix="join")
        try:
            while not schedule.is_over:
                while len(running) <= cores and (pair := schedule.take()):
                    running[pool.submit(_collect, self._task(schedule, pair, lists))] = pair
                done, _ = wait(running, return_when=FIRST_COMPLETED)
                for future in done:
                    pair = running.pop(future)
                    found, report = Found(*future.result()[0]), _spark_reports.Report(*future.result()[1])
                    merge(lists, self._positions(schedule, pair), *found[:3])
                    schedule.finish(pair)
                    tiles += found.tiles
                    reports.append(report)
                yield Progress(schedule.done)
        finally:
            if running:
                self._context.cancelAllJobs()
            pool.shutdown()
        self._join.note_tiles(tiles)

    def _task(self, schedule: "Schedule", pair: tuple[int, int], lists: "Lists") -> Any:
        """One task as an RDD; made here, for two threads cannot make them at once."""
        from strategies._join_task import Work

        cloud = self._join.cloud
        positions = self._positions(schedule, pair)
        ranges = self._ranges(schedule, pair)
        leaves = np.concatenate([np.arange(start, stop) for start, stop in ranges])
        work = Work(
            order=cloud.order[positions],
            leaf_at=np.append(0, np.diff(cloud.leaf_at)[leaves].cumsum()),
            centers=cloud.centers[leaves],
            radii=cloud.radii[leaves],
            first=ranges[0][1] - ranges[0][0],
            bounds=lists.nearness[positions, -1],
            kept=lists.nearness.shape[1],
            scale=cloud.scale,
        )
        task = self._context.parallelize([tuple(work)], 1).map(
            partial(_spark_join.run, find_points=self._find_points)
        )
        _ = task._jrdd  # noqa: SLF001 (this is where it is made)
        return task

    def _ranges(self, schedule: "Schedule", pair: tuple[int, int]) -> list[tuple[int, int]]:
        """The leaves of both stretches of a pair, or of the one that meets itself."""
        return [schedule.stretches[side] for side in dict.fromkeys(pair)]

    def _positions(self, schedule: "Schedule", pair: tuple[int, int]) -> NDArray[np.int64]:
        """The positions in them."""
        leaf_at = self._join.cloud.leaf_at
        ranges = self._ranges(schedule, pair)
        return np.concatenate([np.arange(leaf_at[start], leaf_at[stop]) for start, stop in ranges])

    def _lists(self, k: int) -> "Lists":
        """Candidates of all points, in files of the session's directory: they may be larger than memory."""
        from strategies._join_cloud import Lists

        shape = len(self._join.cloud.order), self._join.kept(k)
        if not shape[1]:
            return Lists(np.empty(shape, np.float32), np.empty(shape, np.int32))
        scratch = self._session.scratch
        nearness, others = (
            np.asarray(np.memmap(scratch / name, dtype, "w+", shape=shape))
            for name, dtype in (("nearness", np.float32), ("others", np.int32))
        )
        nearness[:], others[:] = -np.inf, -1
        return Lists(nearness, others)


def _collect(task: Any) -> Any:
    with _failures.in_one_line():
        return task.collect()[0]


strategy = Entry(SparkBlockedExact, exact=True, requires=("numba", "pyspark", "java"))
