"""The exact join of our library on Spark: two leaf ranges a task, merged as they come."""

import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from allknn.spark import exact_task
from bench.master import local_cores
from bench.strategy import Entry, Neighbors, Points, Progress, Strategy
from strategies._allknn import adapted
from strategies._spark import errors, executors, gateway, modules, session, ship, task, task_reports

if TYPE_CHECKING:
    from allknn.exact.points import Lists
    from allknn.exact.task import Work


@dataclass
class SparkBlockedExact(Strategy):
    """``blocked_exact`` with tasks instead of threads: the same bytes, whatever fails on the way.

    The driver orders the points, gives each task the bounds known by then, and merges what comes back; a task
    maps the points, their order and their leading components, and joins two ranges of them.
    """

    stretch_rows: int = 131_072
    """Points in a range, about, 1 or more; less where the cores would lack work, more where there would be
    more than 32 ranges. Longer tasks cost less in all."""
    driver_memory: str = "2g"
    """Most heap the driver's JVM may take, as Spark writes it."""
    master: str = "local[2,4]"
    shared_dir: str = ""

    def __post_init__(self) -> None:
        session.check(self.master, 0, self.driver_memory)
        if self.stretch_rows < 1:
            raise ValueError(f"stretch_rows is {self.stretch_rows}, allowed is 1 or more")

    def start(self) -> None:
        """Open the Spark session; give the Python workers the library."""
        from allknn import _library
        from allknn.exact import join  # noqa: F401 (imported here so that fit does not pay for it)

        gateway.refuse_another()  # before anything that takes time
        _library.load()
        self._session, self._load_core = modules.open_session(self.master, self.driver_memory)
        self._context = self._session.context

    @classmethod
    def within(
        cls, own: "session.OwnSession", load_core: Callable[[], None], master: str, shared_dir: str
    ) -> "SparkBlockedExact":
        """Return the join in a session that another one opened, and closes."""
        join = cls(master=master, shared_dir=shared_dir)
        join._session, join._load_core, join._context = own, load_core, own.context
        return join

    def fit(self, points: Points) -> None:
        """Find equal points and order the others; ship the points."""
        from allknn.exact.join import Join

        staged = Path(session.file_of(points))
        by_path = bool(self.shared_dir or local_cores(self.master))
        find = ship.send_points(self._session, staged, by_path=by_path, shared_dir=self.shared_dir)
        self._load_points = partial(task.mapped_points, find)
        self._join: Join = Join(points, local_cores(self.master) or 1)
        self._file = Path(self.shared_dir or self._session.scratch) / f"{uuid.uuid4().hex}.arrangement"
        layout = self._join.write(self._file)
        find = ship.send_points(self._session, self._file, by_path=by_path, shared_dir=self.shared_dir)
        self._load_arrangement = partial(_arrangement, find, tuple(layout))

    def kneighbors(self, k: int) -> Iterator[Neighbors | Progress]:
        """Yield progress until all ranges are joined, then blocks."""
        from allknn.spark.exact_rounds import join_by_tasks

        began = time.perf_counter()
        lists = self._lists(k)
        reports: list[tuple[Any, ...]] = []
        if self._join.kept(k):
            shares = join_by_tasks(
                self._join,
                lists,
                k=k,
                rows_per_range=self.stretch_rows,
                cores=executors.total_cores(self._context),
                prepare=self._wave,
                cancel=self._context.cancelAllJobs,
                reports=reports,
            )
            yield from adapted(shares)
        joined = time.perf_counter()
        yield from adapted(self._join.answers(lists, k))
        self.details = {
            "growth": "quadratic",
            "join_seconds": joined - began,
            **self._join.details,
            **task_reports.summarize_join([task_reports.Report(*fields) for fields in reports]),
            "lost_executors": float(executors.lost(self._context)),
            "spark_configuration": session.configuration(self._context),
        }

    def close(self) -> None:
        """Stop Spark and its JVM."""
        if hasattr(self, "_session"):
            self._session.close()
        if hasattr(self, "_file"):
            self._file.unlink(missing_ok=True)

    def _wave(self, works: "list[Work]") -> Callable[[], Any]:
        """Make one job; in this thread, for two cannot make them at once."""
        run = partial(
            exact_task.run,
            load_core=self._load_core,
            load_points=self._load_points,
            load_arrangement=self._load_arrangement,
            report=task_reports.report,
        )
        rdd = self._context.parallelize([tuple(work) for work in works], len(works)).map(run)
        _ = rdd._jrdd  # noqa: SLF001 (this is where it is made)
        return partial(_collect, rdd)

    def _lists(self, k: int) -> "Lists":
        """Candidates of all points, in files of the session's directory: they may be larger than memory."""
        from allknn.exact.points import Lists

        shape = len(self._join.ordered.order), self._join.kept(k)
        loosest = np.full(len(self._join.ordered.radii), -np.inf, np.float32)
        if not shape[1]:
            return Lists(np.empty(shape, np.float32), np.empty(shape, np.int32), loosest)
        nearness, others = (
            np.asarray(np.memmap(self._session.scratch / name, dtype, "w+", shape=shape))
            for name, dtype in (("nearness", np.float32), ("others", np.int32))
        )
        nearness[:], others[:] = -np.inf, -1
        return Lists(nearness, others, loosest)


def _arrangement(find: Callable[[], str], layout: tuple[Any, ...], points: Any) -> Any:
    """Map the order of the points and what a screen shows of them, in a task, once in a worker."""
    from allknn.exact import arrangement

    def load(path: str) -> Any:
        return arrangement.read(path, arrangement.Layout(*layout), points)

    return task.kept("arrangement", find, load)


def _collect(rdd: Any) -> Any:
    with errors.in_one_line():
        return rdd.collect()


strategy = Entry(SparkBlockedExact, exact=True, requires=("pyspark", "java"))
