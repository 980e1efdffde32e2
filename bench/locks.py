"""Locks on files, where the file system has them: Lustre and some network file systems do not."""

import errno
import fcntl
import tempfile
from pathlib import Path
from typing import IO, Any

_HAS_NONE = (errno.ENOLCK, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP)


def lock(file: IO[Any], *, wait: bool = True) -> bool:
    """Lock an open file for this process alone; return whether there is such a thing there.

    Raises BlockingIOError where another process has it and ``wait`` is false.
    """
    try:
        fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except OSError as error:
        if error.errno in _HAS_NONE:
            return False
        raise
    return True


def are_there(directory: Path) -> bool:
    """Whether files in a directory can be locked."""
    with tempfile.TemporaryFile(dir=directory) as file:
        return lock(file)
