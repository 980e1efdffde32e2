"""Brings a file that is elsewhere onto a disk here, and goes on where a connection broke."""

import hashlib
import time
from pathlib import Path
from typing import Any

from bench.workloads.stream import Progress, UnreadableError

_BLOCK_BYTES = 1 << 24
_WAITS = (0.5, 2.0, 8.0)
"""Seconds before each new attempt after a connection broke; bytes that arrive start the count again."""


def transfer(
    files: Any, path: str, url: str, size: int | None, draft: Path, progress: Progress | None
) -> str:
    """Write a file, going on where the draft ends, and return the hash of its content."""
    failures, streaming = 0, False
    while True:
        before = draft.stat().st_size if draft.exists() else 0
        try:
            if size is None or before < size:
                _go_on(files, path, before, size, draft, progress, streaming=streaming)
            break
        except ValueError:  # ranges are not supported: from the start, in one go
            if streaming:
                raise
            streaming = True
        except OSError as error:
            if error.errno is not None and getattr(error, "filename", None) == str(draft):
                raise
            failures = _failed_again(error, url, draft, before, size, failures)
        except Exception as error:  # noqa: BLE001 (each file system has its own)
            failures = _failed_again(error, url, draft, before, size, failures)
    digest = hashlib.sha256()
    with draft.open("rb") as file:
        while block := file.read(_BLOCK_BYTES):
            digest.update(block)
    return digest.hexdigest()[:32]


def _failed_again(
    error: Exception, url: str, draft: Path, before: int, size: int | None, failures: int
) -> int:
    """Wait before the next attempt; raise after the last."""
    there = draft.stat().st_size if draft.exists() else 0
    failures = 1 if there > before else failures + 1
    if failures > len(_WAITS):
        of = "" if size is None else f" of {size:,}"
        raise UnreadableError(
            f"{url}: {cause_of(error)}; {there:,}{of} bytes are there, the same command goes on from them"
        ) from error
    time.sleep(_WAITS[failures - 1])
    return failures


def _go_on(
    files: Any,
    path: str,
    start: int,
    size: int | None,
    draft: Path,
    progress: Progress | None,
    *,
    streaming: bool,
) -> None:
    """Read what is not there yet; a server that knows no ranges is read from its start."""
    with files.open(path, "rb", block_size=0 if streaming else _BLOCK_BYTES, cache_type="none") as remote:
        seeks = not streaming and getattr(remote, "size", None) is not None
        if seeks:
            remote.seek(start)
        with draft.open("ab" if seeks else "wb") as file:
            while block := remote.read(_BLOCK_BYTES):
                try:
                    file.write(block)
                    file.flush()
                except OSError as error:
                    error.filename = str(draft)
                    raise
                if progress is not None:
                    progress(file.tell(), size or 0)
    if size is not None and draft.stat().st_size < size:
        raise ConnectionError("the connection broke")


def cause_of(error: BaseException) -> str:
    """What a library says, in one line."""
    text = " ".join(str(error).split())
    return text if len(text) > 3 else f"{type(error).__name__} {text}".strip()
