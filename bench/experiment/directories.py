"""The directory that rows are written to: made, and proved to take files."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import bench


def check_working_directory(directory: Path) -> None:
    """Raise ValueError where Python would take a ``bench`` that lies there for this project.

    The processes of a run are started with ``python -m``, which looks in the working directory first.
    """
    ours = Path(bench.__file__).resolve()
    for found in (directory / "bench" / "__init__.py", directory / "bench.py"):
        if found.is_file() and found.resolve() != ours:
            raise ValueError(
                f"{str(found)!r} has this program's name, and Python would run it instead: "
                "work in another directory, with `allknn-bench`"
            )


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
