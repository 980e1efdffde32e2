"""Cells of space, one around each of some centers, and which of them a ball reaches.

A cell is all points that are nearest to its center. A ball reaches a cell unless it lies wholly on its own
side of the plane halfway between the two centers.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

LONGER = 1 + 1e-6
"""More than rounding a distance to float32 takes away."""
_ROUNDING = 1e-12
"""More than computing in float64 may be off, in units of the largest squared distance."""
_STEPS = 8
"""How often each center is moved amid its points."""


@dataclass(frozen=True)
class Cells:
    """Where space is cut."""

    centers: NDArray[np.float64]
    """(cells, features)"""

    @staticmethod
    def amid(sample: NDArray[np.float64], wanted: int) -> "Cells":
        """Choose centers amid the points of a sample, their means: balls reach fewer cells around these."""
        sample_mean = sample.mean(axis=0)
        around = sample - sample_mean
        centers = around[:wanted].copy()
        for _ in range(_STEPS if len(centers) > 1 else 0):
            own = ((centers**2).sum(axis=1) - 2 * around @ centers.T).argmin(axis=1)
            for number in np.unique(own).tolist():
                centers[number] = around[own == number].mean(axis=0)
        return Cells(centers + sample_mean)

    def around(self, points: NDArray[np.float32]) -> NDArray[np.intp]:
        """Return the cell of each point."""
        cells: NDArray[np.intp] = self._squared(points).argmin(axis=1)
        return cells

    def around_visitors(self, points: NDArray[np.float32]) -> NDArray[np.intp]:
        """Return the cell where a point that looks for others does so first."""
        return self.around(points)

    def radii(self, points: NDArray[np.float32], keys: NDArray[np.float64]) -> NDArray[np.float32]:
        """Return how far away what has these keys, or less, may be: they are squared distances."""
        del points
        return np.sqrt(keys).astype(np.float32)

    def reached(
        self, points: NDArray[np.float32], radii: NDArray[np.float32], homes: NDArray[np.intp]
    ) -> NDArray[np.bool_]:
        """Return which cells besides its home the ball around each point reaches, (points, cells).

        A negative radius reaches none.
        """
        squared = self._squared(points)
        apart = np.sqrt(((self.centers[:, None] - self.centers) ** 2).sum(axis=2))[homes]
        lengths = radii.astype(np.float64)[:, None] * LONGER
        rows = np.arange(len(points))
        with np.errstate(invalid="ignore"):  # inf * 0, of its own cell
            rounding = _ROUNDING * (squared.max(initial=0.0) + lengths**2)
            reached = squared - squared[rows, homes][:, None] - rounding <= 2 * apart * lengths
        reached[rows, homes] = False
        reached[radii < 0] = False
        return np.asarray(reached)

    def _squared(self, points: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return squared distances, (points, cells)."""
        middle = self.centers.mean(axis=0)
        around, moved = points - middle, self.centers - middle
        lengths = np.einsum("ij,ij->i", around, around)[:, None]
        squared: NDArray[np.float64] = lengths - 2 * around @ moved.T + (moved**2).sum(axis=1)
        return squared
