"""Shared memory of a run: what it holds without mapping it, and what it would leave behind in /dev/shm."""

import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from bench import pids

SHM = "/dev/shm"  # noqa: S108 (where the kernel keeps shared memory)
_MEMFD = "/memfd:"
_KIB = 1024

Inode = tuple[int, int]


def unmapped_bytes(members: Iterable[int]) -> dict[int, int]:
    """Bytes of tmpfs and memfd files that processes hold open beyond what they have mapped, by process.

    Pages of such files cannot be reclaimed, mapped or not; those that are mapped are in the proportional
    set sizes. A file that several hold counts for the first.
    """
    files: dict[Inode, tuple[int, int]] = {}
    for pid in members:
        for path in _opened(pid):
            with suppress(OSError):
                stat = os.stat(path)  # noqa: PTH116 (in a hot loop)
                files.setdefault((stat.st_dev, stat.st_ino), (pid, stat.st_blocks * 512))
    if not files:
        return {}
    mapped = sum(_mapped_bytes(pid) for pid in members)
    held: dict[int, int] = {}
    for pid, size in files.values():
        beyond = max(0, size - mapped)
        mapped -= size - beyond
        held[pid] = held.get(pid, 0) + beyond
    return held


def _opened(pid: int) -> Iterator[str]:
    """Links to the shared memory that a process holds open."""
    folder = f"/proc/{pid}/fd"
    with suppress(OSError):
        for name in os.listdir(folder):  # noqa: PTH208 (in a hot loop)
            link = f"{folder}/{name}"
            with suppress(OSError):
                if os.readlink(link).startswith((_MEMFD, f"{SHM}/")):  # noqa: PTH115 (as above)
                    yield link


def _mapped_bytes(pid: int) -> int:
    for line in pids.read(f"/proc/{pid}/smaps_rollup").splitlines():
        if line.startswith("Pss_Shmem:"):
            return int(line.split()[1]) * _KIB
    return 0


@dataclass(slots=True)
class Leftovers:
    """Files in /dev/shm that processes of a run made, to be removed when all of these have ended."""

    _before: frozenset[tuple[str, int]] = field(default_factory=lambda: frozenset(_there()))
    _used: dict[str, int] = field(default_factory=dict)
    """Path to inode."""

    def look(self, members: Iterable[int]) -> None:
        """Remember which files these processes use that were not there before the run."""
        for pid in members:
            for path in _used_by(pid):
                with suppress(OSError):
                    self._used.setdefault(path, Path(path).stat().st_ino)

    def remove(self) -> list[str]:
        """Remove what nobody uses any more; return the names removed."""
        made = {path: inode for path, inode in self._used.items() if (path, inode) not in self._before}
        if not made:
            return []
        everybody = {path for pid in _everybody() for path in _used_by(pid)}
        removed = []
        for path, inode in made.items():
            with suppress(OSError):
                if path not in everybody and Path(path).stat().st_ino == inode:
                    Path(path).unlink()
                    removed.append(path)
                    self._remove_folder(Path(path).parent)
        return removed

    def _remove_folder(self, folder: Path) -> None:
        """Remove a folder that the run made, as joblib does, once it is empty."""
        with suppress(OSError):
            if str(folder) != SHM and (str(folder), folder.stat().st_ino) not in self._before:
                folder.rmdir()


def _there() -> Iterator[tuple[str, int]]:
    for folder, folders, files in os.walk(SHM):
        for name in (*folders, *files):
            path = f"{folder}/{name}"
            with suppress(OSError):
                yield path, os.lstat(path).st_ino


def _used_by(pid: int) -> set[str]:
    """Paths in /dev/shm that a process has mapped or open."""
    lines = pids.read(f"/proc/{pid}/maps").splitlines()
    found = {f"{SHM}/{line.split(f' {SHM}/', 1)[1]}" for line in lines if f" {SHM}/" in line}
    for link in _opened(pid):
        with suppress(OSError):
            target = os.readlink(link)  # noqa: PTH115 (a name, which may be none of a file any more)
            if target.startswith(f"{SHM}/"):
                found.add(target)
    return {path for path in found if not path.endswith(" (deleted)")}


def _everybody() -> list[int]:
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]  # noqa: PTH208 (numbers, no paths)
