"""The exact join of our library: each pair once in fused tiles, pruned by bounds, proven in float64."""

from collections.abc import Iterator
from dataclasses import dataclass

from bench.strategy import Entry, Neighbors, Points, Progress, Strategy
from strategies._allknn import ONE_LINE, adapted


@dataclass
class BlockedExact(Strategy):
    """Equal to the byte to a float64 brute force sorted by (distance, id), for any number of threads."""

    threads: int = 1

    def start(self) -> None:
        """Load the library."""
        from allknn import _library
        from allknn.exact import join  # noqa: F401 (imported here so that fit does not pay for it)

        _library.load()

    def fit(self, points: Points) -> None:
        """Find equal points and order the others."""
        from allknn.exact.join import Join

        self._join: Join = Join(points, self.threads)

    def kneighbors(self, k: int) -> Iterator[Neighbors | Progress]:
        """Yield progress until all pairs are joined, then blocks."""
        yield from adapted(self._join.run(k))
        self.details = {"growth": "quadratic"} | self._join.details


strategy = Entry(BlockedExact, exact=True, snippet=ONE_LINE.format(arguments="n_jobs=$threads"))
