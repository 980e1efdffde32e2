"""The command that makes a run again."""

import shlex

from bench import catalog
from bench.analysis.summary import write_setting
from bench.results import Measurement
from bench.workloads.identity import WorkloadId


def repeat_command(row: Measurement) -> str:
    """Return the command that makes the same run again, as one types it into a shell.

    Empty where the neighbors were computed elsewhere: there is no run to make again.
    """
    if row.details.get("computed") == "elsewhere":
        return ""
    named = row.strategy if row.strategy in catalog.names() else f"./{row.strategy}.py"
    points = shlex.split(row.points_options) or _points_options(row.workload)
    words = ["python", "-m", "bench", "run", row.source or named, *points]
    for name, value in row.params.items():
        if name not in ("threads", "master") and value is not None:
            words += ["--set", f"{row.strategy}.{name}={write_setting(value)}"]
    options = {
        "--threads": row.threads if row.multi_threaded else None,
        "--master": row.master,
        "--time-limit": None if row.time_limit_seconds is None else f"{row.time_limit_seconds:g}s",
        "--memory-limit": None
        if row.memory_limit_bytes is None
        else f"{row.memory_limit_bytes / 2**30:.6g}GiB",
        "--stop-after-rows": row.stop_after_rows,
        "--wrap": row.wrap,
    }
    for option, value in options.items():
        if value is not None:
            words += [option, str(value)]
    if row.blas_kernel is not None:
        words.append("--fix-blas")
    return shlex.join([*words, "--fresh"])


def _points_options(workload: WorkloadId) -> list[str]:
    """Name the points of a row that does not say how they were chosen; of a file only its name is known."""
    synthetic = workload.seed is not None
    words = ["--workload" if synthetic else "--data", workload.name, "-n", str(workload.n)]
    if synthetic:
        words += ["-d", str(workload.d), "--seed", str(workload.seed)]
    return [*words, "-k", str(workload.k), "--metric", workload.metric]
