"""The one way to run an index on Spark: fit, save, ship it, and have tasks ask it for their rows."""

import importlib
import shutil
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any, ClassVar

import numpy as np

from bench.master import local_cores
from bench.strategy import Neighbors, Points, Progress, Strategy
from strategies import _neighbors
from strategies._spark import executors, guard, parquet_parts, preflight, session, ship, task
from strategies._spark.ship import WAYS
from strategies._spark.task_reports import Details, Report, summarize_query
from strategies._spark.waves import Waves
from strategies._spark.waves import n_parts as suitable_parts

THIN, FAT = "thin", "fat"


@dataclass(frozen=True, slots=True)
class Index:
    """What a strategy states of its index; its functions, a module's or ``partial`` of one, travel."""

    module: str
    """What a Python worker imports beforehand."""
    requires: tuple[str, ...]
    """Distributions that every host must have."""
    fit: Callable[[Points], Any]
    search: task.Search
    save: Callable[[Any, str], object] | None = None
    """(index, path); None where the index can only be pickled."""
    load: Callable[..., Any] | None = None
    """(path, n_features=…) -> index; mapped, if that can be, so that the workers of a host share it."""
    describe: Callable[[Any], Mapping[str, float | str]] = lambda _index: MappingProxyType({})
    """What is worth telling of the fitted index."""


