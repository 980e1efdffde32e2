"""A run's own directory among the results: marked and locked, removed when it ends or by the next run."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from bench import locks

_LOCK = "lock"
_MARK = "allknn-bench: temporary files of a run, removed when it has ended\n"
"""The content of the lock, so that no other hidden directory is mistaken for a run's."""


@contextmanager
def scratch(results: Path, run_id: str, *, for_all: bool = False) -> Iterator[Path]:
    """Hold a directory for a run's answers and temporary files; remove those of ended runs, too.

    ``for_all``: other users may read it.
    """
    _remove_left_behind(results)
    path = Path(tempfile.mkdtemp(prefix=f".{run_id}-", dir=results)).resolve()
    if for_all:
        path.chmod(0o755)
    draft = path / f"{_LOCK}.new"
    with draft.open("w", encoding="utf-8") as lock:
        locks.lock(lock)  # held as long as this process lives
        lock.write(_MARK)
        lock.flush()
        draft.rename(path / _LOCK)  # now that it is held: another run may look at any time
        try:
            yield path
        finally:
            shutil.rmtree(path, ignore_errors=True)


def remove(path: Path) -> None:
    """Delete a run's directory; do nothing to any other."""
    if _is_of_a_run(path):
        shutil.rmtree(path, ignore_errors=True)


def _remove_left_behind(results: Path) -> None:
    """Delete the directories of runs whose harness was killed."""
    for path in results.glob(".*-*"):
        with suppress(OSError):
            if _is_of_a_run(path):
                with (path / _LOCK).open() as lock:
                    if locks.lock(lock, wait=False):  # else nobody knows whether that run goes on
                        shutil.rmtree(path, ignore_errors=True)


def _is_of_a_run(path: Path) -> bool:
    """Whether a run of this user made the directory: not a link, and with a lock that says so."""
    lock = path / _LOCK
    with suppress(OSError, ValueError):
        ours = not path.is_symlink() and path.stat().st_uid == os.geteuid() and lock.is_file()
        return ours and lock.read_text(encoding="utf-8") == _MARK
    return False
