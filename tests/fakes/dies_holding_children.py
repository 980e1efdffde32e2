"""Forks a child that never ends and holds all it inherited, then kills itself."""

import os
import signal
from collections.abc import Iterator
from dataclasses import dataclass

from bench.strategy import Entry, Neighbors, Strategy


@dataclass
class DiesHoldingChildren(Strategy):
    def kneighbors(self, k: int) -> Iterator[Neighbors]:  # noqa: ARG002 (it answers nothing)
        if os.fork() == 0:
            signal.pause()
        os.kill(os.getpid(), signal.SIGKILL)
        return iter(())


strategy = Entry(DiesHoldingChildren, exact=True)
