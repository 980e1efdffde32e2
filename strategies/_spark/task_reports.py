"""How a Spark task went, and what the tasks of a query say together."""

import os
import time
from collections.abc import Collection, Mapping
from dataclasses import astuple, dataclass
from statistics import median
from typing import Any, TypeAlias

from strategies import _neighbors
from strategies._spark import host_memory

Details: TypeAlias = dict[str, float | str]


@dataclass(frozen=True, slots=True)
class Report:
    """How a task went; its fields travel as a tuple of plain values."""

    host: str
    executor: str
    """Unlike those of all other executors in the run."""
    worker: int
    """Process id."""
    attempt: int
    """How often the task had been tried before."""
    load_seconds: float
    """Until what it works on was there."""
    compute_seconds: float
    write_seconds: float
    """Spent on a file of its own, where one was asked for."""
    sent_bytes: int
    """What it has for other tasks or the driver."""
    held_bytes: dict[str, int]
    """Memory by role on that host."""


def report(began: float, loaded: float, sent_bytes: int, computed: float | None = None) -> tuple[Any, ...]:
    """Report on the task that runs here: when it began, had loaded and had computed (``time.perf_counter``).

    Without ``computed`` that is now; what comes after it is writing.
    """
    from pyspark import TaskContext

    task: Any = TaskContext.get()
    ended = time.perf_counter()
    computed = ended if computed is None else computed
    host, held_bytes = host_memory.reading()
    executor = f"{host}:{os.getppid()}"  # it has one daemon, whose children its workers are
    seconds = loaded - began, computed - loaded, ended - computed
    return astuple(
        Report(host, executor, os.getpid(), task.attemptNumber(), *seconds, sent_bytes, held_bytes)
    )


def summarize(reports: Collection[Report]) -> Details:
    """What the tasks say together; ``…_sum`` is over all of them."""
    held: dict[str, int] = {}
    for one in reports:
        for role, size in one.held_bytes.items():
            name = f"{one.host}_{role}_bytes"
            held[name] = max(held.get(name, 0), size)
    seconds = [one.compute_seconds for one in reports] or [0.0]
    return {
        "load_seconds_sum": float(sum(one.load_seconds for one in reports)),
        "compute_seconds_sum": float(sum(seconds)),
        "compute_seconds_median": median(seconds),
        "compute_seconds_longest": max(seconds),
        "executors": float(len({one.executor for one in reports})),
        "hosts": float(len({one.host for one in reports})),
        "python_workers": float(len({(one.host, one.worker) for one in reports})),
        "retries": float(sum(one.attempt for one in reports)),
        **{name: float(size) for name, size in held.items()},
    }


def summarize_join(reports: Collection[Report]) -> Details:
    """What the tasks of a join say together, and how much they sent."""
    sent_bytes = float(sum(one.sent_bytes for one in reports))
    return summarize(reports) | {"n_tasks": float(len(reports)), "sent_bytes": sent_bytes}


def summarize_query(
    reports: Mapping[int, Report],
    *,
    n_samples: int,
    n_parts: int,
    cores_per_task: int,
    slots: int,
    query_seconds: float,
) -> Details:
    """What the tasks of a query say together, by the number of the partition that each answered.

    A slot is what one task at a time has. ``load_seconds``, ``compute_seconds``, ``write_seconds`` and
    ``idle_seconds`` add up to the query's wall time, as the mean slot spent it.
    """
    loads = [one.load_seconds for one in reports.values()]
    load, compute = sum(loads), sum(one.compute_seconds for one in reports.values())
    write = sum(one.write_seconds for one in reports.values())
    longest = max(reports, key=lambda part: (reports[part].compute_seconds, part), default=0)
    rows = _neighbors.row_range(n_samples, n_parts, longest)
    cores = slots * cores_per_task
    return summarize(reports.values()) | {
        "n_partitions": float(n_parts),
        "load_seconds": load / slots,
        "compute_seconds": compute / slots,
        "write_seconds": write / slots,
        "idle_seconds": query_seconds - (load + compute + write) / slots,
        "load_seconds_longest": max(loads, default=0.0),
        "longest_task": f"rows {rows.start} to {rows.stop - 1}",
        "core_seconds": cores * query_seconds,
        "cores": float(cores),
    }
