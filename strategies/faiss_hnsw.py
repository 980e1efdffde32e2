"""Faiss's navigable small-world graph, asked in batches."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from bench.strategy import Entry, Neighbors, Points, Strategy
from strategies import _faiss, _neighbors

BLOCK_ROWS = 1 << 14

LADDER = (
    {"m": 8, "ef_construction": 20},
    {"m": 16, "ef_search": 32},
    {"m": 32, "ef_search": 16},
    {"m": 32, "ef_search": 64},
    {"m": 64, "ef_search": 128},
    {"m": 64, "ef_search": 512},
)
"""From fast to accurate, in the ranges of Faiss's documentation ("Guidelines to choose an index": M from 4 to
64; efSearch is the trade of speed for accuracy). efConstruction stays at Faiss's default: with more than 2 M
candidates Faiss prunes links, and on image patches finds fewer neighbors than with less work."""


@dataclass
class FaissHNSW(Strategy):
    """``IndexHNSWFlat``; approximate, and with more than one thread the graph depends on their order."""

    m: int = 32
    """Links of a point in the graph, 2 or more; twice as many in its lowest layer."""
    ef_construction: int = 40
    """Candidates held while a point is linked, 1 or more."""
    ef_search: int = 16
    """Candidates held in a query, 1 or more; at least k + 1 are."""
    threads: int = 1

    def __post_init__(self) -> None:
        for name, least in (("m", 2), ("ef_construction", 1), ("ef_search", 1)):
            if (value := getattr(self, name)) < least:
                raise ValueError(f"{name} is {value}, allowed is {least} or more")

    def start(self) -> None:
        """Import Faiss and give it its threads."""
        _faiss.start(self.threads)

    def fit(self, points: Points) -> None:
        """Build the graph."""
        import faiss

        self._points = points
        self._index: Any = faiss.IndexHNSWFlat(points.shape[1], self.m)
        self._index.hnsw.efConstruction = self.ef_construction
        self._index.add(points)

    def kneighbors(self, k: int) -> Iterator[Neighbors]:
        """Yield one block for each batch."""
        self._index.hnsw.efSearch = max(self.ef_search, k + 1)
        for rows in _neighbors.row_ranges(len(self._points), BLOCK_ROWS):
            squared, indices = self._index.search(self._points[rows.start : rows.stop], k + 1)
            yield Neighbors(rows, *_neighbors.without_self(rows, indices, _faiss.lengths(squared)))


SNIPPET = (
    """\
import faiss
import numpy as np

points = np.load($points, mmap_mode="r")
faiss.omp_set_num_threads($threads)
index = faiss.IndexHNSWFlat(points.shape[1], $m)
index.hnsw.efConstruction = $ef_construction
index.add(points)
index.hnsw.efSearch = max($ef_search, $k + 1)
squared, indices = index.search(points, $k + 1)
distances = np.sqrt(np.where(indices < 0, np.inf, np.maximum(squared, 0)))
"""
    + _neighbors.SNIPPET_WITHOUT_SELF
)

strategy = Entry(FaissHNSW, exact=False, requires=("faiss-cpu",), ladder=LADDER, snippet=SNIPPET)
