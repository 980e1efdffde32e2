"""scikit-learn's brute force as the Extension for Scikit-learn computes it: float32 products in oneDAL."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from bench.strategy import Entry, Neighbors, Points, Strategy
from strategies import _neighbors


@dataclass
class SklearnexBrute(Strategy):
    """``sklearnex.neighbors.NearestNeighbors(algorithm="brute")``, a chunk of queries at a time.

    ``n_jobs`` alone holds its threads: they are oneTBB's, which read no variable. Distances come from float32
    norms and products, so that points far from the origin and near each other lose digits.
    """

    chunk_size: int = 16_384
    """Points in one call, 1 or more."""
    threads: int = 1

    def __post_init__(self) -> None:
        if self.chunk_size < 1:
            raise ValueError(f"chunk_size is {self.chunk_size}, allowed is 1 or more")

    def start(self) -> None:
        """Import the library and hold the BLAS that came with it to the thread budget."""
        import sklearnex.neighbors  # noqa: F401 (imported here so that fit does not pay for it)
        import threadpoolctl

        threadpoolctl.threadpool_limits(self.threads)

    def fit(self, points: Points) -> None:
        """Hand the points over."""
        from sklearnex.neighbors import NearestNeighbors

        self._points = points
        self._model: Any = NearestNeighbors(algorithm="brute", n_jobs=self.threads).fit(points)

    def kneighbors(self, k: int) -> Iterator[Neighbors]:
        """Yield one block for each chunk."""
        computed_by = "oneDAL" if hasattr(self._model, "_onedal_estimator") else "scikit-learn"
        self.details = {"growth": "quadratic", "computed_by": computed_by}
        for rows in _neighbors.row_ranges(len(self._points), self.chunk_size):
            queries = self._points[rows.start : rows.stop]
            distances, indices = self._model.kneighbors(queries, k + 1)
            yield Neighbors(rows, *_neighbors.without_self(rows, indices, distances))


SNIPPET = (
    """\
import numpy as np
from sklearnex.neighbors import NearestNeighbors

points = np.load($points)
model = NearestNeighbors(algorithm="brute", n_jobs=$threads).fit(points)
chunks = [points[i : i + $chunk_size] for i in range(0, len(points), $chunk_size)]
found = [model.kneighbors(chunk, $k + 1) for chunk in chunks]
distances, indices = (np.concatenate(parts) for parts in zip(*found))
"""
    + _neighbors.SNIPPET_WITHOUT_SELF
)

strategy = Entry(
    SklearnexBrute, exact=True, requires=("scikit-learn", "scikit-learn-intelex"), snippet=SNIPPET
)
