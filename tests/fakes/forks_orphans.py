"""Leaves a process behind that has left its session and lost its parent, then waits for ever."""

import os
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
                os.execvp("sleep", ["sleep", "86400"])  # noqa: S606 (a process of its own)
            os._exit(0)
        os.waitpid(child, 0)
        threading.Event().wait()
        return iter(())


strategy = Entry(ForksOrphans, exact=True)
