"""Leaves a process behind that has left its session and lost its parent, then waits for ever."""

import os
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass

from bench.strategy import Entry, Neighbors, Strategy


@dataclass
class ForksOrphans(Strategy):
    def kneighbors(self, k: int) -> Iterator[Neighbors]:  # noqa: ARG002 (it answers nothing)
        child = os.fork()
        if child == 0:
            os.setsid()
            if os.fork() == 0:
                os.execvp("sh", ["sh", "-c", f"sleep 86400; : {tempfile.gettempdir()}"])  # noqa: S606
            os._exit(0)
        os.waitpid(child, 0)
        threading.Event().wait()
        return iter(())


strategy = Entry(ForksOrphans, exact=True)
