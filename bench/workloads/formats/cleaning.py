"""Text files as bytes that a CSV reader takes: unpacked, and where needed line by line put in order."""

import bz2
import gzip
import io
import lzma
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import pyarrow as pa

from bench.workloads.formats.dialect import Dialect

PACKED = (".gz", ".bz2", ".xz", ".zst")
"""Endings of compressed text."""
_CHUNK_BYTES = 1 << 20
_MARK = b"\xef\xbb\xbf"
"""UTF-8's mark, which some programs write first."""


@dataclass(frozen=True, slots=True)
class Source:
    """What a CSV reader is given."""

    file: Any
    separator: str
    skipped: int
    """Lines to pass over before the header or the first row."""


def opened(path: Path) -> Any:
    """Open a text file for reading, unpacked by the ending of its name."""
    ending = path.suffix.lower()
    if ending == ".gz":
        return gzip.open(path, "rb")
    if ending == ".bz2":
        return bz2.open(path, "rb")
    if ending == ".xz":
        return lzma.open(path, "rb")
    if ending == ".zst":
        return io.BufferedReader(_Unpacked(pa.CompressedInputStream(pa.OSFile(str(path)), "zstd")))
    return path.open("rb")


class _Unpacked(io.RawIOBase):
    """Bytes that something else gives, as a file."""

    def __init__(self, source: Any) -> None:
        self._source = source

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return False

    def readinto(self, buffer: Any) -> int:
        content = self._source.read(len(buffer))
        buffer[: len(content)] = content
        return len(content)


@contextmanager
def cleaned(path: Path, dialect: Dialect, columns: int, *, drop_odd_lines: bool) -> Iterator[Source]:
    """Open a text file as a CSV reader takes it: one separator, no comments, no words in front.

    Where odd lines are dropped, one of another width becomes a line of missing values.
    """
    with opened(path) as file:
        change = _change(dialect, columns, drop_odd_lines=drop_odd_lines)
        if change is None:
            yield Source(file, dialect.separator, dialect.skipped)
            return
        for _ in range(dialect.skipped):
            file.readline()
        separator = "\t" if dialect.separator == " " else dialect.separator
        yield Source(io.BufferedReader(_Changed(file, change), _CHUNK_BYTES), separator, 0)


def _change(dialect: Dialect, columns: int, *, drop_odd_lines: bool) -> Callable[[bytes], bytes] | None:
    """What is to be done to each line, None where nothing."""
    comment = dialect.comment.encode() if dialect.comment else None
    spaces = dialect.separator == " "
    if not spaces and comment is None and not drop_odd_lines:
        return None
    separator = b"\t" if spaces else dialect.separator.encode()
    missing = separator.join([b'""'] * columns) + b"\n"
    words = spaces and columns < len(dialect.names)

    def change(line: bytes) -> bytes:
        if comment is not None and line.lstrip().startswith(comment):
            return b""
        if spaces:
            fields = line.rsplit(None, columns) if words else line.split()
            line = separator.join(fields[-columns:] if words and len(fields) > columns else fields) + b"\n"
        odd = drop_odd_lines and b'"' not in line and line.count(separator) != columns - 1
        return missing if odd and line.strip() else line

    return change


class _Changed(io.RawIOBase):
    """A file whose lines are changed on the way."""

    def __init__(self, file: IO[bytes], change: Callable[[bytes], bytes]) -> None:
        self._file, self._change = file, change
        self._ready = file.readline().removeprefix(_MARK)
        self._ready = change(self._ready) if self._ready else b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._ready:
            lines = self._file.readlines(_CHUNK_BYTES)
            if not lines:
                return 0
            self._ready = b"".join(map(self._change, lines))
        taken = self._ready[: len(buffer)]
        self._ready = self._ready[len(taken) :]
        buffer[: len(taken)] = taken
        return len(taken)
