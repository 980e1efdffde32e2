"""Answers exactly on Spark, slowly, and has each task write down who does it; may crash a worker once."""

import ctypes
import json
import os
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from bench.strategy import Entry, Points
from strategies._distributed import Distributed, Index


def parent(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def search(
    _index: Any, points: Any, rows: range, k: int, _threads: int, *, notes: str, seconds: float, crash: bool
) -> tuple[Any, Any]:
    daemon = os.getppid()
    executor = parent(daemon)
    who = {"worker": os.getpid(), "executor": executor, "host_process": parent(executor)}
    note = Path(notes, f"{rows.start}-{os.getpid()}")
    note.with_suffix(".new").write_text(json.dumps(who))
    note.with_suffix(".new").rename(note)
    crashed = Path(notes).with_suffix(".crashed")
    if crash and rows.start > len(points) // 3 and not crashed.exists():
        crashed.touch()
        ctypes.string_at(0)
    time.sleep(seconds)
    apart = np.square(points[rows.start : rows.stop, None].astype(np.float64) - points).sum(axis=2)
    apart[np.arange(len(rows)), np.asarray(rows)] = np.inf
    nearest = np.argsort(apart, axis=1, kind="stable")[:, :k]
    lengths = np.sqrt(np.take_along_axis(apart, nearest, axis=1))
    return nearest.astype(np.int32), lengths.astype(np.float32)


def no_index(_points: Points) -> dict[str, int]:
    return {}


@dataclass
class SparkAnswersSlowly(Distributed):
    n_partitions: int = 24
    ship: str = "broadcast"
    notes: str = ""
    seconds: float = 0.3
    crash: bool = False

    ways: ClassVar[tuple[str, ...]] = ("broadcast",)

    def index(self) -> Index:
        how = partial(search, notes=self.notes, seconds=self.seconds, crash=self.crash)
        return Index(module="numpy", requires=("pyspark", "numpy"), fit=no_index, search=how)


strategy = Entry(SparkAnswersSlowly, exact=True, requires=("pyspark", "java"))
