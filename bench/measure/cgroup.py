"""The kernel's own count of a run's memory, where this user may create a control group."""

import os
import re
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_ROOT = Path("/sys/fs/cgroup")


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
    with suppress(OSError):
        text = Path("/proc/self/cgroup").read_text(encoding="ascii")
        if (v1 := re.search(r"^\d+:(?:[^:]*,)?memory(?:,[^:]*)?:(.*)$", text, re.MULTILINE)) is not None:
            return _ROOT / "memory" / v1[1].lstrip("/"), "memory.max_usage_in_bytes"
        if (v2 := re.search(r"^0::(.*)$", text, re.MULTILINE)) is not None:
            return _ROOT / v2[1].lstrip("/"), "memory.peak"
    return None


def memory_limit_bytes() -> int | None:
    """The smallest limit of this process's group and of all groups above it; None without one."""
    own = _own_group()
    if own is None:
        return None
    path, peak_file = own
    name = "memory.limit_in_bytes" if "max_usage" in peak_file else "memory.max"
    limits = []
    for group in (path, *path.parents):
        if not group.is_relative_to(_ROOT):
            break
        with suppress(OSError, ValueError):
            limits.append(int((group / name).read_text(encoding="ascii")))
    return min(limits, default=None)
