"""The exact join of our library in tasks: two leaf ranges each, merged as they come."""

import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from allknn.answers import Clock
from allknn.spark import exact_task
from bench.master import driver_cores
from bench.strategy import Neighbors, Planned, Points, Progress, SparkQuery
from strategies._allknn import adapted
from strategies._spark import errors, executors, modules, session, task, task_reports
from strategies._spark.phases import Phases

if TYPE_CHECKING:
    from allknn.exact.task import Work


@dataclass
class ExactJoin(modules.OnSpark):
    """The same bytes as in threads, whatever fails on the way.

    The driver orders the points, gives each task the bounds known by then, and merges what comes back; a task
    maps the points, their order and their leading components, and joins two ranges of them.
    """

    stretch_rows: int = 131_072
    """Points in a range, about, 1 or more; less where the cores would lack work, more where there would be
    more than 32 ranges. Longer tasks cost less in all."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.stretch_rows < 1:
            raise ValueError(f"stretch_rows is {self.stretch_rows}, allowed is 1 or more")

    def start(self) -> None:
        """Open the Spark session; give the Python workers the library."""
        from allknn.exact import join  # noqa: F401 (imported here so that fit does not pay for it)

        super().start()

    @classmethod
    def within(cls, other: modules.OnSpark) -> "ExactJoin":
        """Return the join in the session of another one, which closes it."""
        join = cls(master=other.master, shared_dir=other.shared_dir)
        join._use(other.own, other.load_core)
        return join

    def fit(self, points: Points) -> None:
        """Find equal points and order the others; ship the points."""
        from allknn.exact.join import Join

        self._fit_details: dict[str, float | str] = {}
        self._cpu_before = time.process_time()
        with Clock(self._fit_details, "driver_ship_seconds"):
            self._load_points = partial(task.mapped_points, self._send(Path(session.file_of(points))))
        self._join: Join = Join(points, driver_cores(self.master))
        self._file = Path(self.shared_dir or self.own.scratch) / f"{uuid.uuid4().hex}.arrangement"
        with Clock(self._fit_details, "driver_ship_seconds"):
            layout = self._join.write(self._file)
            self._load_arrangement = partial(_arrangement, self._send(self._file), tuple(layout))

    def kneighbors(self, k: int) -> Iterator[Neighbors | Progress]:
        """Yield progress until all ranges are joined, then blocks."""
        from allknn.exact.points import Lists
        from allknn.spark.exact_rounds import join_by_tasks

        phases = Phases(self._context)
        self.details = details = phases.details
        details |= {"growth": "quadratic", **self._fit_details}
        with Clock(details, "driver_lists_seconds"):
            lists = Lists.in_files(self.own.scratch, self._join.ordered, self._join.kept(k))
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
            with phases.timed("own"):  # the first wave is alone
                first = next(shares)
            phases.note("own", reports[:])
            n_own = len(reports)
            yield Progress(first)
            with phases.timed("others"):
                yield from adapted(shares)
            phases.note("others", reports[n_own:])
        with Clock(details, "driver_settle_seconds"):
            yield from adapted(self._join.answers(lists, k))
        phases.end()
        for name, value in self._join.details.items():
            details[f"driver_{name}" if name.endswith("_seconds") else name] = value
        details["driver_cpu_seconds"] = time.process_time() - self._cpu_before

    def planned(self, query: SparkQuery) -> dict[str, Planned]:
        """Say how many jobs and tasks join ranges with themselves, and with others."""
        from allknn.spark.exact_rounds import planned

        n_own, n_others, n_waves = planned(query.n_samples, self.stretch_rows, query.slots)
        return {"own": Planned(1, n_own), "others": Planned(n_waves, n_others)}

    def close(self) -> None:
        """Stop Spark and its JVM; remove what tasks mapped."""
        super().close()
        if hasattr(self, "_file"):
            self._file.unlink(missing_ok=True)

    def _wave(self, works: "list[Work]") -> Callable[[], Any]:
        """Make one job; in this thread, for two cannot make them at once."""
        run = partial(
            exact_task.run,
            load_core=self.load_core,
            load_points=self._load_points,
            load_arrangement=self._load_arrangement,
            report=task_reports.report,
        )
        rdd = self._context.parallelize([tuple(work) for work in works], len(works)).map(modules.guarded(run))
        _ = rdd._jrdd  # noqa: SLF001 (this is where it is made)
        return partial(_collect, rdd)


def _arrangement(find: Callable[[], str], layout: tuple[Any, ...], points: Any) -> Any:
    """Map the order of the points and what a screen shows of them, in a task, once in a worker."""
    from allknn.exact import arrangement

    def load(path: str) -> Any:
        return arrangement.read(path, arrangement.Layout(*layout), points)

    return task.kept("arrangement", find, load)


def _collect(rdd: Any) -> Any:
    with errors.in_one_line():
        return rdd.collect()
