"""Has two Python workers of a local Spark each hold memory for a while, then answers nothing."""

import time
from collections.abc import Iterator
from dataclasses import dataclass

from bench.strategy import Entry, Neighbors, Points, Strategy
from strategies._spark import session


def hold(_part: int, size: int, seconds: float) -> int:
    held = b"1" * size
    time.sleep(seconds)
    return len(held)


@dataclass
class SparkHoldsMemory(Strategy):
    size_mib: int = 500
    seconds: float = 3.0
    master: str = "local[2,4]"

    def start(self) -> None:
        self._session = session.open_session(self.master, "1g")

    def fit(self, points: Points) -> None:  # noqa: ARG002 (it looks at none)
        size, seconds, task = self.size_mib << 20, self.seconds, hold
        self._session.context.parallelize(range(2), 2).map(lambda part: task(part, size, seconds)).collect()

    def kneighbors(self, k: int) -> Iterator[Neighbors]:  # noqa: ARG002 (it answers nothing)
        return iter(())

    def close(self) -> None:
        if hasattr(self, "_session"):
            self._session.close()


strategy = Entry(SparkHoldsMemory, exact=True, requires=("pyspark", "java"))
