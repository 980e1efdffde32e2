"""Voyager, Spotify's successor of Annoy: a navigable small-world graph, asked in batches."""

from collections.abc import Iterator
from dataclasses import dataclass

from bench.strategy import Entry, Neighbors, Points, Strategy
from strategies import _neighbors, _voyager

BLOCK_ROWS = 1 << 14


@dataclass
class Voyager(Strategy):
    """Approximate; with more than one thread the graph depends on which point came first."""

    m: int = 12
    """Links of a point in the graph, 1 or more."""
    ef_construction: int = 200
    """Candidates held while a point is linked, 1 or more."""
    ef: int = 10
    """Candidates held in a query, 1 or more; at least k + 1 are."""
    seed: int = 1
    threads: int = 1

    def __post_init__(self) -> None:
        _voyager.check(self.m, self.ef_construction, self.ef, self.seed)

    def start(self) -> None:
        """Import Voyager."""
        import voyager  # noqa: F401 (imported here so that fit does not pay for it)

    def fit(self, points: Points) -> None:
        """Build the graph."""
        self._points = points
        self._index = _voyager.build(points, self.m, self.ef_construction, self.seed, self.threads)

    def kneighbors(self, k: int) -> Iterator[Neighbors]:
        """Yield one block for each batch."""
        for rows in _neighbors.row_ranges(len(self._points), BLOCK_ROWS):
            found = _voyager.search(self._index, self._points, rows, k, self.threads, ef=self.ef)
            yield Neighbors(rows, *found)


SNIPPET = (
    """\
import numpy as np
from voyager import Index, Space

points = np.load($points)
index = Index(
    Space.Euclidean, points.shape[1], M=$m, ef_construction=$ef_construction, random_seed=$seed
)
index.add_items(points, num_threads=$threads)
indices, squared = index.query(points, $k + 1, num_threads=$threads, query_ef=max($ef, $k + 1))
indices, distances = indices.astype(np.int64), np.sqrt(squared)
"""
    + _neighbors.SNIPPET_WITHOUT_SELF
)

strategy = Entry(Voyager, exact=False, requires=("voyager",), ladder=_voyager.LADDER, snippet=SNIPPET)
