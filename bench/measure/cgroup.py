"""The kernel's own count of a run's memory, by a control group of its own."""

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from bench import allowed


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
    groups, is_v1 = allowed.groups("memory")
    return (groups[0], "memory.max_usage_in_bytes" if is_v1 else "memory.peak") if groups else None
