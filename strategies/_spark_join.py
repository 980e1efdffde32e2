"""What a Spark task of the exact join does beside joining, and what the tasks say together."""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from strategies import _host, _worker


@dataclass(frozen=True, slots=True)
class Report:
    """How a task went; its fields travel as a tuple of plain values."""

    host: str
    executor: str
    worker: int
    attempt: int
    load_seconds: float
    compute_seconds: float
    held_bytes: dict[str, int]


def run(work: tuple[Any, ...], *, find_points: Callable[[], str]) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    """Do what a ``Work`` says, in a Spark task; gives back the fields of ``Found`` and of ``Report``."""
    from pyspark import TaskContext

    from strategies import _join_task

    began = time.perf_counter()
    points = _worker.kept("points", find_points, lambda path: np.load(path, mmap_mode="r"))
    loaded = time.perf_counter()
    found = _join_task.find(points, _join_task.Work(*work))
    host, held_bytes = _host.reading()
    task: Any = TaskContext.get()
    report = (
        host,
        f"{host}:{os.getppid()}",
        os.getpid(),
        task.attemptNumber(),
        loaded - began,
        time.perf_counter() - loaded,
        held_bytes,
    )
    return tuple(found), report


def compile_there(_task: int) -> None:
    """Compile the join in a Python worker, before the clock of a query runs."""
    from strategies import _join_task

    toy = np.random.default_rng(0).random((300, 3), np.float32)
    bounds = np.full(len(toy), -np.inf, np.float32)
    _join_task.find(toy, _join_task.Work(np.arange(len(toy), dtype=np.int32), len(toy), bounds, 3, 0.5))


def summarize(reports: list[Report]) -> dict[str, float | str]:
    """What the tasks say together."""
    held: dict[str, int] = {}
    for report in reports:
        for role, size in report.held_bytes.items():
            name = f"{report.host}_{role}_bytes"
            held[name] = max(held.get(name, 0), size)
    return {
        "n_tasks": float(len(reports)),
        "load_seconds_sum": float(sum(report.load_seconds for report in reports)),
        "compute_seconds_sum": float(sum(report.compute_seconds for report in reports)),
        "executors": float(len({report.executor for report in reports})),
        "hosts": float(len({report.host for report in reports})),
        "python_workers": float(len({(report.host, report.worker) for report in reports})),
        "retries": float(sum(report.attempt for report in reports)),
        **{name: float(size) for name, size in held.items()},
    }
