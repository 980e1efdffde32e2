"""Does a set amount of arithmetic, then answers wrongly at once: for comparing a run with its like."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from bench.strategy import Entry, Neighbors, Points, Strategy


@dataclass
class BurnsCpu(Strategy):
    work: int = 100
    """Units of about a millisecond."""
    cores: int = 1
    """Each does all of the work."""
    label: str = "a"
    """Tells apart two that do the same."""

    def fit(self, points: Points) -> None:
        self._n = len(points)
        with ThreadPoolExecutor(self.cores) as pool:
            self._sum = sum(pool.map(_burn, [self.work] * self.cores))

    def kneighbors(self, k: int) -> Iterator[Neighbors]:
        ids = (np.arange(self._n)[:, None] + np.arange(1, k + 1)) % self._n
        yield Neighbors(range(self._n), ids.astype(np.int32), np.ones((self._n, k), np.float32))


def _burn(units: int) -> float:
    values = np.linspace(0.0, 1.0, 100_000)
    for _ in range(6 * units):
        values = np.sqrt(values * values + 1e-9)
    return float(values.sum())


strategy = Entry(BurnsCpu, exact=False)
