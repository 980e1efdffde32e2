"""What control groups allow this process: cores and memory; standard library only."""

import os
import re
from contextlib import suppress
from pathlib import Path

_ROOT = Path("/sys/fs/cgroup")
_OWN = Path("/proc/self/cgroup")


def groups(controller: str) -> tuple[list[Path], bool]:
    """Directories of this process's group and of all above it, and whether they are of version 1.

    In a container the path that the kernel tells may be the host's: what does not exist is passed over by
    whoever reads, and the root of the mount is the container's own group.
    """
    try:
        text = _OWN.read_text(encoding="ascii")
    except OSError:
        return [], False
    v1 = re.search(rf"^\d+:(?:[^:]*,)?{controller}(?:,[^:]*)?:(.*)$", text, re.MULTILINE)
    own = v1 or re.search(r"^0::(.*)$", text, re.MULTILINE)
    if own is None:
        return [], False
    path = (_ROOT / controller if v1 else _ROOT) / own[1].lstrip("/")
    return [group for group in (path, *path.parents) if group.is_relative_to(_ROOT)], v1 is not None


def memory_limit_bytes() -> int | None:
    """The smallest limit of this process's group and of all groups above it; None without one."""
    directories, is_v1 = groups("memory")
    name = "memory.limit_in_bytes" if is_v1 else "memory.max"
    limits = []
    for group in directories:
        with suppress(OSError, ValueError):  # no such file, or "max"
            limits.append(int((group / name).read_text(encoding="ascii")))
    return min(limits, default=None)


def cpu_quota() -> float | None:
    """Cores that this process's group and all groups above it may use at once; None without a quota.

    joblib's ``cpu_count`` reads the root of the mount alone: in a container it sees the quota, outside none.
    """
    directories, is_v1 = groups("cpu")
    quotas = []
    for group in directories:
        with suppress(OSError, ValueError):  # no such file, or "max"
            names = ("cpu.cfs_quota_us", "cpu.cfs_period_us") if is_v1 else ("cpu.max",)
            words = " ".join((group / name).read_text(encoding="ascii") for name in names).split()
            quota, period = map(int, words)
            quotas += [quota / period] if quota > 0 else []
    return min(quotas, default=None)


def whole_cores(cores: int, quota: float | None) -> int:
    """Cores that can be kept busy: at most the quota, and one at least."""
    return min(cores, max(1, int(quota or cores)))


def usable_cores() -> int:
    """Whole cores that this process may keep busy."""
    return whole_cores(len(os.sched_getaffinity(0)), cpu_quota())
