"""The approximate join of our library: many small leaves around random leaders, each solved, merged."""

from collections.abc import Iterator
from dataclasses import dataclass

from bench.strategy import Entry, Neighbors, Points, Progress, Strategy
from strategies._allknn import adapted

LADDER = (
    {"fan_out": 2, "leaf_size": 250},
    {"fan_out": 3, "leaf_size": 300},
    {"fan_out": 4, "leaf_size": 350},
    {"fan_out": 6, "leaf_size": 350},
    {"fan_out": 9, "leaf_size": 400, "passes": 1},
    {"fan_out": 14, "leaf_size": 500, "passes": 1},
)
"""From fast to accurate: a neighbor is found where one of a point's leaves holds it as well."""


@dataclass
class LeafJoin(Strategy):
    """Deterministic for a seed, whatever the threads."""

    fan_out: int = 4
    """Buckets that each point is in; in each of them it is in three leaves."""
    leaf_size: int = 350
    """Points of a leaf, on average."""
    passes: int = 0
    """How often the neighbors of neighbors are looked at."""
    recall: float = 0.0
    """Recall at which it stops, with 95 % confidence, after as many rounds as that takes; 0: one round."""
    seed: int = 0
    threads: int = 1

    def __post_init__(self) -> None:
        from allknn.approximate.parameters import Parameters

        self._how = Parameters(self.fan_out, self.leaf_size, self.passes, self.seed, self.recall)

    def start(self) -> None:
        """Load the library."""
        from allknn import _library
        from allknn.approximate import leaf_join  # noqa: F401 (imported here so that fit does not pay for it)

        _library.load()

    def fit(self, points: Points) -> None:
        """Find equal points."""
        from allknn.approximate import leaf_join

        self._join = leaf_join.LeafJoin(points, self._how, self.threads)

    def kneighbors(self, k: int) -> Iterator[Neighbors | Progress]:
        """Yield progress until all leaves are solved, then blocks."""
        yield from adapted(self._join.run(k))
        self.details = dict(self._join.details)


strategy = Entry(LeafJoin, exact=False, ladder=LADDER)
