"""USearch's navigable small-world graph, asked in batches."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from bench.strategy import Entry, Neighbors, Points, Strategy
from strategies import _neighbors

BLOCK_ROWS = 1 << 14

LADDER = (
    {"connectivity": 8, "expansion_add": 32, "expansion_search": 16},
    {"connectivity": 16, "expansion_add": 64, "expansion_search": 24},
    {"expansion_search": 48},
    {"expansion_search": 192},
    {"connectivity": 32, "expansion_add": 256, "expansion_search": 512},
    {"connectivity": 64, "expansion_add": 512, "expansion_search": 2048},
)
"""From fast to accurate: the three parameters that USearch's documentation offers for it (README,
"Performance Tuning"), below and above their defaults."""


@dataclass
class USearch(Strategy):
    """Approximate; with more than one thread the graph depends on which point came first."""

    connectivity: int = 16
    """Links of a point in the graph, 2 or more."""
    expansion_add: int = 128
    """Candidates held while a point is linked, 1 or more."""
    expansion_search: int = 64
    """Candidates held in a query, 1 or more; at least k + 1 are."""
    threads: int = 1

    def __post_init__(self) -> None:
        for name, least in (("connectivity", 2), ("expansion_add", 1), ("expansion_search", 1)):
            if (value := getattr(self, name)) < least:
                raise ValueError(f"{name} is {value}, allowed is {least} or more")

    def start(self) -> None:
        """Import USearch."""
        import usearch.index  # noqa: F401 (imported here so that fit does not pay for it)

    def fit(self, points: Points) -> None:
        """Build the graph, float32 as the points are."""
        from usearch.index import Index

        self._points = points
        self._index: Any = Index(
            ndim=points.shape[1],
            metric="l2sq",
            dtype="f32",
            connectivity=self.connectivity,
            expansion_add=self.expansion_add,
        )
        self._index.add(np.arange(len(points), dtype=np.uint64), points, threads=self.threads)

    def kneighbors(self, k: int) -> Iterator[Neighbors]:
        """Yield one block for each batch."""
        self._index.expansion_search = max(self.expansion_search, k + 1)
        for rows in _neighbors.row_ranges(len(self._points), BLOCK_ROWS):
            found = self._index.search(self._points[rows.start : rows.stop], k + 1, threads=self.threads)
            missing = np.arange(k + 1) >= np.asarray(found.counts)[:, None]
            indices = np.where(missing, -1, found.keys.astype(np.int64))
            distances = np.sqrt(np.where(missing, np.inf, found.distances))
            yield Neighbors(rows, *_neighbors.without_self(rows, indices, distances))


SNIPPET = (
    """\
import numpy as np
from usearch.index import Index

points = np.load($points)
index = Index(ndim=points.shape[1], metric="l2sq", dtype="f32",
              connectivity=$connectivity, expansion_add=$expansion_add)
index.add(np.arange(len(points), dtype=np.uint64), points, threads=$threads)
index.expansion_search = max($expansion_search, $k + 1)
found = index.search(points, $k + 1, threads=$threads)
indices, distances = found.keys.astype(np.int64), np.sqrt(found.distances)
"""
    + _neighbors.SNIPPET_WITHOUT_SELF
)

strategy = Entry(USearch, exact=False, requires=("usearch",), ladder=LADDER, snippet=SNIPPET)
