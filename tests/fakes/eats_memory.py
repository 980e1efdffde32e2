"""Takes ever more memory, about 500 MB a second, and touches every page of it."""

import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from bench.strategy import Entry, Neighbors, Strategy

PIECE_BYTES = 25_000_000
BYTES_PER_SECOND = 500_000_000
PAGE_BYTES = 4096


@dataclass
class EatsMemory(Strategy):
    def kneighbors(self, k: int) -> Iterator[Neighbors]:  # noqa: ARG002 (it answers nothing)
        began = time.perf_counter()
        eaten: list[np.ndarray] = []
        while True:
            eaten.append(np.empty(PIECE_BYTES, np.uint8))
            eaten[-1][::PAGE_BYTES] = 1
            due = began + len(eaten) * PIECE_BYTES / BYTES_PER_SECOND
            time.sleep(max(0.0, due - time.perf_counter()))


strategy = Entry(EatsMemory, exact=True)
