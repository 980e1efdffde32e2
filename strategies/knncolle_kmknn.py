"""Bioconductor's KMKNN: clusters of k-means, of which the triangle inequality rules many out."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from bench.strategy import Entry, Neighbors, Points, Strategy
from strategies import _neighbors

BLOCK_ROWS = 1 << 14


@dataclass
class KnncolleKmknn(Strategy):
    """``knncolle.find_knn`` on an index of ``KmknnParameters``; exact, in float64.

    Wang: A fast exact k-nearest neighbors algorithm for high dimensional search using k-means clustering and
    triangle inequality, IJCNN 2011.
    """

    threads: int = 1

    def start(self) -> None:
        """Import knncolle."""
        import knncolle  # noqa: F401 (imported here so that fit does not pay for it)

    def fit(self, points: Points) -> None:
        """Cluster the points, in float64 since the library takes nothing else."""
        import knncolle

        self._n_samples = len(points)
        self._index: Any = knncolle.build_index(knncolle.KmknnParameters(), points.astype(np.float64))

    def kneighbors(self, k: int) -> Iterator[Neighbors]:
        """Yield one block for each batch; the library leaves each point out of its own answer."""
        import knncolle

        for rows in _neighbors.row_ranges(self._n_samples, BLOCK_ROWS):
            found = knncolle.find_knn(
                self._index, k, num_threads=self.threads, subset=np.arange(rows.start, rows.stop)
            )
            yield Neighbors(rows, found.index.astype(np.int32), found.distance.astype(np.float32))


SNIPPET = """\
import knncolle
import numpy as np

points = np.load($points)
index = knncolle.build_index(knncolle.KmknnParameters(), points.astype(np.float64))
found = knncolle.find_knn(index, $k, num_threads=$threads)
indices, distances = found.index, found.distance
"""

strategy = Entry(KnncolleKmknn, exact=True, requires=("knncolle",), snippet=SNIPPET)
