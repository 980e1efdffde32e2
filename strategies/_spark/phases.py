"""A query of several phases on Spark, each timed, its tasks' reports added up, its progress told."""

import time
from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from bench.master import is_local
from bench.strategy import Progress
from strategies._spark import executors, guard, session, task_reports, waves

if TYPE_CHECKING:
    from pyspark import SparkContext

_LOOK_SECONDS = 0.5


class Phases:
    """One query: what its phases took is in ``details``."""

    def __init__(self, context: "SparkContext") -> None:
        self.details: dict[str, float | str] = {}
        self._context, self._slots = context, executors.total_cores(context)
        self._began, self._task_seconds = time.perf_counter(), executors.task_seconds(context)
        self._jobs, self._overhead_seconds = executors.jobs(context), 0.0
        self._reports: list[task_reports.Report] = []

    def watched(
        self, phase: str, tasks: Any, part: int, first: float, last: float
    ) -> Generator[Progress, None, list[Any]]:
        """Have one partition computed, and so all that it depends on; return its elements.

        Yields progress from ``first`` to ``last``, the shares of the query done before and after.
        """
        _ = tasks._jrdd  # noqa: SLF001 (made here, for it cannot be made by two threads at once)
        with self.timed(phase), ThreadPoolExecutor(1) as pool:
            running = pool.submit(waves.Waves(self._context, self._slots).collect, tasks, [part])
            try:
                while not wait([running], _LOOK_SECONDS).done:
                    yield Progress(first + (last - first) * self._share_done())
            finally:
                if not running.done():
                    self._context.cancelAllJobs()
        return running.result()

    @contextmanager
    def timed(self, phase: str) -> Iterator[None]:
        """Tell how long a phase took, and of it what tasks took, and the driver: CPU time, all threads."""
        began, cpu, busy = time.perf_counter(), time.process_time(), executors.task_seconds(self._context)
        yield
        wall, cpu = time.perf_counter() - began, time.process_time() - cpu
        busy = executors.task_seconds(self._context) - busy
        self.details[f"{phase}_seconds"] = wall
        self.details[f"{phase}_busy_seconds"] = busy
        self.details[f"driver_{phase}_seconds"] = cpu
        self._overhead_seconds += wall - busy / self._slots - cpu

    def _share_done(self) -> float:
        """Of the stage that runs."""
        tracker = self._context.statusTracker()
        stages = [tracker.getStageInfo(stage) for stage in tracker.getActiveStageIds()]
        counts = [(stage.numCompletedTasks, stage.numTasks) for stage in stages if stage]
        return sum(done for done, _ in counts) / max(1, sum(tasks for _, tasks in counts))

    def answers(
        self, phase: str, tasks: Any, n_tasks: int, k: int
    ) -> Iterator[tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.float32]]]:
        """Yield rows, ids and distances as tasks bring them, a few waves at a time."""
        reports = []
        with self.timed(phase):
            for result in waves.Waves(self._context, self._slots).results(tasks, n_tasks):
                if isinstance(result, Progress):  # of this phase alone
                    continue
                rows, ids, distances, report = result
                reports.append(report)
                yield (
                    np.frombuffer(rows, np.int32),
                    np.frombuffer(ids, np.int32).reshape(-1, k),
                    np.frombuffer(distances, np.float32).reshape(-1, k),
                )
        self.note(phase, reports)

    def note(self, phase: str, reports: list[tuple[Any, ...]]) -> None:
        """Tell how the tasks of a phase went."""
        found = [task_reports.Report(*fields) for fields in reports]
        self._reports += found
        told = task_reports.summarize_join(found)
        for name, of in (
            ("tasks", "n_tasks"),
            ("task_seconds", "compute_seconds_sum"),
            ("longest_task_seconds", "compute_seconds_longest"),
            ("bytes", "sent_bytes"),
        ):
            self.details[f"{phase}_{name}"] = told[of]

    def end(self, moved: tuple[str, ...] = ()) -> None:
        """Tell what all tasks say together; what those of the phases ``moved`` sent is for other tasks.

        ``overhead_seconds`` are those of the phases in which neither tasks nor the driver computed.
        """
        told = task_reports.summarize_join(self._reports)
        self.details.update(told)
        self.details["moved_bytes"] = sum((float(self.details[f"{phase}_bytes"]) for phase in moved), 0.0)
        busy = executors.task_seconds(self._context) - self._task_seconds
        self.details["task_seconds_sum"] = busy
        self.details["idle_seconds"] = time.perf_counter() - self._began - busy / self._slots
        self.details["overhead_seconds"] = max(0.0, self._overhead_seconds)
        self.details["jobs"] = float(executors.jobs(self._context) - self._jobs)
        self.details["cores"] = float(self._slots)
        self.details["lost_executors"] = float(executors.lost(self._context))
        if not is_local(str(self._context.master)) and (left_out := guard.left_out(self._context)):
            self.details["left_out"] = left_out
        self.details["spark_configuration"] = session.configuration(self._context)
