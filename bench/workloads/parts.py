"""The parts of a folder in order, and what tells whether a file has changed."""

import hashlib
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from bench.workloads.formats import FORMATS

DELTA = "is a Delta table: its files hold rows that were deleted; write its rows as Parquet"
_STORES = ("zarr.json", ".zgroup", ".zarray", ".zattrs")
ENDINGS = tuple(FORMATS)
Stamp = tuple[str, int, int, int]
"""Path, size in bytes, time of change in nanoseconds and inode of a file."""


def stamps(path: Path, endings: tuple[str, ...] = ENDINGS) -> tuple[Stamp, ...]:
    """Say of a file, or of each part of a folder in order, what tells whether it has changed.

    Folders named KEY=VALUE in it, as tables are partitioned, belong to a folder; hidden files do not. Raises
    FileNotFoundError, or ValueError where there is no part or one is empty.
    """
    if not path.exists():
        raise FileNotFoundError(f"there is no file {path}")
    parts = _parts_of(path, endings) if path.is_dir() and not is_store(path) else [path]
    if not parts:
        raise ValueError(f"the folder {path} has no parts: files ending in {' '.join(endings)}")
    found = []
    for part in parts:
        stat = part.stat()
        if part.is_dir():
            found.append(_of_store(part))
            continue
        if not stat.st_size:
            raise ValueError(f"{part.name} is empty")
        found.append((str(part), stat.st_size, stat.st_mtime_ns, stat.st_ino))
    return tuple(found)


def is_store(path: Path) -> bool:
    """Whether a folder is one file to its reader, as Zarr's stores are."""
    return path.is_dir() and (
        path.suffix.lower() == ".zarr" or any((path / mark).exists() for mark in _STORES)
    )


def _of_store(path: Path) -> Stamp:
    """Of a store, the bytes of all files; names, sizes and times of change as one number each."""
    files = [(str(file.relative_to(path)), file.stat()) for file in sorted(path.rglob("*")) if file.is_file()]
    told = [(name, stat.st_size, stat.st_mtime_ns, stat.st_ino) for name, stat in files]
    digest = hashlib.sha256(repr(told).encode()).digest()
    newest = max((stat.st_mtime_ns for _, stat in files), default=0)
    return str(path), sum(stat.st_size for _, stat in files), newest, int.from_bytes(digest[:6], "big")


def _parts_of(folder: Path, endings: tuple[str, ...]) -> list[Path]:
    """The parts of a folder in order; text is none beside others, but a word to the reader."""
    parts = list(_parts(folder, endings))
    data = [part for part in parts if ".txt" not in part.suffixes[-2:]]
    return sorted(data or parts, key=lambda part: natural_order(part.parts))


def natural_order(names: Sequence[str]) -> tuple[list[list[Any]], list[str]]:
    """What paths, as names from the outside in, are sorted by: part-2 comes before part-10."""
    pieces = [re.split(r"(\d+)", name) for name in names]
    return [[int(p) if i % 2 else p for i, p in enumerate(name)] for name in pieces], list(names)


def _parts(folder: Path, endings: tuple[str, ...]) -> Iterator[Path]:
    for path in folder.iterdir():
        if path.name == "_delta_log":
            raise ValueError(f"{folder.name} {DELTA}")
        if path.name.startswith((".", "_")):
            continue
        if (path.is_file() or is_store(path)) and path.name.lower().endswith(endings):
            yield path
        elif "=" in path.name and path.is_dir():
            yield from _parts(path, endings)
