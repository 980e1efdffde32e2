"""Answers exactly on Spark, slowly; each task writes down who does it, and one may kill those who do it."""

import ctypes
import json
import os
import signal
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, TypeAlias

import numpy as np

from bench.strategy import Entry, Points
from strategies._spark.index import Distributed, Index


def parent(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


Who: TypeAlias = dict[str, int]

SECONDS_TO_COME = 120


def search(
    _index: Any,
    points: Any,
    rows: range,
    k: int,
    _threads: int,
    *,
    notes: str,
    seconds: float,
    kill: str,
    executors: int,
) -> tuple[Any, Any]:
    daemon = os.getppid()
    executor = parent(daemon)
    who = {"python": os.getpid(), "executor": executor, "worker": parent(executor)}
    note = Path(notes, f"{rows.start}-{os.getpid()}")
    note.with_suffix(".new").write_text(json.dumps(who))
    note.with_suffix(".new").rename(note)
    for number, victim in enumerate(filter(None, kill.split("+"))):
        if rows.start > (number + 1) * len(points) // 3:
            kill_once(victim, who, Path(notes).with_suffix(f".killed{number or ''}"))
    if rows.start > len(points) // 2:
        await_executors(Path(notes), executors)
    time.sleep(seconds)
    apart = np.square(points[rows.start : rows.stop, None].astype(np.float64) - points).sum(axis=2)
    apart[np.arange(len(rows)), np.asarray(rows)] = np.inf
    nearest = np.argsort(apart, axis=1, kind="stable")[:, :k]
    lengths = np.sqrt(np.take_along_axis(apart, nearest, axis=1))
    return nearest.astype(np.int32), lengths.astype(np.float32)


def kill_once(victim: str, who: Who, mark: Path) -> None:
    """Kill whoever does this task, unless another task has done so already."""
    try:
        mark.touch(exist_ok=False)
    except FileExistsError:
        return
    if victim == "segfault":
        ctypes.string_at(0)
    for name in {"worker": ("worker", "executor")}.get(victim, (victim,)):
        os.kill(who[name], signal.SIGKILL)
    time.sleep(SECONDS_TO_COME)  # until the end of an executor ends its Python workers


def await_executors(notes: Path, executors: int) -> None:
    """Go on when so many executors have begun a task."""
    end = time.monotonic() + SECONDS_TO_COME
    while len({json.loads(note.read_text())["executor"] for note in notes.glob("*[0-9]")}) < executors:
        if time.monotonic() > end:
            raise TimeoutError(f"there are no {executors} executors")
        time.sleep(0.05)


def no_index(_points: Points) -> dict[str, int]:
    return {}


@dataclass
class SparkAnswersSlowly(Distributed):
    n_partitions: int = 24
    ship: str = "broadcast"
    notes: str = ""
    seconds: float = 0.2
    kill: str = ""
    """Once a third is done: ``segfault``, or kill ``python``, ``executor``, or ``worker`` and executor.

    After a ``+``, what to do once the second third is done.
    """
    executors: int = 0
    """The second half waits until so many have taken part."""

    ways: ClassVar[tuple[str, ...]] = ("broadcast",)

    def index(self) -> Index:
        how = partial(
            search, notes=self.notes, seconds=self.seconds, kill=self.kill, executors=self.executors
        )
        return Index(module="numpy", requires=("pyspark", "numpy"), fit=no_index, search=how)


strategy = Entry(SparkAnswersSlowly, exact=True, requires=("pyspark", "java"))
