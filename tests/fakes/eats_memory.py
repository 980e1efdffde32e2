"""Takes ever more memory, about 500 MB a second, and touches every page of it."""

import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from bench.strategy import Entry, Neighbors, Strategy

PIECE_BYTES = 25_000_000
SECONDS_A_PIECE = 0.05


@dataclass
class EatsMemory(Strategy):
    def kneighbors(self, k: int) -> Iterator[Neighbors]:  # noqa: ARG002 (it answers nothing)
        eaten = []
        while True:
            eaten.append(np.ones(PIECE_BYTES, np.uint8))
            time.sleep(SECONDS_A_PIECE)


strategy = Entry(EatsMemory, exact=True)
