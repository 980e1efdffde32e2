"""The commands that make runs: those of rows again, enough of two to compare them, others.

They name what differs from a plain run: parameters other than their defaults, threads other than the cores
there were, another master, limits that were asked for.
"""

import shlex
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace

from bench import catalog
from bench.analysis.summary import write_setting
from bench.report.own_settings import own_params
from bench.results import TIME_LIMIT, Measurement
from bench.units import parse_duration
from bench.workloads import PointsRequest

_RUN = ("allknn-bench", "run")


def run_command(strategies: Iterable[str], points: PointsRequest, *more: str) -> str:
    """Return the command that runs strategies on points, as one types it into a shell."""
    return shlex.join([*_RUN, *strategies, *points.words(), *more])


def repeat_command(row: Measurement) -> str:
    """Return the command that makes the same run again.

    Empty where the neighbors were computed elsewhere: there is no run to make again.
    """
    return _command([row], points_of(row), "--fresh")


def compare_command(rows: Sequence[Measurement]) -> str:
    """Return the command that repeats runs on the same points until they are distinguishable.

    Empty as above.
    """
    return _command(rows, points_of(rows[0]), "--repeats", "auto")


def command_at(row: Measurement, n: int) -> str:
    """Return the command that makes the same run on n points of the same kind, without its limits."""
    unlimited = replace(row, time_limit_seconds=None, memory_limit_bytes=None, stop_after_rows=None)
    return _command([unlimited], points_of(row).with_n(n))


def points_of(row: Measurement) -> PointsRequest:
    """Say how a row's points were chosen."""
    return PointsRequest.parse(row.points_options) or PointsRequest.of(row.workload)


def _command(rows: Sequence[Measurement], points: PointsRequest, *ending: str) -> str:
    if any(row.details.get("computed") == "elsewhere" for row in rows):
        return ""
    first = rows[0]
    values: dict[str, dict[str, None]] = defaultdict(dict)
    for row in rows:
        for name, value in own_params(row).items():
            if value is not None:
                values[f"{row.strategy}.{name}"][write_setting(value)] = None
    words: list[str] = []
    for name, settings in values.items():
        words += ["--set", f"{name}={','.join(settings)}"]
    for option, value in _options(rows).items():
        if value is not None and option not in points.words():  # the points may name the master already
            words += [option, str(value)]
    if first.blas_kernel is not None:
        words.append("--fix-blas")
    if first.first_start:
        words.append("--first-start")
    return run_command(dict.fromkeys(_named(row) for row in rows), points, *words, *ending)


def _named(row: Measurement) -> str:
    return row.source or (row.strategy if row.strategy in catalog.names() else f"./{row.strategy}.py")


def _options(rows: Sequence[Measurement]) -> dict[str, object]:
    """Threads and master are those of the rows that take them, limits those of the first."""
    first = rows[0]
    seconds, memory = first.time_limit_seconds, first.memory_limit_bytes
    if memory is not None and memory % 10**6 and memory % 2**20:  # a share of the memory that there was
        memory = None
    if seconds == parse_duration(TIME_LIMIT):
        seconds = None
    cores = _usable_cores(first)
    plain = {None, "", f"local[{cores},4]"}
    return {
        "--threads": next((row.threads for row in rows if row.multi_threaded and row.threads != cores), None),
        "--master": next((row.master for row in rows if row.master not in plain), None),
        "--time-limit": None if seconds is None else f"{seconds:g}s",
        "--memory-limit": None if memory is None else f"{memory / 2**30:.6g}GiB",
        "--stop-after-rows": first.stop_after_rows,
        "--wrap": first.wrap,
    }


def _usable_cores(row: Measurement) -> int | None:
    """As many threads as a run takes where none are asked for; None where the row does not say."""
    if row.machine_cores is None:
        return None
    return min(row.machine_cores, max(1, int(row.quota_cores or row.machine_cores)))
