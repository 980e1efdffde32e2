"""Where staged points lie: the directory, its size, its lock, and the way to empty it."""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import IO

import platformdirs

POINTS = "allknn-points"
"""The folder of staged points in a cache."""
_OURS = (f"{POINTS}/*", f"*-{'[0-9a-f]' * 32}.*")
"""All that a harness writes into a cache, truths by their hash; nothing else is its to delete."""
_LOCK = ".lock"
_UNFINISHED = "unfinished-"


def cache_directory(option: str | None) -> Path:
    """The directory named by ``option``, else by ALLKNN_CACHE, else the platform's own for caches."""
    chosen = option or os.environ.get("ALLKNN_CACHE")
    return Path(chosen).expanduser() if chosen else platformdirs.user_cache_path("allknn-bench")


def cache_size(cache: Path) -> int:
    """Bytes that the cache holds; 0 where there is none."""
    total = 0
    for path in _files(cache):
        with suppress(FileNotFoundError):  # another harness may be tidying up
            total += path.stat().st_size
    return total


def clear_cache(cache: Path) -> int:
    """Delete what the cache holds and return the bytes freed; waits while something is being staged."""
    freed = cache_size(cache)
    if (cache / POINTS).is_dir():
        with locked(cache / POINTS):
            shutil.rmtree(cache / POINTS)
    for path in _files(cache):
        path.unlink(missing_ok=True)
    return freed


def _files(cache: Path) -> list[Path]:
    return [path for pattern in _OURS for path in cache.glob(pattern) if path.is_file()]


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
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
