"""The memory of a Spark application on the host where a task runs, read by the task itself.

It travels to the workers by value: standard library only. Locally there is nothing for it to do: there the
processes are the run's own and are watched from outside, by the same means (proportional set sizes, proc(5)).
"""

import os
import socket
import sys
import time
from contextlib import suppress
from pathlib import Path
from types import ModuleType

READINGS_SHARE = 0.02
"""The share of a task's time that readings may take."""

_KEPT = "_allknn_host"
"""The module that keeps the last reading: a worker's functions arrive anew with each task."""


def reading() -> tuple[str, dict[str, int]]:
    """Return the host's name and the bytes held there, by role, by this task's application.

    Roles are ``executor_jvm``, ``python_worker`` (the daemon included) and ``child``. A page that several
    share, as those of a mapped index, counts once a host; swap counts. Empty in local mode. A reading too
    soon after the last one returns that again, so that it may be called after each task.
    """
    kept = sys.modules.setdefault(_KEPT, ModuleType(_KEPT))
    began = time.monotonic()
    if began >= getattr(kept, "due", 0.0):
        kept.__dict__["held"] = _held()
        ended = time.monotonic()
        kept.__dict__["due"] = ended + (ended - began) / READINGS_SHARE
    return socket.gethostname(), dict(kept.__dict__["held"])


def _held() -> dict[str, int]:
    parents = {int(path.name): _parent(path) for path in Path("/proc").glob("[0-9]*")}
    executor = os.getpid()
    while "ExecutorBackend" not in _command(executor):
        executor = parents.get(executor, 0)
        if executor <= 1:
            return {}
    application = _application(executor)
    roots = {pid for pid in parents if _application(pid) == application}
    held: dict[str, int] = {}
    for pid in parents:
        if _descends(pid, roots, parents):
            role = _role(_command(pid))
            held[role] = held.get(role, 0) + _proportional_bytes(pid)
    return held


def _application(pid: int) -> str | None:
    """The application that an executor works for; None of any other process."""
    words = _command(pid).split("\0")
    if not any("ExecutorBackend" in word for word in words) or "--app-id" not in words:
        return None
    return words[words.index("--app-id") + 1]


def _descends(pid: int, roots: set[int], parents: dict[int, int]) -> bool:
    while pid > 1:
        if pid in roots:
            return True
        pid = parents.get(pid, 0)
    return False


def _role(command: str) -> str:
    if "ExecutorBackend" in command:
        return "executor_jvm"
    return "python_worker" if "pyspark.daemon" in command or "pyspark/daemon" in command else "child"


def _command(pid: int) -> str:
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_text(encoding="utf-8", errors="replace")
    return ""


def _parent(process: Path) -> int:
    with suppress(OSError):
        fields = (process / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        return int(fields[1])
    return 0


def _proportional_bytes(pid: int) -> int:
    kib = 0
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines():
            if line.startswith(("Pss:", "SwapPss:")):
                kib += int(line.split()[1])
    return 1024 * kib
