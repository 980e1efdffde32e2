"""A strategy that does a set amount of arithmetic, then answers wrongly at once."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from bench.strategy import Entry, Neighbors, Points, Strategy


@dataclass
class BusyLoop(Strategy):
    """Compares a run with its like."""

    work: int = 100
    """Units of about a millisecond."""
    cores: int = 1
    """Each does all of the work."""
    label: str = "a"
    """Distinguishes two that do the same."""

    def fit(self, points: Points) -> None:
        """Do the work."""
        self._n_samples = len(points)
        with ThreadPoolExecutor(self.cores) as pool:
            self._sum = sum(pool.map(_compute, [self.work] * self.cores))

    def kneighbors(self, k: int) -> Iterator[Neighbors]:
        """Name the next k points as neighbors of each."""
        ids = (np.arange(self._n_samples)[:, None] + np.arange(1, k + 1)) % self._n_samples
        distances = np.ones((self._n_samples, k), np.float32)
        yield Neighbors(range(self._n_samples), ids.astype(np.int32), distances)


def _compute(units: int) -> float:
    values = np.linspace(0.0, 1.0, 100_000)
    for _ in range(6 * units):
        values = np.sqrt(values * values + 1e-9)
    return float(values.sum())


strategy = Entry(BusyLoop, exact=False)
