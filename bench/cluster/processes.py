"""Processes that outlive the one that starts them: recognized by start time, ended with all they started."""

import os
import secrets
import signal
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from bench import pids

_MARK = "ALLKNN_CLUSTER_PROCESS"
_SECONDS_TO_END = 10.0
_POLL_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class Process:
    """The leader of a session of its own, so that all it starts is found by that session (setsid(2))."""

    pid: int
    started_ticks: int
    """When it started, in clock ticks since boot; the number alone may belong to another process by now."""

    mark: str = ""
    """A word in the environment of all that it starts, by which they are recognized after its own end."""

    @property
    def alive(self) -> bool:
        """Whether it still runs."""
        return pids.started_ticks(self.pid) == self.started_ticks

    def session(self) -> list[int]:
        """Numbers of the living processes that it started, itself included."""
        return [pid for pid, _ in self.members()]

    def members(self) -> list[tuple[int, int]]:
        """The same with their start times.

        While it lives, its number identifies its session. After that, the number may be given to another
        process, which may leave orphans of its own: then only processes with the mark belong to it.
        """
        leader = pids.started_ticks(self.pid)
        if leader is not None and leader != self.started_ticks:
            return []
        members = []
        for path in Path("/proc").glob("[0-9]*"):
            pid = int(path.name)
            if (started := pids.started_ticks(pid)) is None:
                continue
            with suppress(ProcessLookupError):  # it has ended meanwhile
                if os.getsid(pid) == self.pid and (leader is not None or self._marked(pid)):
                    members.append((pid, started))
        return members

    def _marked(self, pid: int) -> bool:
        with suppress(OSError):  # another user's
            variables = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
            return bool(self.mark) and f"{_MARK}={self.mark}".encode() in variables
        return False


def launch(command: Sequence[str], environment: Mapping[str, str], log: Path) -> Process:
    """Start a command in its own session; its output goes to a log that only its owner can read."""
    mark = secrets.token_hex(16)
    write = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    pid = os.posix_spawn(
        command[0],
        tuple(command),
        {**environment, _MARK: mark},
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 1, str(log), write, 0o600),
            (os.POSIX_SPAWN_DUP2, 1, 2),
        ],
        setsid=True,
    )
    return Process(pid, pids.started_ticks(pid) or 0, mark)


def end(processes: Iterable[Process]) -> None:
    """Ask them and all that they started to end, then kill the rest; returns when none is left."""
    sessions = list(processes)
    deadline = time.monotonic() + _SECONDS_TO_END
    _signal(sessions, signal.SIGTERM)
    while living := _signal(sessions, 0):
        if time.monotonic() > deadline:
            _signal(sessions, signal.SIGKILL)
        for pid in living:
            with suppress(ChildProcessError):  # another process's child
                os.waitpid(pid, os.WNOHANG)
        time.sleep(_POLL_SECONDS)


def _signal(sessions: Iterable[Process], number: int) -> list[int]:
    """Signal every living process of these sessions; return their numbers."""
    members = [member for process in sessions for member in process.members()]
    return [pid for pid, started in members if pids.send(pid, started, number)]
