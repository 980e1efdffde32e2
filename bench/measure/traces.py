"""Has a worker write into its log where it is, when its time is over."""

import os
import signal
import time
from collections.abc import Iterable
from contextlib import suppress

from bench import pids

_WRITE_SECONDS = 0.2
"""How long a worker is given to write where it is."""


def ask_where(members: Iterable[int]) -> None:
    """Ask those of some processes that listen for it; what does not is left alone."""
    asked = [pid for pid in members if _tells_where(pid)]
    for pid in asked:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGUSR1)
    if asked:
        time.sleep(_WRITE_SECONDS)


def _tells_where(pid: int) -> bool:
    """Whether a process is a worker of ours that listens for the signal."""
    if "bench.measure.worker" not in pids.read(f"/proc/{pid}/cmdline").split("\0"):
        return False
    caught = next((x for x in pids.read(f"/proc/{pid}/status").splitlines() if x.startswith("SigCgt:")), "")
    return bool(caught) and bool(int(caught.split()[1], 16) >> (signal.SIGUSR1 - 1) & 1)
