"""A user's file, or a folder of parts, as a stream of rows."""

import importlib
import math
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

from numpy.typing import NDArray

from bench.workloads.formats import FORMATS, Request, format_of
from bench.workloads.formats.stand_ins import check_content
from bench.workloads.ids import joined_ids, read_ids
from bench.workloads.metric import Said, said_by
from bench.workloads.parts import Stamp, is_store, stamps
from bench.workloads.reading import Reading
from bench.workloads.stream import Stream, UnreadableError, cut, joined

_BLOCK_BYTES = 1 << 23
_READING = 2
"""Version of how files are read; a change that takes other values from a file raises it."""


@dataclass(frozen=True, slots=True)
class File:
    """Rows of a file of the user's, in the file's order."""

    path: Path
    reading: Reading
    start: int
    stop: int | None
    n: int | None
    """How many rows of those are taken; None: all."""

    @classmethod
    def find(
        cls,
        path: str | Path,
        reading: Reading,
        *,
        start: int = 0,
        stop: int | None = None,
        n: int | None = None,
    ) -> Self:
        """Look the file up, not into it; raises FileNotFoundError, ValueError where it cannot be points."""
        if not str(path).strip():
            raise ValueError("the file's name is empty: is a variable unset?")
        path = Path(path).expanduser().resolve()
        for stamp in stamps(path):
            _check_options(Path(stamp[0]), reading)
        return cls(path, reading, start, stop, n)

    def key(self) -> dict[str, Any]:
        """All that decides what the points are: the file as it is now and the options."""
        return {
            "files": [list(stamp) for stamp in stamps(self.path)],
            "reading": _READING,
            "rows": [self.start, self.stop, self.n],
            **self.reading.key_of_source(),
        }

    def said_metric(self) -> Said | None:
        """The metric that the file, or the first part that names one, says it is for."""
        found = (said_by(Path(stamp[0])) for stamp in stamps(self.path))
        return next((said for said in found if said is not None), None)

    def ids(self) -> Any:
        """The ids of the rows asked for, as an Arrow array; raises UnreadableError where there are none."""
        column, pieces = self.reading.id or "", []
        for stamp in stamps(self.path):
            with _in_one_line(Path(stamp[0])):
                pieces.append(read_ids(Path(stamp[0]), column))
        stop = self.stop if self.n is None else min(self.start + self.n, self.stop or sys.maxsize)
        return joined_ids(pieces)[self.start : stop]

    def open(self) -> Stream:
        """Begin to read; raises ValueError where the file, or what is asked of it, cannot be points."""
        before = stamps(self.path)
        parts = [Path(stamp[0]) for stamp in before]
        whole = joined(list(_all_opened(parts, Request(self.reading, _BLOCK_BYTES))))
        if not whole.d:
            raise UnreadableError(f"{self.path.name} has no columns")
        stop = self.stop if self.n is None else min(self.start + self.n, self.stop or math.inf)
        stream = cut(whole, self.start, None if stop is None else int(stop))
        if stream.n is not None:
            check_rows(self.path.name, stream.n, whole.n, self.start, self.n)
        notes = stream.notes
        if whole.n is not None and whole.n < whole.d:
            notes = (
                *notes,
                f"there are fewer rows than columns, {whole.n} and {whole.d}: is it turned round?",
            )
        if self.path.is_dir() and not is_store(self.path):
            plain = parts == sorted(parts)
            order = "the order of their names" if plain else "the order of the numbers in their names"
            notes = (*notes, f"{len(parts)} parts in {order}, {parts[0].name} first")
        blocks = self._watched(stream.blocks, before)
        return replace(stream, blocks=blocks, notes=notes)

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


def _check_options(path: Path, reading: Reading) -> None:
    """Raise ValueError where a file's format is unknown or has no such choice."""
    chosen = format_of(path)
    column, key = reading.columns or reading.exclude, reading.key
    if column is not None and not chosen.columns:
        having = " ".join(suffix for suffix, known in FORMATS.items() if known.columns)
        raise ValueError(f"{path.name} has no column {column!r} to choose; files with columns are {having}")
    if key is not None and not chosen.keys:
        having = " ".join(suffix for suffix, known in FORMATS.items() if known.keys)
        raise ValueError(f"{path.name} has no key {key!r} to choose; files with keys are {having}")


def _all_opened(parts: list[Path], request: Request) -> Iterator[tuple[str, Stream]]:
    """Open every part; the first decides which columns are taken, and all must have the same ones."""
    first: tuple[str, Stream] | None = None
    for part in parts:
        stream = _opened(part, request)
        yield part.name, stream
        if stream.table is None or stream.n == 0:
            continue
        if first is None:
            first = part.name, stream
            request = replace(request, names=stream.table.chosen)
        elif first[1].table is not None:
            odd = sorted(set(stream.table.there) ^ set(first[1].table.there))
            if odd and stream.d == first[1].d:
                raise UnreadableError(f"{part.name} and {first[0]} differ in their columns: {odd[0]}")


def _opened(path: Path, request: Request) -> Stream:
    chosen = format_of(path)
    if path.is_file():
        with _in_one_line(path):
            check_content(path)
    module = importlib.import_module(f"bench.workloads.formats.{chosen.module}")  # only the library it needs
    with _in_one_line(path):
        stream: Stream = module.read(path, request)
    return replace(stream, blocks=_guarded(path, stream.blocks))


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
