"""What became of a run: its status and, in one line, why."""

import signal
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bench.measure.schedule import Limits
from bench.results import Status

_GIB = 1 << 30


@dataclass(frozen=True, slots=True)
class Ending:
    """Status and reason of a row."""

    status: Status
    reason: str = ""


def ending(report: Mapping[str, Any], n_samples: int, limits: Limits) -> Ending:
    """Read a supervisor's report: how the run ended, before anybody judged its answers."""
    outcome = report["outcome"]
    rows = report.get("rows", 0)
    if "finished" in outcome:
        if rows == n_samples:
            return Ending("ok")
        if limits.stop_after_rows is not None and rows >= limits.stop_after_rows:
            return Ending("partial", f"stopped after {rows:,} of {n_samples:,} rows, as asked")
        return Ending("wrong", f"{n_samples - rows:,} of {n_samples:,} rows were never answered")
    if "error" in outcome:
        return _error(outcome)
    match outcome.get("ended"):
        case "time":
            return _out_of_time(rows, n_samples, limits, outcome["phase"])
        case "memory":
            return Ending("out_of_memory", _over_memory(outcome, limits))
        case "cancelled":
            return Ending("interrupted", "interrupted by the user")
    return _died(outcome.get("exit"), kernel_killed=bool(outcome.get("kernel_killed")))


def _error(outcome: Mapping[str, Any]) -> Ending:
    if outcome["error"] == "wrong":
        return Ending("wrong", outcome["reason"])
    return Ending("out_of_memory" if outcome["error"] == "memory" else "crashed", outcome["reason"])


def _out_of_time(rows: int, n_samples: int, limits: Limits, phase: str) -> Ending:
    limit = f"the time limit of {limits.time_seconds:g} s"
    if rows:
        return Ending("partial", f"{limit} ended it after {rows:,} of {n_samples:,} rows")
    return Ending("timeout", f"{limit} ended it in {phase}, before a row was answered")


def _over_memory(outcome: Mapping[str, Any], limits: Limits) -> str:
    held, limit = outcome["bytes"] / _GIB, (limits.memory_bytes or 0) / _GIB
    return f"held {held:.2f} GiB that cannot be given back in {outcome['phase']}, allowed are {limit:.2f} GiB"


def _died(exit_code: int | None, *, kernel_killed: bool) -> Ending:
    if kernel_killed:
        return Ending("out_of_memory", "the kernel killed it because the machine's memory ran out")
    if exit_code is None:
        return Ending("crashed", "its end was not seen")
    number = -exit_code if exit_code < 0 else exit_code - 128 if exit_code > 128 else 0
    if number in set(signal.Signals):
        return Ending("crashed", f"killed by {signal.Signals(number).name}")
    return Ending("crashed", f"the process ended with exit code {exit_code} and said nothing")
