"""One row laid open: every field in words, the end of its log, and the command that repeats it."""

import shlex
from collections import deque
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bench.analysis.summary import write_setting
from bench.report.units import UNKNOWN, format_bytes, format_seconds
from bench.results import Measurement

LOGS = "logs"
_LOG_LINES = 20
_APART = (
    "params",
    "workload",
    "phases",
    "peak_memory_by_role",
    "details",
    "thread_pools",
    "warnings",
    "reason",
)
"""Fields that are shown on their own."""
_MACHINE = {
    "Processor": ("cpu_model", "cpu"),
    "Cores": ("cores",),
    "Memory": ("memory_bytes",),
    "System": ("system", "kernel"),
    "Python": ("python",),
}


def plain_fields(row: Measurement) -> list[tuple[str, str]]:
    """List name and value of each field that is not shown on its own."""
    return [(name, format_field(name, value)) for name, value in asdict(row).items() if name not in _APART]


def flatten(values: Mapping[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    """List name and value of nested values, names joined by spaces."""
    flat: list[tuple[str, str]] = []
    for name, value in values.items():
        if isinstance(value, Mapping):
            flat += flatten(value, f"{prefix}{name} ")
        elif isinstance(value, list) and any(isinstance(item, Mapping) for item in value):
            numbered = {str(i): item for i, item in enumerate(value, 1)}
            flat += flatten({f"{name} {i}": item for i, item in numbered.items()}, prefix)
        else:
            flat.append((f"{prefix}{name}", format_field(name, value)))
    return flat


def machine_facts(environment: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Pick what a reader asks first of a machine: processor, cores, memory, system and versions."""
    facts = [
        (title, format_field(name, environment[name]))
        for title, names in _MACHINE.items()
        for name in names
        if environment.get(name) is not None
    ]
    versions = environment.get("versions")
    if isinstance(versions, Mapping):
        facts.append(("Versions", ", ".join(f"{name} {version}" for name, version in versions.items())))
    return facts


def format_field(name: str, value: Any) -> str:
    """Write a field's value, in human units where its name ends in one."""
    if value is None or value == "":
        return UNKNOWN
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        if name.endswith("_seconds"):
            return format_seconds(value)
        if name.endswith("_bytes"):
            return format_bytes(value)
        return f"{value:,}" if isinstance(value, int) else f"{value:.6g}"
    if isinstance(value, list):
        return ", ".join(str(item) for item in value) or UNKNOWN
    return str(value)


def log_tail(results: Path, row: Measurement) -> str:
    """Return the last lines of a run's log, nothing where there is none."""
    if Path(row.run_id).name != row.run_id:
        return ""
    try:
        with (results / LOGS / f"{row.run_id}.log").open(encoding="utf-8", errors="replace") as file:
            return "".join(deque(file, _LOG_LINES)).rstrip()
    except OSError:
        return ""


def repeat_command(row: Measurement) -> str:
    """Return the command that makes the same run again, as one types it into a shell."""
    w = row.workload
    words = ["python", "-m", "bench", "run", row.strategy, *_workload_options(row), "-k", str(w.k)]
    if w.metric != "euclidean":
        words += ["--metric", w.metric]
    for name, value in row.params.items():
        if value is not None:
            words += ["--set", f"{row.strategy}.{name}={write_setting(value)}"]
    if row.multi_threaded:
        words += ["--threads", str(row.threads)]
    if row.master is not None:
        words += ["--master", row.master]
    if row.time_limit_seconds is not None:
        words += ["--time-limit", f"{row.time_limit_seconds:g}s"]
    if row.memory_limit_bytes is not None:
        words += ["--memory-limit", f"{row.memory_limit_bytes // 2**20}MiB"]
    if row.blas_kernel is not None:
        words.append("--fix-blas")
    if row.wrap is not None:
        words += ["--wrap", row.wrap]
    if row.repeat > 1:
        words += ["--repeats", str(row.repeat)]
    return shlex.join([*words, "--fresh"])


def _workload_options(row: Measurement) -> list[str]:
    w = row.workload
    if w.seed is None:  # points that were not drawn come from a file, named by its path
        return ["--data", w.name]
    return ["--workload", w.name, "-n", str(w.n), "-d", str(w.d), "--seed", str(w.seed)]
