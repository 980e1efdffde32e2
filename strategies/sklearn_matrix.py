"""scikit-learn's exact neighbors by one ``kneighbors`` call with all points as one matrix."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from bench.strategy import Entry, Neighbors, Points, Strategy
from strategies import _neighbors, _sklearn

ROWS_CONVERTED_AT_ONCE = 1 << 16


@dataclass
class SklearnMatrix(Strategy):
    """The whole answer exists at once, as float64 distances and int64 ids of k + 1 columns."""

    algorithm: str = "auto"
    """``auto``, ``ball_tree``, ``brute`` or ``kd_tree``."""
    leaf_size: int = 30
    """Points in a leaf of a tree, 1 or more."""
    threads: int = 1

    def __post_init__(self) -> None:
        _sklearn.check(self.algorithm, self.leaf_size)

    def start(self) -> None:
        """Import scikit-learn."""
        _sklearn.start(self.threads)

    def fit(self, points: Points) -> None:
        """Build the tree, or nothing for brute force."""
        self._points = points
        self._model: Any = _sklearn.fit(points, self.algorithm, self.leaf_size, self.threads)
        self.details = _sklearn.details(self._model)

    def kneighbors(self, k: int) -> Iterator[Neighbors]:
        """Ask for all points at once, then convert piece by piece, lest the peak double."""
        distances, indices = self._model.kneighbors(self._points, k + 1)
        for rows in _neighbors.row_ranges(len(self._points), ROWS_CONVERTED_AT_ONCE):
            piece = slice(rows.start, rows.stop)
            yield Neighbors(rows, *_neighbors.without_self(rows, indices[piece], distances[piece]))


SNIPPET = """\
import numpy as np
from sklearn.neighbors import NearestNeighbors

points = np.load($points, mmap_mode="r")
model = NearestNeighbors(n_neighbors=$k, algorithm=$algorithm, leaf_size=$leaf_size, n_jobs=$threads)
distances, indices = model.fit(points).kneighbors()  # without queries, no point is its own neighbor
"""

strategy = Entry(SklearnMatrix, exact=True, requires=("scikit-learn",), snippet=SNIPPET)
