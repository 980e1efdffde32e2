"""Points of a cell and their visitors, each with a tree of leaves of their own."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from allknn import _native
from allknn.exact import components, order
from allknn.exact.points import OrderedPoints
from allknn.exact.screen import Screen

_FEWEST = 1 << 11
"""Fewer points on the first side are joined at once, without a look at their components."""


class Sides(NamedTuple):
    """The points of both sides, leaf by leaf; where the second is empty, the first meets itself alone."""

    ordered: OrderedPoints
    n_first: int
    """Leaves of the first side."""
    screen: Screen | None

    @staticmethod
    def arranged(points: NDArray[np.float32], n_own: int, *, screened: bool) -> "Sides":
        """Order the first ``n_own`` points, and the others; look for components, if asked to."""
        everyone = np.arange(len(points), dtype=np.int32)
        found = components.find(points, everyone) if screened and n_own >= _FEWEST else None
        projections = None if found is None else components.project(points, everyone, found)
        rows = points if projections is None else projections.leading()
        for start, stop in ((0, n_own), (n_own, len(points))):
            if stop > start:
                _native.halve_all(rows, everyone, start, stop)
        ordered = order.measured(points, everyone, None if found is None else found.scale, n_own)
        n_first = -(-n_own // _native.LEAF)
        if projections is not None:
            screen, trial = Screen.of(projections, everyone, ordered, n_first=n_first).quickest(ordered)
            if trial.pays:
                return Sides(ordered, n_first, screen)
        return Sides(ordered, n_first, None)
