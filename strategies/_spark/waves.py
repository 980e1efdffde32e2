"""Run a task for each partition in Spark and bring the records back wave by wave, never all at once."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from itertools import islice
from typing import TYPE_CHECKING, Any

from bench.master import is_local
from bench.strategy import Progress
from strategies._spark import errors, executors
from strategies._spark.task import Record

if TYPE_CHECKING:
    from pyspark import SparkContext
    from pyspark.resource import ResourceProfile

ROWS_PER_PARTITION = 1 << 15
FEWEST_ROWS = 1 << 10
RECORD_BYTES = 8 << 20
PARTITIONS_PER_SLOT = 4, 16
TASKS_PER_SLOT_AND_WAVE = 2
WAVES_IN_FLIGHT = 3
"""Two that run and one for the cores that they leave idle while a straggler holds one of them."""
_LOOK_SECONDS = 0.5
_RUNNING_SHARE = 0.5
"""Of a task that runs, what is likely done."""


def n_parts(n_samples: int, k: int, slots: int, threads: int) -> int:
    """How many partitions suit so many tasks at a time, each of so many threads.

    The same for each slot: at least 4, and up to 16 as long as each has 1,024 rows, so that one that takes
    much longer than others does not outlast them; of at most 32,768 rows a thread and 8 MiB of answers.
    """
    most_rows = max(1, min(ROWS_PER_PARTITION * threads, RECORD_BYTES // (8 * k)))
    fewest, many = PARTITIONS_PER_SLOT
    wanted = min(many, n_samples // (slots * FEWEST_ROWS * threads))
    per_slot = max(fewest, wanted, -(-n_samples // (slots * most_rows)))
    return min(n_samples, slots * per_slot)


class Waves:
    """The tasks of one query, a few waves of which are in flight at any time."""

    collect_seconds: float = 0.0
    """For the records of finished waves to come from the JVM."""

    def __init__(
        self,
        context: "SparkContext",
        slots: int,
        profile: "ResourceProfile | None" = None,
        task_cores: int = 1,
    ) -> None:
        """``slots`` is how many tasks of ``task_cores`` run at first, ``profile`` what each asks for."""
        self._context, self._profile = context, profile
        self._slots, self._task_cores = slots, task_cores

    def records(self, task: Callable[[int], tuple[Any, ...]], n_tasks: int) -> Iterator[Record | Progress]:
        """Yield what the tasks bring back, a wave as soon as it is there, and in between how far they are.

        Raises MemoryError or RuntimeError, in one line that says why, where a task fails for good.
        """
        tasks = self._context.parallelize(range(n_tasks), n_tasks).map(task)
        if self._profile is not None:
            tasks = tasks.withResources(self._profile)
        for fields in self.results(tasks, n_tasks):
            yield fields if isinstance(fields, Progress) else Record(*fields)

    def results(self, tasks: Any, n_tasks: int) -> Iterator[Any]:
        """Yield the elements of the first ``n_tasks`` partitions of an RDD, likewise."""
        _ = tasks._jrdd  # noqa: SLF001 (made here, for it cannot be made by two threads at once)
        waves = self._waves(n_tasks)
        pool = ThreadPoolExecutor(WAVES_IN_FLIGHT, thread_name_prefix="wave")
        running: set[Future[list[Any]]] = set()
        collected = 0
        try:
            running |= {pool.submit(self.collect, tasks, wave) for wave in islice(waves, WAVES_IN_FLIGHT)}
            while running:
                done, running = wait(running, _LOOK_SECONDS, FIRST_COMPLETED)
                running |= {pool.submit(self.collect, tasks, wave) for wave in islice(waves, len(done))}
                collected += sum(len(wave.result()) for wave in done)
                yield Progress(min(1.0, (collected + (self._in_flight() if running else 0.0)) / n_tasks))
                for wave in done:
                    yield from wave.result()
        finally:
            if running:
                self._context.cancelAllJobs()
            pool.shutdown()

    def _waves(self, n_tasks: int) -> Iterator[list[int]]:
        """Cut the tasks into waves, each for the executors that are there when it starts."""
        begun = 0
        while begun < n_tasks:
            if not is_local(str(self._context.master)):
                self._slots = executors.cores_there(self._context) // self._task_cores or self._slots
            wave = range(begun, min(n_tasks, begun + TASKS_PER_SLOT_AND_WAVE * self._slots))
            yield list(wave)
            begun = wave.stop

    def _in_flight(self) -> float:
        """How many tasks of unfinished waves are done, and of those that run what is likely done."""
        tracker = self._context.statusTracker()
        stages = [tracker.getStageInfo(stage) for stage in tracker.getActiveStageIds()]
        return sum(one.numCompletedTasks + _RUNNING_SHARE * one.numActiveTasks for one in stages if one)

    def collect(self, tasks: Any, parts: list[int]) -> list[Any]:
        """Bring the elements of some partitions as ``SparkContext.runJob`` does; the collecting is timed."""
        from pyspark.util import _load_from_socket

        context: Any = self._context
        with errors.in_one_line():
            answered = context._jvm.PythonRDD.runJob(context._jsc.sc(), tasks._jrdd, parts)  # noqa: SLF001
            began = time.perf_counter()
            with _load_from_socket(answered, tasks._jrdd_deserializer) as records:  # noqa: SLF001
                wave = list(records)
        self.collect_seconds += time.perf_counter() - began
        return wave
