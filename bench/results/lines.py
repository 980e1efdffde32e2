"""Files that lose nothing: lines appended whole or not at all, contents replaced in one step."""

import json
import os
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

from bench.disk import naming
from bench.locks import lock


def write_atomically(path: Path, content: bytes) -> None:
    """Replace a file in one step: a reader sees the old or the new one, never half of it."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with naming(path), os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(0o666 & ~_umask())  # a temporary file is its owner's alone
        Path(name).replace(path)
    except BaseException:
        with suppress(OSError):
            Path(name).unlink()
        raise


def _umask() -> int:
    """Which permissions this process does not give; it can only be read by setting it."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def append_line(path: Path, text: str, torn: Path) -> None:
    """Add one line under a lock, flushed to the disk; on an OSError, nothing.

    A torn last line, which a crash left, is moved to ``torn`` first.
    """
    line = text.encode() + b"\n"
    with naming(path), path.open("ab+") as file:
        lock(file)
        size = _set_torn_line_aside(file.fileno(), torn)
        try:
            view = memoryview(line)
            while view:
                view = view[os.write(file.fileno(), view) :]
            os.fsync(file.fileno())
        except OSError:
            os.ftruncate(file.fileno(), size)
            raise


def _set_torn_line_aside(handle: int, torn: Path) -> int:
    """Move what follows the last line end to another file; return the size that is left."""
    size = os.fstat(handle).st_size
    start = size
    while start and os.pread(handle, 1, start - 1) != b"\n":
        start -= 1
    if start < size:
        with torn.open("ab") as file:
            file.write(os.pread(handle, size - start, start) + b"\n")
        os.ftruncate(handle, start)
    return start


def read_lines(path: Path, misunderstood: list[str] | None = None) -> list[dict[str, Any]]:
    """Rows of a JSON-lines file, none where it is missing; what follows the last line end is ignored.

    A line that holds no object is left out, and said in ``misunderstood``.
    """
    rows = []
    for number, line in enumerate(_whole_lines(path.read_bytes() if path.exists() else b""), 1):
        row = _object_in(line)
        if row is not None:
            rows.append(row)
        elif line.strip() and misunderstood is not None:
            misunderstood.append(f"line {number} of {path.name} {_looks_like(line)}")
    return rows


def blank_bad_lines(path: Path, torn: Path) -> int:
    """Copy the lines that hold no object to ``torn`` and put spaces in their place; return how many.

    The file is neither replaced nor shortened: another process may be waiting to append to it.
    """
    with path.open("rb+") as file:
        lock(file)
        bad, start = [], 0
        for line in _whole_lines(file.read()):
            if line.strip() and _object_in(line) is None:
                bad.append((start, line))
            start += len(line)
        with torn.open("ab") as aside:
            aside.writelines(line for _, line in bad)
            aside.flush()
            os.fsync(aside.fileno())
        for start, line in bad:
            os.pwrite(file.fileno(), b" " * len(line.rstrip(b"\r\n")), start)
        os.fsync(file.fileno())
    return len(bad)


def _whole_lines(content: bytes) -> list[bytes]:
    """Lines with their ends; a last one without is left out."""
    return content[: content.rfind(b"\n") + 1].splitlines(keepends=True)


def _object_in(line: bytes) -> dict[str, Any] | None:
    with suppress(ValueError):
        row = json.loads(line)
        return row if isinstance(row, dict) else None
    return None


def _looks_like(line: bytes) -> str:
    """What a line that is no row seems to be."""
    if line.startswith((b"<<<<<<<", b"=======", b">>>>>>>", b"|||||||")):
        return "is a conflict marker of git"
    if line.startswith(b"{") and not line.rstrip().endswith(b"}"):
        return "is cut: it begins as a row and does not end as one"
    return "is not a JSON object"
