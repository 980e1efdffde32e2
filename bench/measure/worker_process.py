"""The worker as the supervisor has it: a process to start, a line to hear it on, a question to ask it."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from bench import pids
from bench.measure.cgroup import Cgroup
from bench.measure.job import Job
from bench.measure.process_tree import allow_open_files, die_with_parent

_WRITE_SECONDS = 0.2
"""How long a worker is given to write where it is."""


def start(job: Job, cgroup: Cgroup | None) -> tuple[socket.socket, "subprocess.Popen[bytes]"]:
    """Start the worker of a run; return the line to it and the process. Raises OSError where it cannot be."""
    ours, theirs = socket.socketpair()
    command = [sys.executable, "-m", "bench.measure.worker", f"{job.scratch}/job.json", str(theirs.fileno())]

    def prepare() -> None:
        die_with_parent()
        allow_open_files()
        Path("/proc/self/oom_score_adj").write_text("1000", encoding="utf-8")
        if cgroup is not None:
            cgroup.enter()

    with Path(job.log).open("wb") as log:
        worker = subprocess.Popen(
            [*job.wrap, *command],
            env=job.environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            pass_fds=[theirs.fileno()],
            preexec_fn=prepare,  # noqa: PLW1509 (the supervisor has one thread)
        )
    theirs.close()
    return ours, worker


def received(line: socket.socket) -> bytes:
    """What the worker has sent by now; nothing if it is silent or dead."""
    try:
        return line.recv(1 << 16, socket.MSG_DONTWAIT)
    except (BlockingIOError, ConnectionResetError):
        return b""


def acknowledge(line: socket.socket) -> None:
    """Let the worker go on; it may have died since it asked."""
    with suppress(OSError):
        line.sendall(b"\n")


def ask_where(members: Iterable[int]) -> None:
    """Have the worker write into its log where it is; what does not listen for that is not asked."""
    listening = [(pid, started) for pid in members if _listens(pid) and (started := pids.started_ticks(pid))]
    if [pid for pid, started in listening if pids.send(pid, started, signal.SIGUSR1)]:
        time.sleep(_WRITE_SECONDS)


def _listens(pid: int) -> bool:
    """Whether a process is a worker of ours that listens for the signal."""
    if "bench.measure.worker" not in pids.read(f"/proc/{pid}/cmdline").split("\0"):
        return False
    caught = next((x for x in pids.read(f"/proc/{pid}/status").splitlines() if x.startswith("SigCgt:")), "")
    return bool(caught) and bool(int(caught.split()[1], 16) >> (signal.SIGUSR1 - 1) & 1)


def kernel_kills() -> int:
    """How many processes the kernel has killed for lack of memory since the machine started."""
    lines = Path("/proc/vmstat").read_text(encoding="ascii").splitlines()
    return next((int(line.split()[1]) for line in lines if line.startswith("oom_kill ")), 0)


def machine_cpu_seconds() -> float:
    """CPU seconds that all processes used since this machine started, time stolen by its host included."""
    fields = Path("/proc/stat").read_text(encoding="ascii").splitlines()[0].split()[1:9]
    user, nice, system, _idle, _iowait, irq, softirq, steal = map(int, fields)
    return (user + nice + system + irq + softirq + steal) / os.sysconf("SC_CLK_TCK")
