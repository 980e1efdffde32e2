"""Cells under the inner product: by one more coordinate it is a distance; what ranks is the product itself.

Points that are found and points that look for them have different stand-ins (``allknn/metrics.py``), so each
point is one of its cell, and visits cells besides. Messages carry the points as they were given.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from allknn import metrics, settling
from allknn.answers import Shares
from allknn.spark.cell_tasks import Near, Some
from allknn.spark.cells import Cells


@dataclass(frozen=True)
class ProductCells(Cells):
    """Cells of the stand-ins of points."""

    largest: float
    """The largest norm of all points."""

    @staticmethod
    def amid_points(sample: NDArray[np.float32], wanted: int, largest: float) -> "ProductCells":
        """Choose centers amid the stand-ins of a sample of points."""
        stand_ins = metrics.placed(sample, largest or 1.0)
        return ProductCells(Cells.amid(stand_ins.astype(np.float64), wanted).centers, largest)

    def around(self, points: NDArray[np.float32]) -> NDArray[np.intp]:
        """Return the cell of each point."""
        return super().around(metrics.placed(points, self.largest or 1.0))

    def around_visitors(self, points: NDArray[np.float32]) -> NDArray[np.intp]:
        """Return the cell around the stand-in of each point as one that looks for others."""
        return super().around(self._asking(points))

    def reached(
        self, points: NDArray[np.float32], radii: NDArray[np.float32], homes: NDArray[np.intp]
    ) -> NDArray[np.bool_]:
        """Return which cells besides its home the ball around each such stand-in reaches."""
        return super().reached(self._asking(points), radii, homes)

    def radii(self, points: NDArray[np.float32], keys: NDArray[np.float64]) -> NDArray[np.float32]:
        """Return how far the stand-ins of points with these keys, or less, may be; -1 for zero vectors."""
        lengths = metrics.norms(points)
        reach = np.full(len(points), -1.0)
        rows = np.flatnonzero(lengths * self.largest)
        reach[rows] = metrics.product_reach(keys[rows], points[rows], lengths[rows], self.largest)
        return reach.astype(np.float32)

    def near(self, own: Some, arrived: list[Some], k: int) -> list[Near]:
        """Return who of a cell has the largest products with some visitors; their keys are minus these."""
        if not arrived:
            return []
        visitors = Some(*(np.concatenate(arrays) for arrays in zip(*arrived, strict=True)))
        first = np.tile(np.arange(k, dtype=np.int32), (len(visitors.numbers), 1))
        others = first + (first >= visitors.numbers[:, None])  # as all products with zero vectors are 0
        keys = np.zeros(others.shape)
        rows = np.flatnonzero(visitors.points.any(axis=1) & (self.largest > 0))
        if len(rows):
            found, lengths = self._found(own, visitors.points[rows], k)
            itself = found == visitors.numbers[rows, None]
            kept = np.argsort(itself, axis=1, kind="stable")[:, :k]
            others[rows] = np.take_along_axis(np.where(itself, np.int32(-1), found), kept, 1)
            keys[rows] = np.take_along_axis(np.where(itself, np.inf, lengths), kept, 1)
        return [Near(visitors, np.arange(len(others), dtype=np.int32), others, keys)]

    def _found(
        self, own: Some, queries: NDArray[np.float32], k: int
    ) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
        """Return the numbers and keys of k + 1, of which a query itself may be one; -1 for none."""
        found = np.full((len(queries), k + 1), -1, np.int32)
        keys, most = np.full(found.shape, np.inf), min(k + 1, len(own.numbers))
        if not most:
            return found, keys
        stand_ins = metrics.inner_product(own.points, queries, self.largest)
        search = Shares(settling.of_queries(own.points, stand_ins, most, 1, others=False))
        for _ in search:
            pass
        ids, keys[:, :most] = search.answer
        found[:, :most] = own.numbers[ids]
        return found, keys

    def _asking(self, points: NDArray[np.float32]) -> NDArray[np.float32]:
        lengths = metrics.norms(points)
        return metrics.asking(points, np.where(lengths > 0, lengths, 1))
