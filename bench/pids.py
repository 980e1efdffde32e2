"""Processes by number and start time: a number alone may be another process's by now."""

import errno
import os
import signal
from pathlib import Path

_STATE, _STARTED = 0, 19
"""Places in /proc/PID/stat after the name (proc(5))."""


def stat(pid: int) -> list[str]:
    """The fields of /proc/PID/stat after the name; empty where there is no such process."""
    try:
        content = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return []
    return content.rpartition(")")[2].split()


def started_ticks(pid: int) -> int | None:
    """When a process started, in clock ticks since boot; None where it has ended, reaped or not."""
    fields = stat(pid)
    return int(fields[_STARTED]) if fields and fields[_STATE] not in "ZX" else None


def send(pid: int, started: int, number: int) -> bool:
    """Signal the process of that number that started then; whether it is there.

    The handle is of whoever has the number when it is opened, so that looking afterwards says who that is.
    """
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return False
    except OSError as error:
        if error.errno != errno.ENOSYS:
            raise
        return _send_without_handle(pid, started, number)
    try:
        if started_ticks(pid) != started:
            return False
        signal.pidfd_send_signal(handle, number)
    except ProcessLookupError:
        return False
    finally:
        os.close(handle)
    return True


def _send_without_handle(pid: int, started: int, number: int) -> bool:
    """For a kernel that has no pidfd_open(2): the number is looked at right before."""
    if started_ticks(pid) != started:
        return False
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return False
    return True
