"""Raises an exception in the middle of the query, after the first block."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from bench.strategy import Entry, Neighbors, Points, Strategy


@dataclass
class Raises(Strategy):
    def fit(self, points: Points) -> None:
        self._n_samples = len(points)

    def kneighbors(self, k: int) -> Iterator[Neighbors]:
        yield Neighbors(range(1), np.full((1, k), -1, np.int32), np.full((1, k), np.inf, np.float32))
        raise RuntimeError(f"this fake gives up after 1 of {self._n_samples} points")


strategy = Entry(Raises, exact=True)
