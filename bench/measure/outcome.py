"""What became of a run: its status and, in one line, why."""

import signal
from dataclasses import dataclass

from bench.allowed import memory_limit_bytes
from bench.measure.environment import machine
from bench.measure.messages import Exited, Failed, Finished, RunReport, Stopped
from bench.measure.schedule import Limits
from bench.results import Status
from bench.units import format_seconds

_GIB = 1 << 30


@dataclass(frozen=True, slots=True)
class RunOutcome:
    """Status and reason of a row."""

    status: Status
    reason: str = ""


def outcome_of(report: RunReport, n_samples: int, limits: Limits) -> RunOutcome:
    """Say how a run ended, before its answers are judged."""
    match report.end:
        case Finished():
            return _finished(report.rows, n_samples, limits)
        case Failed("wrong", reason):
            return RunOutcome("wrong", reason)
        case Failed(kind, reason):
            return RunOutcome("out_of_memory" if kind == "memory" else "crashed", reason)
        case Stopped("time", phase):
            return _out_of_time(report.rows, n_samples, limits, phase)
        case Stopped("memory", phase, anonymous_bytes):
            return RunOutcome("out_of_memory", _over_memory(anonymous_bytes, phase, limits))
        case Stopped():
            return RunOutcome("interrupted", "interrupted by the user")
        case Exited(code, kernel_killed):
            return _exited(code, kernel_killed=kernel_killed)


def _finished(rows: int, n_samples: int, limits: Limits) -> RunOutcome:
    if rows == n_samples:
        return RunOutcome("ok")
    if limits.stop_after_rows is not None and rows >= limits.stop_after_rows:
        return RunOutcome("partial", f"stopped after {rows:,} of {n_samples:,} rows, as asked")
    return RunOutcome("wrong", f"{n_samples - rows:,} of {n_samples:,} rows were never answered")


def _out_of_time(rows: int, n_samples: int, limits: Limits, phase: str) -> RunOutcome:
    limit = f"the time limit of {format_seconds(limits.time_seconds)}"
    if rows:
        return RunOutcome("partial", f"{limit} ended it after {rows:,} of {n_samples:,} rows")
    return RunOutcome("timeout", f"{limit} ended it in {phase}, before a row was answered")


def _over_memory(anonymous_bytes: int, phase: str, limits: Limits) -> str:
    held, limit = anonymous_bytes / _GIB, (limits.memory_bytes or 0) / _GIB
    return f"held {held:.2f} GiB of non-reclaimable memory in {phase}, allowed are {limit:.2f} GiB"


def _exited(code: int | None, *, kernel_killed: bool) -> RunOutcome:
    if kernel_killed:
        allowed, there = memory_limit_bytes(), machine().memory_bytes
        if allowed is None or allowed >= there:
            return RunOutcome("out_of_memory", "the kernel killed it because the machine's memory ran out")
        return RunOutcome(
            "out_of_memory",
            f"the kernel killed it at the container's memory limit of {allowed / _GIB:.2f} GiB; the machine "
            f"has {there / _GIB:.2f} GiB",
        )
    if code is None:
        return RunOutcome("crashed", "its process was lost before it ended")
    number = -code if code < 0 else code - 128 if code > 128 else 0
    if number in set(signal.Signals):
        return RunOutcome("crashed", f"killed by {signal.Signals(number).name}")
    return RunOutcome("crashed", f"the process ended with exit code {code} and no error message")
