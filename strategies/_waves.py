"""Run a search over ranges of rows in Spark and bring its blocks back wave by wave, never all at once."""

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from bench.strategy import Neighbors
from strategies import _failures, _neighbors

if TYPE_CHECKING:
    from pyspark import SparkContext

Search: TypeAlias = Callable[[range, int], tuple[NDArray[np.int32], NDArray[np.float32], float]]
"""What a task does: (rows, k) -> ids, distances and the seconds it took to load the index."""

Record: TypeAlias = tuple[int, bytes, bytes, float, float]
"""What a task brings back: its number, ids, distances, seconds to load the index, seconds in all."""

ROWS_PER_PARTITION = 1 << 14
RECORD_BYTES = 4 << 20
PARTITIONS_PER_CORE = 4
TASKS_PER_CORE_AND_WAVE = 2
WAVES_IN_FLIGHT = 2


class Waves:
    """All rows of one query, cut into partitions, a few of which are in flight at any time."""

    def __init__(self, context: "SparkContext", n_samples: int, n_partitions: int, k: int) -> None:
        """Cut the rows into ``n_partitions``.

        0 for as many for each core, at least four, of at most 16,384 rows and 4 MiB of answers.
        """
        cores = context.defaultParallelism
        most_rows = max(1, min(ROWS_PER_PARTITION, RECORD_BYTES // (8 * k)))
        per_core = max(PARTITIONS_PER_CORE, -(-n_samples // (cores * most_rows)))
        self._context = context
        self._wave_size = TASKS_PER_CORE_AND_WAVE * cores
        self._n_samples, self._k = n_samples, k
        self._n_partitions = min(n_samples, n_partitions or cores * per_core)
        self._load_seconds: list[float] = []
        self._task_seconds: list[float] = []

    def blocks(self, search: Search) -> Iterator[Neighbors]:
        """Yield what each partition answers, in order.

        Raises MemoryError or RuntimeError, in one line that says why, where a task fails for good.
        """
        task = partial(
            _answer, search=search, n_samples=self._n_samples, n_partitions=self._n_partitions, k=self._k
        )
        for part, indices, distances, load_seconds, task_seconds in self._records(task):
            self._load_seconds.append(load_seconds)
            self._task_seconds.append(task_seconds)
            yield Neighbors(
                _neighbors.row_range(self._n_samples, self._n_partitions, part),
                np.frombuffer(indices, np.int32).reshape(-1, self._k),
                np.frombuffer(distances, np.float32).reshape(-1, self._k),
            )

    @property
    def details(self) -> dict[str, float | str]:
        """What is known of the tasks that have answered so far."""
        load_seconds = sum(self._load_seconds)
        return {
            "n_partitions": float(self._n_partitions),
            "load_seconds_sum": load_seconds,
            "compute_seconds_sum": sum(self._task_seconds) - load_seconds,
            "longest_task_seconds": max(self._task_seconds, default=0.0),
        }

    def _records(self, task: Callable[[int], Record]) -> Iterator[Record]:
        """Run the tasks in jobs of a wave each; two are in flight, so that no core waits for a straggler."""
        tasks = self._context.parallelize(range(self._n_partitions), self._n_partitions).map(task)
        pending: deque[Future[list[Record]]] = deque()
        pool = ThreadPoolExecutor(WAVES_IN_FLIGHT, thread_name_prefix="wave")
        try:
            for wave in _neighbors.row_ranges(self._n_partitions, self._wave_size):
                pending.append(pool.submit(self._context.runJob, tasks, _all, list(wave)))
                if len(pending) > WAVES_IN_FLIGHT:  # one more waits, to start without waiting for the reader
                    yield from _result(pending.popleft())
            while pending:
                yield from _result(pending.popleft())
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
            if pending:
                self._context.cancelAllJobs()
            pool.shutdown()


def _answer(part: int, *, search: Search, n_samples: int, n_partitions: int, k: int) -> Record:
    started = time.perf_counter()
    rows = _neighbors.row_range(n_samples, n_partitions, part)
    indices, distances, load_seconds = search(rows, k)
    return part, indices.tobytes(), distances.tobytes(), load_seconds, time.perf_counter() - started


def _all(records: Iterable[Record]) -> Iterable[Record]:
    return records


def _result(wave: "Future[list[Record]]") -> list[Record]:
    with _failures.in_one_line():
        return wave.result()
