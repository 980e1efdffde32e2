"""Takes threads, is called exact, and answers nothing: for tests of plans and rows."""

from collections.abc import Iterator
from dataclasses import dataclass

from bench.strategy import Entry, Neighbors, Strategy


@dataclass
class TakesThreads(Strategy):
    leaf_size: int = 40
    threads: int = 1

    def kneighbors(self, k: int) -> Iterator[Neighbors]:
        raise RuntimeError(f"this fake has no {k} neighbors")


strategy = Entry(TakesThreads, exact=True)
