"""Whose neighbors are asked for, and what near means: every point's nearest others unless said otherwise."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bench.judge.distances import products, squared_distances

_NONE = -2
"""An id that no answer may hold anyway."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What an answer's rows are, and how near a point is to them."""

    queries: NDArray[np.float32] | None = None
    """(n_queries, n_features); None: the points, none of which is its own neighbor."""
    by_products: bool = False
    """Whether the nearest are those with the largest inner product."""

    def rows_among(self, points: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return what the rows of an answer are, (n_rows, n_features)."""
        return points if self.queries is None else self.queries

    def own_ids(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the id of each row's own point, (len(rows),), where it has one."""
        return rows if self.queries is None else np.full(len(rows), _NONE)

    def distances(
        self, points: NDArray[np.float32], rows: NDArray[np.integer], others: NDArray[np.integer]
    ) -> NDArray[np.float64]:
        """Measure each pair of a row and a point: Euclidean distances, or products with a minus."""
        asking = self.rows_among(points)
        if self.by_products:
            return -products(asking, points, rows, others)
        return np.sqrt(squared_distances(points, rows, others, asking))


ALL_POINTS = Asked()
