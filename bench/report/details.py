"""One row laid open: every field in words, the end of its log, and the command that repeats it."""

import shlex
from collections import deque
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bench import catalog
from bench.analysis.summary import write_setting
from bench.report.units import UNKNOWN, format_bytes, format_seconds
from bench.results import Measurement
from bench.workloads.identity import WorkloadId

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
_LIBRARIES = ("numpy", "scipy", "scikit-learn", "annoy", "faiss-cpu", "pynndescent", "numba", "pyspark")
"""Whose versions a reader asks for first; all others are in the table of the environment."""


def plain_fields(row: Measurement) -> list[tuple[str, str]]:
    """List name and value of each field that is known and not shown on its own."""
    return [
        (name, format_field(name, value))
        for name, value in asdict(row).items()
        if name not in _APART and value is not None and value != ""
    ]


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
    machine, packages = environment.get("machine", {}), environment.get("packages", {})
    system = [environment.get("kernel"), environment.get("container")]
    versions = [f"{name} {packages[name]}" for name in _LIBRARIES if name in packages]
    versions += [
        f"{name.title()} {version}" for name in ("python", "java") if (version := environment.get(name))
    ]
    facts = {
        "Processor": machine.get("cpu"),
        "Cores": machine.get("cores"),
        "Memory": format_bytes(machine.get("memory_bytes")),
        "System": ", ".join(str(part) for part in system if part),
        "Versions": ", ".join(sorted(versions, key=str.lower)),
    }
    return [(name, str(value)) for name, value in facts.items() if value not in (None, "", UNKNOWN)]


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
