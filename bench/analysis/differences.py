"""What two runs do not share that could explain a difference: machine, versions, budgets, code."""

from collections.abc import Mapping
from typing import Any

from bench.results import Measurement

Differences = dict[str, tuple[str, str]]
"""What differs, by name: as A has it, as B has it; a dash where it is not known."""

_UNKNOWN = "-"


def find_differences(
    a: Measurement, b: Measurement, a_environment: Mapping[str, Any], b_environment: Mapping[str, Any]
) -> Differences:
    """Name everything that could explain a difference besides what is compared."""
    before, after = _facts(a, a_environment), _facts(b, b_environment)
    names = [*before, *(name for name in after if name not in before)]
    both = {name: (before.get(name, _UNKNOWN), after.get(name, _UNKNOWN)) for name in names}
    return {name: (x, y) for name, (x, y) in both.items() if x != y}


def _facts(row: Measurement, environment: Mapping[str, Any]) -> dict[str, str]:
    machine = environment.get("machine", {})
    own = {
        "machine": machine.get("cpu", row.machine),
        "cores": machine.get("cores"),
        "memory": _gibibytes(machine.get("memory_bytes")),
        "instruction sets": " ".join(machine.get("flags", [])),
        "kernel": environment.get("kernel"),
        "container": environment.get("container"),
        "threads": row.threads if row.multi_threaded else None,
        "master": row.master,
        "BLAS kernel asked for": row.blas_kernel,
        "thread pools": ", ".join(sorted({_pool(pool) for pool in row.thread_pools})),
        "instrument": row.wrap,
        "start": "first" if row.first_start else None,
        "strategy's code": row.code_hash,
        "points": row.workload.content_hash,
        "memory method": row.memory_method,
        "commit": environment.get("git_commit"),
        "Python": environment.get("python"),
        "Java": environment.get("java"),
    }
    versions = {f"{name} (package)": version for name, version in environment.get("packages", {}).items()}
    return {name: str(value) for name, value in (own | versions).items() if value not in (None, "")}


def _gibibytes(size: int | None) -> str | None:
    """Whole ones: kernels reserve a little more or less."""
    return None if size is None else f"{size / 2**30:.0f} GiB"


def _pool(pool: Mapping[str, Any]) -> str:
    """Library, version and kernel of a pool, without its file, which lies elsewhere on every machine."""
    return " ".join(str(pool[key]) for key in ("library", "version", "kernel") if pool.get(key))
