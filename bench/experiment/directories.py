"""The directory that rows are written to: made, and proved to take files."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def writable_directory(directory: str | Path) -> Iterator[Path]:
    """Make the directory and prove that it takes files; what stays empty is removed again.

    Raises OSError where it cannot be written.
    """
    path = Path(directory)
    made = [parent for parent in (path, *path.parents) if not parent.exists()]
    try:
        try:
            path.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=path):
                pass
        except OSError as error:
            reason = os.strerror(error.errno) if error.errno else str(error)
            raise OSError(f"the directory {str(directory)!r} cannot be written: {reason}") from error
        yield path
    finally:
        with suppress(OSError):
            for parent in made:
                parent.rmdir()
