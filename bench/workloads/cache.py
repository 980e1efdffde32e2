"""Where staged points lie: the directory, its size, its lock, and the way to empty it."""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import IO

import platformdirs

ROOMS = ("points", "truth")
"""The folders of a cache; nothing else in the directory is ours to count or to delete."""
_LOCK = ".lock"
_UNFINISHED = "unfinished-"


def cache_directory(option: str | None) -> Path:
    """The directory named by ``option``, else by ALLKNN_CACHE, else the platform's own for caches."""
    chosen = option or os.environ.get("ALLKNN_CACHE")
    return Path(chosen).expanduser() if chosen else platformdirs.user_cache_path("allknn-bench")


def cache_size(cache: Path) -> int:
    """Bytes that the cache holds; 0 where there is none."""
    total = 0
    for room in ROOMS:
        for path in (cache / room).rglob("*"):
            with suppress(FileNotFoundError):  # another harness may be tidying up
                if path.is_file():
                    total += path.stat().st_size
    return total


def clear_cache(cache: Path) -> int:
    """Delete what the cache holds and return the bytes freed; waits while something is being staged."""
    freed = cache_size(cache)
    if any((cache / room).is_dir() for room in ROOMS):
        with locked(cache / ROOMS[0]):
            for room in ROOMS:
                shutil.rmtree(cache / room, ignore_errors=True)
    return freed


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Make the folder and hold it for this process alone; the kernel frees it when the process ends."""
    lock = _acquired(folder)
    while lock is None:
        lock = _acquired(folder)
    with lock:
        yield


def _acquired(folder: Path) -> IO[str] | None:
    """Wait for the lock; None where another process cleared the folder in the meantime."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / _LOCK
    with suppress(FileNotFoundError), ExitStack() as stack:
        lock = stack.enter_context(path.open("w"))
        fcntl.flock(lock, fcntl.LOCK_EX)
        if os.path.samestat(path.stat(), os.fstat(lock.fileno())):
            stack.pop_all()
            return lock
    return None


def unfinished(folder: Path, name: str) -> Path:
    """Where to write a file that only its renaming makes valid."""
    return folder / f"{_UNFINISHED}{name}"


def remove_unfinished(folder: Path) -> None:
    """Delete what an interrupted process left; only for the holder of the lock."""
    for path in folder.glob(f"{_UNFINISHED}*"):
        path.unlink(missing_ok=True)
