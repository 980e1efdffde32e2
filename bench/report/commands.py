"""The commands that make a run again, or enough of two to compare them."""

import shlex
from collections import defaultdict
from collections.abc import Sequence

from bench import catalog
from bench.analysis.summary import write_setting
from bench.results import Measurement
from bench.workloads.identity import WorkloadId


def repeat_command(row: Measurement) -> str:
    """Return the command that makes the same run again, as one types it into a shell.

    Empty where the neighbors were computed elsewhere: there is no run to make again.
    """
    return _command([row], "--fresh")


def compare_command(rows: Sequence[Measurement]) -> str:
    """Return the command that repeats runs on the same points until they are told apart; empty as above."""
    return _command(rows, "--repeats", "auto")


def _command(rows: Sequence[Measurement], *ending: str) -> str:
    if any(row.details.get("computed") == "elsewhere" for row in rows):
        return ""
    first = rows[0]
    points = shlex.split(first.points_options) or _points_options(first.workload)
    words = ["python", "-m", "bench", "run", *dict.fromkeys(_named(row) for row in rows), *points]
    values: dict[str, dict[str, None]] = defaultdict(dict)
    for row in rows:
        for name, value in row.params.items():
            if name not in ("threads", "master") and value is not None:
                values[f"{row.strategy}.{name}"][write_setting(value)] = None
    for name, settings in values.items():
        words += ["--set", f"{name}={','.join(settings)}"]
    for option, value in _options(rows).items():
        if value is not None and option not in words:  # the points may name the master already
            words += [option, str(value)]
    if first.blas_kernel is not None:
        words.append("--fix-blas")
    return shlex.join([*words, *ending])


def _named(row: Measurement) -> str:
    return row.source or (row.strategy if row.strategy in catalog.names() else f"./{row.strategy}.py")


def _options(rows: Sequence[Measurement]) -> dict[str, object]:
    """Threads and master are those of the rows that take them, limits those of the first."""
    first = rows[0]
    seconds, memory = first.time_limit_seconds, first.memory_limit_bytes
    return {
        "--threads": next((row.threads for row in rows if row.multi_threaded), None),
        "--master": next((row.master for row in rows if row.master), None),
        "--time-limit": None if seconds is None else f"{seconds:g}s",
        "--memory-limit": None if memory is None else f"{memory / 2**30:.6g}GiB",
        "--stop-after-rows": first.stop_after_rows,
        "--wrap": first.wrap,
    }


def _points_options(workload: WorkloadId) -> list[str]:
    """Name the points of a row that does not say how they were chosen; of a file only its name is known."""
    synthetic = workload.seed is not None
    words = ["--workload" if synthetic else "--data", workload.name, "-n", str(workload.n)]
    if synthetic:
        words += ["-d", str(workload.d), "--seed", str(workload.seed)]
    return [*words, "-k", str(workload.k), "--metric", workload.metric]
