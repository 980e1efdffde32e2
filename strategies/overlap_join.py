"""The approximate join of our library: overlapping clusters, each solved exactly, merged."""

from collections.abc import Iterator
from dataclasses import dataclass

from bench.strategy import Entry, Neighbors, Points, Progress
from strategies._allknn import LADDER, ByClusters, adapted


@dataclass
class OverlapJoin(ByClusters):
    """Deterministic for a seed, whatever the threads."""

    threads: int = 1

    def start(self) -> None:
        """Load the library."""
        from allknn import _library
        from allknn.approximate import join  # noqa: F401 (imported here so that fit does not pay for it)

        _library.load()

    def fit(self, points: Points) -> None:
        """Find equal points, and give the others to clusters."""
        from allknn.approximate.join import Overlapping

        self._join = Overlapping(points, self.cluster_rows, self.overlap, self.seed, self.threads)

    def kneighbors(self, k: int) -> Iterator[Neighbors | Progress]:
        """Yield progress until all clusters are solved, then blocks."""
        yield from adapted(self._join.run(k))
        self.details = dict(self._join.details)


strategy = Entry(OverlapJoin, exact=False, ladder=LADDER)
