"""Asks numpy for more memory than any machine has."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from bench.strategy import Entry, Neighbors, Strategy

BYTES = 1 << 60


@dataclass
class RaisesMemoryError(Strategy):
    def kneighbors(self, k: int) -> Iterator[Neighbors]:  # noqa: ARG002 (it answers nothing)
        np.ones(BYTES, np.uint8)
        return iter(())


strategy = Entry(RaisesMemoryError, exact=True)
