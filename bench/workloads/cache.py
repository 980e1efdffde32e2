"""Where staged points and compiled code lie: the directory, its size, its lock, and the way to empty it."""

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import IO

import platformdirs

from bench import locks

POINTS = "allknn-points"
"""The folder of staged points in a cache."""
SHARDS = "unfinished-shards"
PAIRS = "pairs"
"""The type of shards of 64-bit integers: of each row the nearest float64, then what these lack."""
COMPILED = "allknn-compiled"
"""The folder of code that libraries compiled when strategies started: a folder of it for each version."""
FIRST_START = "first-start.json"
"""The file that marks each of those as the cache's own."""
DOWNLOADS = "allknn-downloads"
"""The folder of files fetched from URLs: each in one that is named by the hash of its content."""
_LOCK = ".lock"
_UNFINISHED = "unfinished-"
_HASH = "[0-9a-f]{32}"
_TRUTH = re.compile(rf"truth-{_HASH}\.npz")
_STAGED = re.compile(rf"{_HASH}\.(npy|json|rows\.npy|ids\.arrow)|spark\.log")
_DRAFT = re.compile(rf"{_UNFINISHED}(points(\.centered)?\.npy|{_HASH}\.(json|rows\.npy|ids\.arrow))")
_FETCHED = re.compile(rf"{_HASH}\.json|{_UNFINISHED}{_HASH}-{_HASH}")
_SHARD = re.compile(rf"{_HASH}\.shard")
_CODE = re.compile(rf"{_HASH}|{_UNFINISHED}{_HASH}-\w+")
"""The names of all that a harness writes into a cache; nothing else there is its to delete."""


def cache_directory(option: str | None) -> Path:
    """The directory named by ``option``, else by ALLKNN_CACHE, else the platform's own for caches.

    Raises ValueError where a user without a home names none.
    """
    chosen = option or os.environ.get("ALLKNN_CACHE")
    try:
        return Path(chosen).expanduser() if chosen else platformdirs.user_cache_path("allknn-bench")
    except RuntimeError as error:
        raise ValueError(
            "this user has no home to cache points in: name a directory with --cache or ALLKNN_CACHE"
        ) from error


def cache_size(cache: Path) -> int:
    """Bytes that the cache holds; 0 where there is none."""
    total = 0
    code = (path for folder in _compiled(cache) for path in folder.rglob("*") if path.is_file())
    staged = (*_named(cache / POINTS, _STAGED), *_unfinished(cache / POINTS))
    for path in (*_named(cache, _TRUTH), *staged, *_downloads(cache / DOWNLOADS), *code):
        with suppress(FileNotFoundError):  # another harness may be tidying up
            total += path.stat().st_size
    return total


def clear_cache(cache: Path) -> int:
    """Delete what the cache holds and return the bytes freed; waits while something is being staged."""
    freed = cache_size(cache)
    folder = cache / POINTS
    if folder.is_dir():
        with locked(folder):
            remove_unfinished(folder)
            for path in (*_named(folder, _STAGED), folder / _LOCK):
                path.unlink(missing_ok=True)
            with suppress(OSError):  # a link, or somebody else put something there
                folder.rmdir()
    if _compiled(cache):
        with locked(cache / COMPILED):
            for compiled in _compiled(cache):
                shutil.rmtree(compiled)
            (cache / COMPILED / _LOCK).unlink(missing_ok=True)
            with suppress(OSError):
                (cache / COMPILED).rmdir()
    downloads = cache / DOWNLOADS
    if downloads.is_dir():
        with locked(downloads):
            for path in (*_downloads(downloads), downloads / _LOCK):
                path.unlink(missing_ok=True)
            for place in (*_hashed(downloads), downloads):
                for inner in sorted(place.rglob("*"), reverse=True) if place != downloads else ():
                    with suppress(OSError):
                        inner.rmdir()
                with suppress(OSError):
                    place.rmdir()
    for path in _named(cache, _TRUTH):
        path.unlink(missing_ok=True)
    return freed


def _compiled(cache: Path) -> list[Path]:
    """The folders of compiled code: marked, and no links."""
    found = (cache / COMPILED).iterdir() if (cache / COMPILED).is_dir() else ()
    named = [path for path in found if _CODE.fullmatch(path.name) and not path.is_symlink()]
    return [path for path in named if (path / FIRST_START).is_file()]


def _downloads(folder: Path) -> list[Path]:
    """The files that were fetched, or not wholly, and what is known of them."""
    inside = [path for home in _hashed(folder) for path in home.rglob("*") if path.is_file()]
    return [*_named(folder, _FETCHED), *inside]


def _hashed(folder: Path) -> list[Path]:
    """The folders that are named by a hash."""
    homes = folder.iterdir() if folder.is_dir() else ()
    return [
        home for home in homes if re.fullmatch(_HASH, home.name) and home.is_dir() and not home.is_symlink()
    ]


def _named(folder: Path, names: re.Pattern[str]) -> list[Path]:
    """The files of such names: links are not ours."""
    found = folder.iterdir() if folder.is_dir() else ()
    return [path for path in found if names.fullmatch(path.name) and path.is_file() and not path.is_symlink()]


def _unfinished(folder: Path) -> list[Path]:
    return [*_named(folder, _DRAFT), *_named(folder / SHARDS, _SHARD)]


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
        locks.lock(lock)
        if os.path.samestat(path.stat(), os.fstat(lock.fileno())):
            stack.pop_all()
            return lock
    return None


def unfinished(folder: Path, name: str) -> Path:
    """Where to write a file that only its renaming makes valid."""
    return folder / f"{_UNFINISHED}{name}"


def remove_unfinished(folder: Path) -> None:
    """Delete what an interrupted process left; only for the holder of the lock."""
    for path in _unfinished(folder):
        path.unlink(missing_ok=True)
    with suppress(OSError):
        (folder / SHARDS).rmdir()
