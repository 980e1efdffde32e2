"""Control groups: what they allow this process, and the kernel's own count of a run's memory."""

import os
import re
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_ROOT = Path("/sys/fs/cgroup")
_OWN = Path("/proc/self/cgroup")


@dataclass(frozen=True, slots=True)
class Cgroup:
    """The control group of one run; its peak includes the page cache of files that the run read."""

    path: Path
    peak_file: str

    @classmethod
    def create(cls) -> "Cgroup | None":
        """Make a group below this process's own; None if that is not allowed."""
        group = _own_group()
        if group is None:
            return None
        parent, peak_file = group
        path = parent / f"allknn-{os.getpid()}"
        try:
            path.mkdir()
        except OSError:
            return None
        if not (path / peak_file).exists():
            with suppress(OSError):
                path.rmdir()
            return None
        return cls(path, peak_file)

    def enter(self) -> None:
        """Move this process into the group; its children follow."""
        with suppress(OSError):
            (self.path / "cgroup.procs").write_text(str(os.getpid()), encoding="ascii")

    def remove(self) -> int | None:
        """Delete the group once it is empty; return the most bytes it held."""
        try:
            peak = int((self.path / self.peak_file).read_text(encoding="ascii"))
            self.path.rmdir()
        except (OSError, ValueError):
            return None
        return peak or None


def _own_group() -> tuple[Path, str] | None:
    """The directory of this process's memory controller, and the name of its peak file."""
    groups, is_v1 = _groups("memory")
    return (groups[0], "memory.max_usage_in_bytes" if is_v1 else "memory.peak") if groups else None


def _groups(controller: str) -> tuple[list[Path], bool]:
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
    groups, is_v1 = _groups("memory")
    name = "memory.limit_in_bytes" if is_v1 else "memory.max"
    limits = []
    for group in groups:
        with suppress(OSError, ValueError):  # no such file, or "max"
            limits.append(int((group / name).read_text(encoding="ascii")))
    return min(limits, default=None)


def cpu_quota() -> float | None:
    """Cores that this process's group and all groups above it may use at once; None without a quota.

    joblib's ``cpu_count`` reads the root of the mount alone: in a container it sees the quota, outside none.
    """
    groups, is_v1 = _groups("cpu")
    quotas = []
    for group in groups:
        with suppress(OSError, ValueError):  # no such file, or "max"
            names = ("cpu.cfs_quota_us", "cpu.cfs_period_us") if is_v1 else ("cpu.max",)
            words = " ".join((group / name).read_text(encoding="ascii") for name in names).split()
            quota, period = map(int, words)
            quotas += [quota / period] if quota > 0 else []
    return min(quotas, default=None)
