"""A strategy that takes few points and would fail if it were started on more."""

from collections.abc import Iterator
from dataclasses import dataclass

from bench.strategy import Entry, Neighbors, Points, Strategy


@dataclass
class TakesFew(Strategy):
    most_points: int = 100

    def start(self) -> None:
        raise AssertionError("started on more points than it takes")

    def fit(self, points: Points) -> None: ...

    def kneighbors(self, k: int) -> Iterator[Neighbors]: ...

    def close(self) -> None: ...


strategy = Entry(TakesFew, exact=True)