@dataclass
class Distributed(Strategy):
    """The parameters that every strategy on Spark has, and the flow from points to answers.

    A subclass adds the parameters of its index and says in ``index`` what to do with them.
    """

    n_partitions: int = 0
    """Spark partitions, each one task and one block of answers; 0 for as many as suit the cores."""
    ship: str = "file"
    """``file``: an executor fetches a copy (``addFile``); ``path``: one file that all hosts see, below
    --shared-dir; ``broadcast``: each Python worker unpickles a copy, where the index can be pickled."""
    tasks: str = THIN
    """``thin``: a task has a core, and the workers of a host share what they map; ``fat``: a task has all
    cores of its executor, in threads, and so an executor one Python worker with one index."""
    driver_memory: str = "2g"
    """Most heap the driver's JVM may take, as Spark writes it."""
    master: str = "local[2,4]"
    shared_dir: str = ""
    shared_scratch: str = ""
    neighbors_to: str = ""

    ways: ClassVar[tuple[str, ...]] = WAYS
    """Of shipping, those that the index allows."""

    def __post_init__(self) -> None:
        session.check(self.master, self.n_partitions, self.driver_memory)
        if self.ship not in self.ways:
            raise ValueError(f"ship is {self.ship!r}, allowed are {', '.join(self.ways)}")
        if self.tasks not in (THIN, FAT):
            raise ValueError(f"tasks is {self.tasks!r}, allowed are {THIN}, {FAT}")

    def index(self) -> Index:
        """Say what there is to do with the index."""
        raise NotImplementedError

    def start(self) -> None:
        """Open the Spark session and have the Python workers import what they need."""
        local = local_cores(self.master)
        if self.ship == "path" and not local and not self.shared_dir:
            raise RuntimeError("ship is 'path': on a cluster that takes a --shared-dir that all hosts see")
        self._points_by_path = bool(local or self.shared_dir)
        self._task_cores, self._profile = local if self.tasks == FAT and local else 1, None
        self._started: dict[str, float | str] = {}
        index = self.index()
        with _timed(self._started, "session_seconds"):
            self._session = session.open_session(
                self.master,
                self.driver_memory,
                task_cores=self._task_cores,
                one_worker=self.tasks == FAT,
            )
            self._context = self._session.context
            self._started["spark_configuration"] = session.configuration(self._context)
        with _timed(self._started, "workers_seconds"):
            writes = ("pyarrow",) if self.neighbors_to else ()
            self._requires = ("numpy", *index.requires, *writes)
            preflight.check(self._context, self._requires)  # before anything that takes time
            if self.neighbors_to:
                preflight.check_access(self._context, self.neighbors_to, write=True)
        with _timed(self._started, "import_seconds"):
            importlib.import_module(index.module)
        with _timed(self._started, "workers_seconds"):
            session.import_everywhere(self._context, index.module)
        if self.tasks == FAT and not local:  # only the cluster knows what its executors have
            self._task_cores = executors.fewest_cores(self._context)
            self._profile = executors.whole(self._task_cores)

    def fit(self, points: Points) -> None:
        """Fit on the driver, save and ship: all that comes before the first task."""
        self._shape = points.shape
        self.details = details = dict(self._started)
        with _timed(details, "staging_seconds"):
            staged = Path(session.file_of(points))
            self._find_points = ship.send_points(
                self._session, staged, by_path=self._points_by_path, shared_dir=self.shared_dir
            )
        stated = self.index()
        with _timed(details, "build_seconds"):
            index = stated.fit(points)
            details |= stated.describe(index)
        send = self._broadcast if self.ship == "broadcast" else self._send_file
        self._find_index = send(stated, index, details)

    def _broadcast(self, _stated: Index, index: Any, details: Details) -> Callable[[], Any]:
        with _timed(details, "ship_seconds"):
            find, size = ship.broadcast(self._context, index)
        details["shipped_bytes"] = float(size)
        with _timed(details, "check_seconds"):
            preflight.check(self._context, (), size, size, copy_per_worker=True)
        return find

    def _send_file(self, stated: Index, index: Any, details: Details) -> Callable[[], Any]:
        """Save the index where it stays: one that is shipped by its path is written there at once."""
        if stated.save is None or stated.load is None:
            raise TypeError("an index that is shipped as a file must say how it is saved and loaded")
        scratch = self._session.scratch
        by_path = self.ship == "path"
        place = Path(self.shared_scratch or self.shared_dir or scratch).resolve() if by_path else scratch
        self._forget_index()
        self._index_directory = place / f"index-{uuid.uuid4().hex}"  # executors of another user may read it
        self._index_directory.mkdir()
        file = self._index_directory / "index"
        with _timed(details, "save_seconds"):
            stated.save(index, str(file))
        size = file.stat().st_size
        details["shipped_bytes"] = float(size)
        with _timed(details, "check_seconds"):
            preflight.check(self._context, (), size, 0 if by_path else size)
        with _timed(details, "ship_seconds"):
            send = ship.by_shared_path if by_path else ship.add_file
            find = send(self._session, file)
        load = partial(stated.load, n_features=self._shape[1])
        return partial(task.kept, "index", find, load)

    def kneighbors(self, k: int) -> Iterator[Neighbors | Progress]:
        """Yield one block for each partition, as they are done, and in between how far the others are."""
        began = time.perf_counter()
        slots = max(1, executors.total_cores(self._context) // self._task_cores)
        n_parts = min(self._shape[0], self.n_partitions) or suitable_parts(
            self._shape[0], k, slots, self._task_cores
        )
        answer = partial(
            task.answer,
            n_parts=n_parts,
            shape=self._shape,
            k=k,
            find_points=self._find_points,
            find_index=self._find_index,
            search=self.index().search,
            write=partial(parquet_parts.write, folder=self.neighbors_to) if self.neighbors_to else None,
        )
        waves = Waves(self._context, slots, self._profile, self._task_cores)
        reports: dict[int, Report] = {}
        first: float | None = None
        try:
            for record in waves.records(guard.Guarded(answer, self._requires), n_parts):
                if isinstance(record, Progress):
                    yield record
                    continue
                first = first or time.perf_counter() - began
                reports[record.part] = Report(*record.report)
                yield Neighbors(
                    _neighbors.row_range(self._shape[0], n_parts, record.part),
                    np.frombuffer(record.indices, np.int32).reshape(-1, k),
                    np.frombuffer(record.distances, np.float32).reshape(-1, k),
                )
        finally:  # also where the reader stops early
            query_seconds = time.perf_counter() - began
            self.details = {
                **self.details,
                "first_wave_seconds": first or query_seconds,
                "later_waves_seconds": query_seconds - (first or query_seconds),
                "collect_seconds": waves.collect_seconds,
                **summarize_query(
                    reports,
                    n_samples=self._shape[0],
                    n_parts=n_parts,
                    cores_per_task=self._task_cores,
                    slots=slots,
                    query_seconds=query_seconds,
                ),
                "lost_executors": float(executors.lost(self._context)),
            }
            if not local_cores(self.master) and (left_out := guard.left_out(self._context)):
                self.details = {**self.details, "left_out": left_out}

    def close(self) -> None:
        """Stop Spark and its JVM; files go only then, for an executor may ask for them until the end."""
        if hasattr(self, "_session"):
            self._session.close()
        self._forget_index()

    def _forget_index(self) -> None:
        if hasattr(self, "_index_directory"):
            shutil.rmtree(self._index_directory, ignore_errors=True)
            del self._index_directory


@contextmanager
def _timed(details: Details, name: str) -> Iterator[None]:
    """Add the seconds that the block takes."""
    began = time.perf_counter()
    yield
    details[name] = float(details.get(name, 0.0)) + time.perf_counter() - began
