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
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        with suppress(OSError):
            Path(name).unlink()
        raise


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
    if not path.exists():
        return []
    content = path.read_bytes()
    rows = []
    for number, line in enumerate(content[: content.rfind(b"\n") + 1].splitlines(), 1):
        if not line.strip():
            continue
        row: Any = None
        with suppress(ValueError):
            row = json.loads(line)
        if isinstance(row, dict):
            rows.append(row)
        elif misunderstood is not None:
            misunderstood.append(f"line {number} of {path.name} {_looks_like(line)}")
    return rows


def _looks_like(line: bytes) -> str:
    """What a line that is no row seems to be."""
    if line.startswith((b"<<<<<<<", b"=======", b">>>>>>>", b"|||||||")):
        return "is a conflict marker of git"
    if line.startswith(b"{") and not line.rstrip().endswith(b"}"):
        return "is cut: it begins as a row and does not end as one"
    return "is not a JSON object"
