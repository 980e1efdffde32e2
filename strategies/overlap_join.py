"""An approximate join of our own for very many points: overlapping clusters, each solved exactly, merged."""

from collections.abc import Iterator
from dataclasses import dataclass

from bench.strategy import Entry, Neighbors, Points, Progress
from strategies._by_clusters import LADDER, ByClusters


@dataclass
class OverlapJoin(ByClusters):
    """Deterministic for a seed, whatever the threads."""

    threads: int = 1

    def start(self) -> None:
        """Compile, on toy points."""
        from strategies import _overlap

        _overlap.compile_here(self.threads)

    def fit(self, points: Points) -> None:
        """Find equal points, and give the others to clusters."""
        from strategies._overlap import Overlapping

        self._join = Overlapping(points, self.cluster_rows, self.overlap, self.seed, self.threads)

    def kneighbors(self, k: int) -> Iterator[Neighbors | Progress]:
        """Yield progress until all clusters are solved, then blocks."""
        yield from self._join.run(k, refine=self.refine)
        self.details = dict(self._join.details)


strategy = Entry(OverlapJoin, exact=False, requires=("numba",), ladder=LADDER)
