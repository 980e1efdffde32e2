"""What scikit-learn did until 2018: all distances as one matrix, then a partition of it."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from bench.strategy import Entry, Neighbors, Points, Strategy
from strategies import _neighbors, _sklearn

ROWS_CONVERTED_AT_ONCE = 1 << 16


@dataclass
class FullMatrix(Strategy):
    """Brute force as ``NearestNeighbors`` had it before 0.20: ``_kneighbors_reduce_func`` on all rows.

    It needs 12 bytes for each pair of points, float32 distances and int64 ids, and its first step is to ask
    for the first third of that: a million points end with a MemoryError at once.
    """

    threads: int = 1

    def start(self) -> None:
        """Import scikit-learn."""
        _sklearn.start(self.threads)
        import sklearn.metrics  # noqa: F401 (imported here so that the query does not pay for it)

    def fit(self, points: Points) -> None:
        """Keep the points: brute force has nothing to build."""
        self._points = points

    def kneighbors(self, k: int) -> Iterator[Neighbors]:
        """Compute the matrix, then partition, then sort, each for all points at once."""
        from sklearn.metrics.pairwise import euclidean_distances

        squared = euclidean_distances(self._points, squared=True)
        every = np.arange(len(squared))[:, None]
        indices = np.argpartition(squared, k, axis=1)[:, : k + 1]
        indices = indices[every, np.argsort(squared[every, indices])]
        distances = np.sqrt(squared[every, indices])
        for rows in _neighbors.row_ranges(len(squared), ROWS_CONVERTED_AT_ONCE):
            piece = slice(rows.start, rows.stop)
            yield Neighbors(rows, *_neighbors.without_self(rows, indices[piece], distances[piece]))


strategy = Entry(FullMatrix, exact=True, requires=("scikit-learn",))
