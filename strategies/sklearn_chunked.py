"""scikit-learn's exact neighbors chunk by chunk, so that only one chunk's answer is in memory."""

from collections.abc import Iterator
from dataclasses import dataclass

from bench.strategy import Entry, Neighbors, Points, Strategy
from strategies import _neighbors, _sklearn


@dataclass
class SklearnChunked(Strategy):
    """One ``kneighbors`` call for each ``chunk_size`` points."""

    algorithm: str = "auto"
    """``auto``, ``ball_tree``, ``brute`` or ``kd_tree``."""
    leaf_size: int = 30
    """Points in a leaf of a tree, 1 or more."""
    chunk_size: int = 10_000
    """Points in one call, 1 or more."""
    threads: int = 1
    queries_from: str = ""
    by_products: bool = False

    def __post_init__(self) -> None:
        _sklearn.check(self.algorithm, self.leaf_size)
        if self.chunk_size < 1:
            raise ValueError(f"chunk_size is {self.chunk_size}, allowed is 1 or more")

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
        """Yield one block for each chunk."""
        for rows in _neighbors.row_ranges(len(self._model.asking), self.chunk_size):
            yield self._model.answer(rows, *self._model.ask(rows, k))


SNIPPET = (
    """\
import numpy as np
from sklearn.neighbors import NearestNeighbors

points = np.load($points, mmap_mode="r")
model = NearestNeighbors(n_neighbors=$k + 1, algorithm=$algorithm, leaf_size=$leaf_size, n_jobs=$threads)
model.fit(points)
indices = np.empty((len(points), $k + 1), np.int32)
distances = np.empty(indices.shape, np.float32)
for start in range(0, len(points), $chunk_size):
    rows = slice(start, start + $chunk_size)
    distances[rows], indices[rows] = model.kneighbors(points[rows])
"""
    + _neighbors.SNIPPET_WITHOUT_SELF
)

strategy = Entry(SklearnChunked, exact=True, requires=("scikit-learn",), snippet=SNIPPET)
