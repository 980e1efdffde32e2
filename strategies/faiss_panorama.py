"""Faiss's Panorama: exact search that drops a point as soon as its first dimensions are too far away."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from bench.strategy import Entry, Neighbors, Points, Strategy
from strategies import _faiss, _neighbors

BLOCK_ROWS = 1 << 12


@dataclass
class FaissPanorama(Strategy):
    """``PCA…,FlatL2Panorama…``: principal components first, compared a level of dimensions at a time.

    Exact up to the rounding of float32 (Ramani and others: Panorama, fast-track nearest neighbors, 2025,
    arXiv 2510.00566). The distances of what it finds are measured again, by difference: around the mean of
    the points, those of points near the origin would have lost digits.
    """

    n_levels: int = 8
    """Groups of dimensions with a bound after each, 1 or more; at most one for each dimension."""
    threads: int = 1

    def __post_init__(self) -> None:
        if self.n_levels < 1:
            raise ValueError(f"n_levels is {self.n_levels}, allowed is 1 or more")

    def start(self) -> None:
        """Import Faiss and give it its threads."""
        _faiss.start(self.threads)

    def fit(self, points: Points) -> None:
        """Find the principal components and store the points by level."""
        import faiss

        self._points = points
        n_samples, n_features = points.shape
        panorama = f"FlatL2Panorama{min(self.n_levels, n_features)}"
        # One dimension cannot be rotated, and fewer points than dimensions span fewer components.
        rotation = f"PCA{n_features}," if n_samples > n_features > 1 else ""
        self._index: Any = faiss.index_factory(n_features, rotation + panorama)
        self._index.train(points)
        self._index.add(points)
        self.details = {"growth": "quadratic"}

    def kneighbors(self, k: int) -> Iterator[Neighbors]:
        """Yield one block for each batch."""
        for rows in _neighbors.row_ranges(len(self._points), BLOCK_ROWS):
            queries = self._points[rows.start : rows.stop]
            _, indices = self._index.search(queries, k + 1)
            apart = self._points[indices] - queries[:, None]
            distances = np.sqrt(np.einsum("qki,qki->qk", apart, apart))
            distances[indices < 0] = np.inf
            order = np.argsort(distances, axis=1, kind="stable")
            found = (np.take_along_axis(values, order, axis=1) for values in (indices, distances))
            yield Neighbors(rows, *_neighbors.without_self(rows, *found))


SNIPPET = (
    """\
import faiss
import numpy as np

points = np.load($points)
faiss.omp_set_num_threads($threads)
d = points.shape[1]
index = faiss.index_factory(d, f"PCA{d},FlatL2Panorama{min($n_levels, d)}")
index.train(points)
index.add(points)
_, indices = index.search(points, $k + 1)
distances = np.stack([np.linalg.norm(points[row] - point, axis=1) for row, point in zip(indices, points)])
indices = np.take_along_axis(indices, (order := distances.argsort(axis=1)), axis=1)
distances = np.take_along_axis(distances, order, axis=1)
"""
    + _neighbors.SNIPPET_WITHOUT_SELF
)

strategy = Entry(FaissPanorama, exact=True, requires=("faiss-cpu",), snippet=SNIPPET)
