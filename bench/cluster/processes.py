"""Processes that outlive the one that starts them: known again by start time, ended with all they started."""

import os
import signal
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_SECONDS_TO_END = 10.0
_POLL_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class Process:
    """The leader of a session of its own, so that all it starts is found by that session (setsid(2))."""

    pid: int
    started_ticks: int
    """When it started, in clock ticks since boot: a process number alone may be somebody else's by now."""

    @property
    def alive(self) -> bool:
        """Whether it still runs."""
        return _started_ticks(self.pid) == self.started_ticks

    def session(self) -> list[int]:
        """Numbers of the living processes that it started, itself included."""
        leader = _started_ticks(self.pid)
        if leader is not None and leader != self.started_ticks:
            return []
        processes = (int(path.name) for path in Path("/proc").glob("[0-9]*"))
        return [pid for pid in processes if (fields := _stat(pid)) and int(fields[3]) == self.pid]


def launch(command: Sequence[str], environment: Mapping[str, str], log: Path) -> Process:
    """Start a command in a session of its own, its output in a log that its owner alone reads."""
    write = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    pid = os.posix_spawn(
        command[0],
        tuple(command),
        environment,
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 1, str(log), write, 0o600),
            (os.POSIX_SPAWN_DUP2, 1, 2),
        ],
        setsid=True,
    )
    return Process(pid, _started_ticks(pid) or 0)


def end(processes: Iterable[Process]) -> None:
    """Ask them and all that they started to end, then kill what is left; returns when nothing is."""
    sessions = list(processes)
    deadline = time.monotonic() + _SECONDS_TO_END
    _signal(sessions, signal.SIGTERM)
    while left := _signal(sessions, 0):
        if time.monotonic() > deadline:
            _signal(sessions, signal.SIGKILL)
        for pid in left:
            with suppress(ChildProcessError):  # somebody else's child
                os.waitpid(pid, os.WNOHANG)
        time.sleep(_POLL_SECONDS)


def _signal(sessions: Iterable[Process], number: int) -> list[int]:
    """Signal every living process of some sessions; return their numbers."""
    pids = [pid for process in sessions for pid in process.session()]
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, number)
    return pids


def _stat(pid: int) -> list[str]:
    """The fields of /proc/PID/stat after the name; empty where it has ended, reaped or not."""
    with suppress(OSError):
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
        state, *others = fields.rpartition(")")[2].split()
        return [] if state in "ZX" else [state, *others]
    return []


def _started_ticks(pid: int) -> int | None:
    fields = _stat(pid)
    return int(fields[19]) if fields else None
