"""All fields of one row in words, and the end of its log."""

import re
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeAlias

from bench.results import Measurement
from bench.units import UNKNOWN, format_bytes, format_interval, format_seconds

LOGS = "logs"
_WHERE_INSTALLED = re.compile(r'(?<=File ")/[^"]*/(?=(?:site-packages|bench|strategies)/)')
"""In a traceback: says nothing to whom a page is sent."""
_LOG_LINES = 20
_LOG_LINES_OF_A_SUCCESS = 5
_APART = {
    "params",
    "workload",
    "phases",
    "peak_memory_by_role",
    "details",
    "predicted",
    "thread_pools",
    "warnings",
    "reason",
    "series_id",
    *(
        "start_seconds",
        "first_start_seconds",
        "load_seconds",
        "fit_seconds",
        "query_seconds",
        "total_seconds",
    ),
    *("recall", "recall_low", "recall_high", "peak_memory_bytes", "peak_anonymous_bytes"),
}
"""Fields that are shown on their own."""
_LIBRARIES = ("numpy", "scipy", "scikit-learn", "annoy", "faiss-cpu", "pynndescent", "numba", "pyspark")
"""Whose versions a reader asks for first; all others are in the table of the environment."""


_PREDICTED_FIELDS = (
    ("total_seconds", "total", format_seconds),
    ("peak_memory_bytes", "peak memory", format_bytes),
    ("peak_anonymous_bytes", "anonymous memory", format_bytes),
)

PARAMETERS, PEAKS_BY_ROLE = "Parameters", "Peak memory by role"
REPORTED, PREDICTED = "Reported by the strategy", "Predicted before the run"
"""What facts are about."""

Facts: TypeAlias = dict[str, dict[str, str]]
"""Values by name, by what they are about."""


def all_facts(row: Measurement) -> Facts:
    """Write every known field in words, except those that a page shows on their own."""
    plain = {
        name: format_field(name, value)
        for name, value in asdict(row).items()
        if name not in _APART and value is not None and value not in ("", [], {})
    }
    return {
        PARAMETERS: dict(flatten(row.params)),
        PEAKS_BY_ROLE: {role: format_bytes(size) for role, size in row.peak_memory_by_role.items()},
        REPORTED: {name.replace("_", " "): value for name, value in flatten(row.details)},
        PREDICTED: _predicted(row),
        "Thread pools": {str(i): _pool(pool) for i, pool in enumerate(row.thread_pools, 1)},
        "All other fields": plain,
    }


def _predicted(row: Measurement) -> dict[str, str]:
    """Write what was predicted for a run, and beside it what it took if it succeeded."""
    facts = {}
    for name, words, write in _PREDICTED_FIELDS:
        if name not in row.predicted:
            continue
        median, low, high = (row.predicted[f"{name}{end}"] for end in ("", "_low", "_high"))
        measured: float | None = getattr(row, name) if row.status == "ok" else None
        facts[words] = format_interval(median, low, high, write)
        if measured is not None:
            where = "inside" if low <= measured <= high else "outside"
            facts[words] += f", measured {write(measured)}: {where}"
    return facts


def shared(several: Iterable[Facts]) -> Facts:
    """Return what is the same in all of several runs; nothing where there is but one."""
    first, *others = several
    return {
        about: {
            name: value
            for name, value in facts.items()
            if others and all(other[about].get(name) == value for other in others)
        }
        for about, facts in first.items()
    }


def without(facts: Facts, others: Facts) -> Facts:
    """Leave out what is already among other facts."""
    return {
        about: {name: v for name, v in values.items() if name not in others[about]}
        for about, values in facts.items()
    }


def _pool(pool: Mapping[str, Any]) -> str:
    """Write a thread pool in one line: library, version and kernel, threads, file."""
    names = " ".join(str(pool[key]) for key in ("library", "version", "kernel") if pool.get(key))
    return ", ".join(part for part in (names, f"{pool.get('threads')} threads", pool.get("file", "")) if part)


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


def differing(environment: Mapping[str, Any], usual: Mapping[str, Any]) -> list[tuple[str, str]]:
    """List what an environment has otherwise than the usual one; a dash where it lacks something."""
    own, other = dict(flatten(environment)), dict(flatten(usual))
    names = [*own, *(name for name in other if name not in own)]
    return [(name, own.get(name, UNKNOWN)) for name in names if own.get(name) != other.get(name)]


def format_field(name: str, value: Any) -> str:
    """Write a field's value, in human units where its name ends in one."""
    if value is None or value == "":
        return UNKNOWN
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        if name.endswith("_seconds_per_gib"):
            return f"{format_seconds(value)} per GiB"
        if "seconds" in name.split("_"):
            return format_seconds(value)
        if "bytes" in name.split("_"):
            return format_bytes(value)
        if name.endswith("_share"):
            return f"{value:.2%}"
        return f"{value:,}" if isinstance(value, int) else f"{value:.6g}"
    if isinstance(value, list):
        return ", ".join(str(item) for item in value) or UNKNOWN
    return str(value)


def log_tail(results: Path, row: Measurement) -> str:
    """Return the last lines of a run's log, a few where it succeeded, nothing where there is none."""
    if Path(row.run_id).name != row.run_id:
        return ""
    lines = _LOG_LINES_OF_A_SUCCESS if row.status == "ok" else _LOG_LINES
    try:
        with (results / LOGS / f"{row.run_id}.log").open(encoding="utf-8", errors="replace") as file:
            return _WHERE_INSTALLED.sub("", "".join(deque(file, lines)).rstrip())
    except OSError:
        return ""
