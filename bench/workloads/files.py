"""A user's file, or a folder of parts, as a stream of rows."""

import importlib
import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from numpy.typing import NDArray

from bench.catalog import near_match
from bench.workloads.formats import FORMATS, Format, Request
from bench.workloads.stream import Stream, UnreadableError, cut, joined

DELTA = "is a Delta table: its files hold rows that were deleted; write its rows as Parquet"
ENDINGS = tuple(FORMATS)
Stamp = tuple[str, int, int, int]
"""Path, size in bytes, time of change in nanoseconds and inode of a file."""
_BLOCK_BYTES = 1 << 23


@dataclass(frozen=True, slots=True)
class File:
    """Rows of a file of the user's, in the file's order."""

    path: Path
    column: str | None
    key_in_file: str | None
    start: int
    stop: int | None
    n: int | None
    """How many rows of those are taken; None: all."""

    @classmethod
    def find(
        cls, path: Path, *, column: str | None, key: str | None, start: int, stop: int | None, n: int | None
    ) -> Self:
        """Look the file up, not into it; raises FileNotFoundError, ValueError where it cannot be points."""
        path = path.expanduser().resolve()
        for stamp in stamps(path):
            _check_options(Path(stamp[0]), column, key)
        return cls(path, column, key, start, stop, n)

    def key(self) -> dict[str, Any]:
        """All that decides what the points are: the file as it is now and the options."""
        return {
            "files": [list(stamp) for stamp in stamps(self.path)],
            "column": self.column,
            "key": self.key_in_file,
            "rows": [self.start, self.stop, self.n],
        }

    def open(self) -> Stream:
        """Begin to read; raises ValueError where the file, or what is asked of it, cannot be points."""
        before = stamps(self.path)
        parts = [Path(stamp[0]) for stamp in before]
        request = Request(self.column, self.key_in_file, _BLOCK_BYTES)
        streams = [(part.name, _opened(part, request)) for part in parts]
        whole = joined(streams)
        if not whole.d:
            raise UnreadableError(f"{self.path.name} has no columns")
        stop = self.stop if self.n is None else min(self.start + self.n, self.stop or math.inf)
        stream = cut(whole, self.start, None if stop is None else int(stop))
        if stream.n is not None:
            check_rows(self.path.name, stream.n, whole.n, self.start, self.n)
        notes = stream.notes
        if self.path.is_dir():
            notes = (*notes, f"{len(parts)} parts in the order of their names, {parts[0].name} first")
        blocks = self._watched(stream.blocks, before)
        return Stream(stream.n, stream.d, stream.dtype, blocks, notes)

    def _watched(self, blocks: Iterator[NDArray[Any]], before: tuple[Stamp, ...]) -> Iterator[NDArray[Any]]:
        """Pass the blocks on; a file that changed meanwhile is an error, whatever else went wrong."""
        taken = 0
        try:
            for block in blocks:
                taken += len(block)
                yield block
            check_rows(self.path.name, taken, None, self.start, self.n)
        except ValueError:
            self._check_unchanged(before)
            raise
        self._check_unchanged(before)

    def _check_unchanged(self, before: tuple[Stamp, ...]) -> None:
        try:
            changed = stamps(self.path) != before
        except OSError:
            changed = True
        if changed:
            raise UnreadableError(f"{self.path.name} changed while it was read")


def check_rows(name: str, taken: int, there: int | None, start: int, n: int | None) -> None:
    """Raise UnreadableError where, from a start, fewer rows are taken than asked for, n, or none.

    ``there`` is how many there are in all, None where that is more than is known.
    """
    found = f"{name} has {'fewer' if there is None else there} rows"
    if not taken:
        raise UnreadableError(f"{found}, none from row {start} on" if there else f"{name} has no rows")
    if n is not None and taken < n:
        raise UnreadableError(f"{found}, n = {n} from row {start} on is more than that")


def _check_options(path: Path, column: str | None, key: str | None) -> None:
    """Raise ValueError where a file's format is unknown or has no such choice."""
    chosen = _format_of(path)
    if column is not None and not chosen.columns:
        having = " ".join(suffix for suffix, known in FORMATS.items() if known.columns)
        raise ValueError(f"{path.name} has no column {column!r} to choose; files with columns are {having}")
    if key is not None and not chosen.keys:
        having = " ".join(suffix for suffix, known in FORMATS.items() if known.keys)
        raise ValueError(f"{path.name} has no key {key!r} to choose; files with keys are {having}")


def _format_of(path: Path) -> Format:
    """The format that a file's name says; raises ValueError where it says none."""
    suffixes = "".join(path.suffixes[-2:]).lower()
    for suffix in (suffixes, path.suffix.lower()):
        if suffix in FORMATS:
            return FORMATS[suffix]
    near = near_match(path.suffix.lower(), list(FORMATS))
    raise ValueError(
        f"{path.name} is of no known format{near}; there are {' '.join(FORMATS)}, or a folder of them"
    )


def stamps(path: Path, endings: tuple[str, ...] = ENDINGS) -> tuple[Stamp, ...]:
    """Say of a file, or of each part of a folder in order, what tells whether it has changed.

    Folders named KEY=VALUE in it, as tables are partitioned, belong to a folder; hidden files do not. Raises
    FileNotFoundError, or ValueError where there is no part or one is empty.
    """
    if not path.exists():
        raise FileNotFoundError(f"there is no file {path}")
    parts = sorted(_parts(path, endings)) if path.is_dir() else [path]
    if not parts:
        raise ValueError(f"the folder {path} has no parts: files ending in {' '.join(endings)}")
    found = []
    for part in parts:
        stat = part.stat()
        if not stat.st_size:
            raise ValueError(f"{part.name} is empty")
        found.append((str(part), stat.st_size, stat.st_mtime_ns, stat.st_ino))
    return tuple(found)


def _parts(folder: Path, endings: tuple[str, ...]) -> Iterator[Path]:
    for path in folder.iterdir():
        if path.name == "_delta_log":
            raise ValueError(f"{folder.name} {DELTA}")
        if path.name.startswith((".", "_")):
            continue
        if path.is_file() and path.name.lower().endswith(endings):
            yield path
        elif "=" in path.name and path.is_dir():
            yield from _parts(path, endings)


def _opened(path: Path, request: Request) -> Stream:
    chosen = _format_of(path)
    module = importlib.import_module(f"bench.workloads.formats.{chosen.module}")  # only the library it needs
    with _in_one_line(path):
        stream: Stream = module.read(path, request)
    return Stream(stream.n, stream.d, stream.dtype, _guarded(path, stream.blocks), stream.notes)


def _guarded(path: Path, blocks: Iterator[NDArray[Any]]) -> Iterator[NDArray[Any]]:
    while True:
        with _in_one_line(path):
            block = next(blocks, None)
        if block is None:
            return
        yield block


@contextmanager
def _in_one_line(path: Path) -> Iterator[None]:
    """Turn what a library raises over a file into one line that names the file."""
    try:
        yield
    except (UnreadableError, MemoryError):
        raise
    except PermissionError as error:
        raise UnreadableError(f"{path.name} cannot be read: {error.strerror}") from error
    except Exception as error:
        what = " ".join(str(error).split()) or type(error).__name__
        raise UnreadableError(
            f"{path.name} cannot be read, is it whole, and what its name says? {what}"
        ) from error
