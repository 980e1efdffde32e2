"""The exact join of our library: each pair once in fused tiles, pruned by bounds, proven in float64."""

from collections.abc import Iterator
from dataclasses import dataclass

from bench.strategy import Entry, Neighbors, Points, Progress, Strategy
from strategies._allknn import ONE_LINE, adapted, search_for, searched


@dataclass
class BlockedExact(Strategy):
    """Equal to the byte to a float64 brute force sorted by (distance, id), for any number of threads."""

    threads: int = 1
    queries_from: str = ""
    by_products: bool = False

    def start(self) -> None:
        """Load the library."""
        from allknn import _library, search  # noqa: F401 (as below)
        from allknn.exact import join  # noqa: F401 (imported here so that fit does not pay for it)

        _library.load()

    def fit(self, points: Points) -> None:
        """Find equal points and order the others; queries and products are the library's in one call."""
        from allknn.exact.join import Join

        self._points = points
        if not self._asks_more:
            self._join: Join = Join(points, self.threads)

    @property
    def _asks_more(self) -> bool:
        return bool(self.queries_from) or self.by_products

    def kneighbors(self, k: int) -> Iterator[Neighbors | Progress]:
        """Yield progress until all pairs are joined, then blocks."""
        if self._asks_more:
            yield from searched(
                search_for(self._points, k, self.threads, self.queries_from, by_products=self.by_products)
            )
            self.details = {"growth": "near-linear" if self.queries_from else "quadratic"}
            return
        yield from adapted(self._join.run(k))
        self.details = {"growth": "quadratic"} | self._join.details


strategy = Entry(BlockedExact, exact=True, snippet=ONE_LINE.format(arguments="n_jobs=$threads"))
