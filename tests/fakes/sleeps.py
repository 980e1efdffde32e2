"""Never answers: waits without using the processor."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass

from bench.strategy import Entry, Neighbors, Strategy


@dataclass
class Sleeps(Strategy):
    def kneighbors(self, k: int) -> Iterator[Neighbors]:  # noqa: ARG002 (it answers nothing)
        threading.Event().wait()
        return iter(())


strategy = Entry(Sleeps, exact=True)
