"""Has parameters and a seed, and answers nothing: for tests of plans and rows."""

from collections.abc import Iterator
from dataclasses import dataclass

from bench.strategy import Entry, Neighbors, Strategy


@dataclass
class Searches(Strategy):
    n_trees: int = 10
    search_k: int = -1
    seed: int = 0

    def kneighbors(self, k: int) -> Iterator[Neighbors]:
        raise RuntimeError(f"this fake has no {k} neighbors")


strategy = Entry(Searches, exact=False)
