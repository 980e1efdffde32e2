"""The machine and the software versions that a row's figures depend on."""

import hashlib
import json
import os
import platform
import subprocess
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from functools import cache
from importlib import metadata
from pathlib import Path

from bench.allowed import cpu_quota, memory_limit_bytes, whole_cores
from bench.measure import variables

_FLAGS = (
    *("sse4_2", "avx", "avx2", "fma", "f16c", "bmi2"),
    *("avx512f", "avx512dq", "avx512cd", "avx512bw", "avx512vl", "avx512_vnni", "avx512_bf16", "amx_tile"),
    *("asimd", "sve", "sve2"),
)


@dataclass(frozen=True, slots=True)
class Machine:
    """What two rows must share to be compared."""

    cpu: str
    flags: tuple[str, ...]
    """The instruction sets that decide which kernels a library may run."""
    cores: int
    """Those that this process may run on."""
    memory_bytes: int
    architecture: str
    quota_cores: float | None = None
    """Cores that a control group allows at once; None without a quota."""

    @property
    def key(self) -> str:
        """Short hash; memory is rounded to GiB, since kernels reserve slightly different amounts.

        A machine with a quota is another one than the same without.
        """
        parts = asdict(self) | {"memory_bytes": round(self.memory_bytes / 2**30)}
        return _hash({name: part for name, part in parts.items() if part is not None})

    @property
    def usable_cores(self) -> int:
        """Whole cores that can be kept busy: at most the quota, and one at least."""
        return whole_cores(self.cores, self.quota_cores)


@dataclass(frozen=True, slots=True)
class Environment:
    """The machine together with everything installed on it that matters."""

    machine: Machine
    kernel: str
    container: str
    """``container``, ``virtual machine`` or ``none seen``."""
    python: str
    java: str
    packages: dict[str, str] = field(default_factory=dict)
    """Version of each installed distribution."""
    variables: dict[str, str] = field(default_factory=dict)
    """Environment variables that may change speed or answers, as far as they were set."""
    left_out: tuple[str, ...] = ()
    """Names of variables that would have steered Spark or Java, and that no worker was given."""
    git_commit: str = ""
    """Of this project; ends with ``-dirty`` if files were changed."""

    @property
    def key(self) -> str:
        """Short hash, by which rows refer to it."""
        return _hash(asdict(self))


@cache
def machine() -> Machine:
    """Describe the machine this process runs on."""
    fields = _cpu_fields()
    flags = set((fields.get("flags") or fields.get("Features") or "").split())
    return Machine(
        cpu=fields.get("model name", platform.processor() or "unknown"),
        flags=tuple(flag for flag in _FLAGS if flag in flags),
        cores=len(os.sched_getaffinity(0)),
        memory_bytes=os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"),
        architecture=platform.machine(),
        quota_cores=cpu_quota(),
    )


def environment(java: str, master: str | None = None) -> Environment:
    """Describe the machine and its software; ``java`` is the runtime's version, or why there is none."""
    return Environment(
        machine=machine(),
        kernel=platform.release(),
        container=_container(),
        python=platform.python_version(),
        java=java,
        packages=_packages(),
        variables=variables.counted(os.environ),
        left_out=variables.left_out(os.environ, master),
        git_commit=_git_commit(),
    )


def _packages() -> dict[str, str]:
    """Versions by distribution: of two of a name the first on the path, which is the one imported.

    What an uninstall left has no name.
    """
    packages: dict[str, str] = {}
    for distribution in metadata.distributions():
        name = distribution.metadata["Name"]
        if name:
            packages.setdefault(name.lower(), distribution.version)
    return packages


def usable_memory_bytes() -> int:
    """The smaller of the machine's memory and the limit of this process's control group."""
    total = machine().memory_bytes
    return min(total, memory_limit_bytes() or total)


def _cpu_fields() -> dict[str, str]:
    """Fields of the first processor in /proc/cpuinfo."""
    text = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").split("\n\n", 1)[0]
    return {
        name.strip(): value.strip() for name, _, value in (line.partition(":") for line in text.splitlines())
    }


def _container() -> str:
    if Path("/.dockerenv").exists() or Path("/run/.containerenv").exists():
        return "container"
    return "virtual machine" if "hypervisor" in _cpu_fields().get("flags", "").split() else "none seen"


def _git_commit() -> str:
    with suppress(OSError, subprocess.SubprocessError):
        described = subprocess.run(
            ["git", "describe", "--always", "--dirty", "--abbrev=12"],
            cwd=Path(__file__).parent,
            capture_output=True,
            text=True,
            check=True,
            timeout=10,
        )
        return described.stdout.strip()
    return ""


def _hash(value: object) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:12]
