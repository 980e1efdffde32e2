"""scikit-learn's exact neighbors by one ``kneighbors`` call with all points as one matrix."""

from collections.abc import Iterator
from dataclasses import dataclass

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
    queries_from: str = ""
    by_products: bool = False

    def __post_init__(self) -> None:
        _sklearn.check(self.algorithm, self.leaf_size)

    def start(self) -> None:
        """Import scikit-learn."""
        _sklearn.start(self.threads)

    def fit(self, points: Points) -> None:
        """Build the tree, or nothing for brute force."""
        self._model = _sklearn.Model(
            points,
            self.queries_from,
            lambda taken: _sklearn.fit(taken, self.algorithm, self.leaf_size, self.threads),
            by_products=self.by_products,
        )
        self.details = self._model.details

    def kneighbors(self, k: int) -> Iterator[Neighbors]:
        """Ask for all points at once, then convert piece by piece, lest the peak double."""
        every = range(len(self._model.asking))
        distances, indices = self._model.ask(every, k)
        for rows in _neighbors.row_ranges(len(every), ROWS_CONVERTED_AT_ONCE):
            piece = slice(rows.start, rows.stop)
            yield self._model.answer(rows, distances[piece], indices[piece])


SNIPPET = """\
import numpy as np
from sklearn.neighbors import NearestNeighbors

points = np.load($points, mmap_mode="r")
model = NearestNeighbors(n_neighbors=$k, algorithm=$algorithm, leaf_size=$leaf_size, n_jobs=$threads)
distances, indices = model.fit(points).kneighbors()  # without queries, no point is its own neighbor
"""

strategy = Entry(SklearnMatrix, exact=True, requires=("scikit-learn",), snippet=SNIPPET)
