"""The measured process: it runs one strategy on the staged points, phase by phase, and stores its answers."""

import faulthandler
import importlib
import math
import os
import signal
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np

from bench import catalog
from bench.answers import Answers
from bench.measure.causes import in_one_line
from bench.measure.job import COMPILED, Job
from bench.measure.messages import (
    Failed,
    Finished,
    Message,
    PhaseEnded,
    PhaseStarted,
    RowsAnswered,
    ThreadPool,
    encode,
)
from bench.strategy import Neighbors, Points, Progress, Strategy
from bench.user_modules import make_importable

_SEND_EVERY_SECONDS = 0.1


class WrongAnswerError(Exception):
    """The strategy gave a block that cannot be right."""


@dataclass(slots=True)
class Channel:
    """The line to the supervisor, which takes a reading of memory and CPU time between phases."""

    line: socket.socket
    _last_sent: float = 0.0

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Time one phase, alone: the supervisor's readings lie before and after it."""
        self._send_and_wait(PhaseStarted(name))
        began = time.perf_counter()
        try:
            yield
        finally:
            seconds = time.perf_counter() - began
            self._send_and_wait(PhaseEnded(name, seconds))

    def progress(self, rows: int, done: float) -> None:
        """Report how far the query is, ten times a second at most."""
        now = time.perf_counter()
        if now - self._last_sent > _SEND_EVERY_SECONDS:
            self._last_sent = now
            self.send(RowsAnswered(rows, done))

    def send(self, message: Message) -> None:
        """Send one message."""
        self.line.sendall(encode(message))

    def _send_and_wait(self, message: Message) -> None:
        self.send(message)
        if not self.line.recv(1):
            sys.exit("the supervisor is gone")


def main(job_path: str, handle: str) -> None:
    """Run the job and report its end before the strategy is closed; a traceback goes into the log."""
    job = Job.load(Path(job_path))
    line = socket.socket(fileno=int(handle))
    line.set_inheritable(False)
    channel = Channel(line)
    faulthandler.register(signal.SIGUSR1, all_threads=True)  # what it waits for, when its time is over
    with ExitStack() as closing:
        try:
            entry = _loaded(job).entry
            strategy = entry.factory(**job.params)
            closing.callback(strategy.close)
            channel.send(replace(_run(strategy, job, channel), versions=imported_versions(entry.requires)))
        except WrongAnswerError as error:
            channel.send(Failed("wrong", str(error)))
        except BaseException as error:
            channel.send(Failed(_kind(error), in_one_line(error)))
            raise


def _loaded(job: Job) -> catalog.Listing:
    """Load the strategy; a user's own file so that processes which it starts find it, too."""
    listing = catalog.load(job.strategy)
    if job.strategy.endswith(".py"):
        if {"pyspark", "joblibspark"} & set(listing.entry.requires):
            importlib.import_module("pyspark.cloudpickle")
        make_importable(listing.path, Path(job.scratch) / "modules")
    return listing


def _run(strategy: Strategy, job: Job, channel: Channel) -> Finished:
    """Go through the phases."""
    answers = Answers.open(Path(job.scratch), writable=True)
    compiled = _compiled_files(job)
    with channel.phase("start"):
        strategy.start()
    if job.start_alone and _compiled_files(job) > compiled:
        return Finished(rows=0, only_started=True)
    with channel.phase("load"):
        points = read_once(Path(job.points))
    with channel.phase("fit"):
        strategy.fit(points)
    with channel.phase("query"):
        store_seconds, done = _query(strategy, job, answers, channel)
    return Finished(
        rows=answers.rows_answered,
        done=done,
        store_seconds=store_seconds,
        details={name: _plain(value) for name, value in strategy.details.items()},
        thread_pools=_thread_pools(),
    )


def _compiled_files(job: Job) -> int:
    """How many files of compiled code there are."""
    return sum(path.is_file() for path in (Path(job.scratch) / COMPILED).rglob("*"))


def imported_versions(requires: tuple[str, ...]) -> dict[str, str]:
    """Versions of what a strategy requires and of all imported modules that are named as their distribution.

    Of two of a name the first on the path is found, as it was by the import.
    """
    modules = {name.partition(".")[0] for name in sys.modules} - sys.stdlib_module_names
    return {name: version for name in sorted({*requires, *modules}) if (version := catalog.version(name))}


def _plain(value: object) -> float | str:
    """A detail as JSON can hold it: a finite number, or text."""
    try:
        number = float(value)  # type: ignore[arg-type]  # what has no number raises
    except (TypeError, ValueError):
        return str(value)
    return str(value) if isinstance(value, str) or not math.isfinite(number) else number


def read_once(path: Path) -> Points:
    """Map the staged points and touch every page, so that the strategy finds them in memory."""
    points: Points = np.load(path, mmap_mode="r")
    flat = points.reshape(-1)
    flat[:: os.sysconf("SC_PAGE_SIZE") // flat.itemsize].max()
    return points


def _query(strategy: Strategy, job: Job, answers: Answers, channel: Channel) -> tuple[float, float]:
    """Store what the strategy yields; return the seconds that storing took, and the share done."""
    n_samples = len(answers.answered)
    rows, done = 0, 0.0
    store_seconds = 0.0
    for block in strategy.kneighbors(job.k):
        if isinstance(block, Progress):
            done = max(done, block.done)
            channel.progress(rows, done)
            continue
        began = time.perf_counter()
        _store(answers, block)
        store_seconds += time.perf_counter() - began
        rows += len(block.rows)
        done = max(done, rows / n_samples)
        channel.progress(rows, done)
        if job.stop_after_rows is not None and job.stop_after_rows <= rows < n_samples:
            break
    return store_seconds, done


def _store(answers: Answers, block: Neighbors) -> None:
    try:
        answers.store(block)
    except ValueError as error:
        raise WrongAnswerError(str(error)) from error


def _thread_pools() -> tuple[ThreadPool, ...]:
    """What threadpoolctl finds in this process; imported late, so that no strategy pays for it."""
    from threadpoolctl import threadpool_info  # noqa: PLC0415

    return tuple(
        ThreadPool(
            library=pool["internal_api"],
            version=pool.get("version"),
            kernel=pool.get("architecture"),
            threads=pool["num_threads"],
            file=Path(pool["filepath"]).name,
        )
        for pool in threadpool_info()
    )


def _kind(error: BaseException) -> Literal["memory", "exception"]:
    java = "java.lang.OutOfMemoryError" in str(error)
    return "memory" if isinstance(error, MemoryError) or java else "exception"


if __name__ == "__main__":
    with suppress(BrokenPipeError):
        main(*sys.argv[1:])
