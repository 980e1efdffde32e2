"""Writes into shared memory, mapped or not, and sleeps until it is ended."""

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing import shared_memory

from bench.strategy import Entry, Neighbors, Points, Strategy


@dataclass
class LeavesSharedMemory(Strategy):
    mib: int = 64
    name: str = ""
    """Of a block in /dev/shm; none: a file in memory that is never mapped."""
    seconds: float = 60.0

    def fit(self, points: Points) -> None:  # noqa: ARG002 (it needs none)
        content = b"x" * (1 << 20)
        if self.name:
            self._block = shared_memory.SharedMemory(self.name, create=True, size=self.mib << 20)
            self._block.buf[:] = content * self.mib
        else:
            self._file = os.memfd_create("index")
            for _ in range(self.mib):
                os.write(self._file, content)
        time.sleep(self.seconds)

    def kneighbors(self, k: int) -> Iterator[Neighbors]:  # noqa: ARG002 (as above)
        yield from ()


strategy = Entry(LeavesSharedMemory, exact=False)
