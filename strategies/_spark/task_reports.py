"""How a Spark task of our own joins went, and what many tasks say together."""

import os
import time
from collections.abc import Iterable
from dataclasses import astuple, dataclass
from statistics import median
from typing import Any

from strategies._spark import host_memory


@dataclass(frozen=True, slots=True)
class Report:
    """How a task went; its fields travel as a tuple of plain values."""

    host: str
    executor: str
    worker: int
    attempt: int
    load_seconds: float
    compute_seconds: float
    sent_bytes: int
    """What it has for other tasks or the driver."""
    held_bytes: dict[str, int]


def report(began: float, loaded: float, sent_bytes: int) -> tuple[Any, ...]:
    """Report on the task that runs here, which began and had the points then (``time.perf_counter``)."""
    from pyspark import TaskContext

    task: Any = TaskContext.get()
    ended = time.perf_counter()
    host, held_bytes = host_memory.reading()
    executor = f"{host}:{os.getppid()}"
    return astuple(
        Report(
            *(host, executor, os.getpid(), task.attemptNumber()),
            *(loaded - began, ended - loaded, sent_bytes, held_bytes),
        )
    )


def summarize(reports: Iterable[Report]) -> dict[str, float | str]:
    """What the tasks say together."""
    reports = list(reports)
    held: dict[str, int] = {}
    for one in reports:
        for role, size in one.held_bytes.items():
            name = f"{one.host}_{role}_bytes"
            held[name] = max(held.get(name, 0), size)
    seconds = [one.compute_seconds for one in reports] or [0.0]
    return {
        "n_tasks": float(len(reports)),
        "load_seconds_sum": float(sum(one.load_seconds for one in reports)),
        "compute_seconds_sum": float(sum(seconds)),
        "compute_seconds_median": median(seconds),
        "compute_seconds_longest": max(seconds),
        "sent_bytes": float(sum(one.sent_bytes for one in reports)),
        "executors": float(len({one.executor for one in reports})),
        "hosts": float(len({one.host for one in reports})),
        "python_workers": float(len({(one.host, one.worker) for one in reports})),
        "retries": float(sum(one.attempt for one in reports)),
        **{name: float(size) for name, size in held.items()},
    }
