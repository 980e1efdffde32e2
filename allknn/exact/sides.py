"""Two sides joined in one thread, each a set of points with a tree of leaves: what a task of a cluster does."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from allknn import _native
from allknn.exact import components, order
from allknn.exact.points import Lists, OrderedPoints, Workspace
from allknn.exact.schedule import leaves_in_cache, nearest_first, nodes_of
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
        """Order the first ``n_own`` points, and the others; look for components that tell much, if asked to."""
        everyone = np.arange(len(points), dtype=np.int32)
        found = components.find(points, everyone) if screened and n_own >= _FEWEST else None
        projections = None if found is None else components.project_alone(points, everyone, found)
        rows = points if projections is None else projections.leading()
        for start, stop in ((0, n_own), (n_own, len(points))):
            if stop > start:
                _native.halve_all(rows, everyone, start, stop)
        ordered = order.measured(points, everyone, None if found is None else found.scale, n_own)
        n_first = -(-n_own // _native.LEAF)
        if projections is not None:
            screen = Screen.of(projections, everyone, ordered, n_first)
            if screen.pays(ordered):
                return Sides(ordered, n_first, screen)
        return Sides(ordered, n_first, None)

    @staticmethod
    def screened_by(ordered: OrderedPoints, n_first: int, found: components.Components | None) -> "Sides":
        """Look at the components ``found``, if any, of points that have their order."""
        if found is None:
            return Sides(ordered, n_first, None)
        projections = components.project_alone(ordered.points, ordered.order, found)
        local = np.arange(len(ordered.order), dtype=np.int32)
        return Sides(ordered, n_first, Screen.of(projections, local, ordered, n_first))

    def join(self, lists: Lists, *, itself: bool) -> int:
        """Join the first side with itself, or with the other; return how many pairs were computed."""
        n_leaves = len(self.ordered.radii)
        width = (self.screen.rows if self.screen else self.ordered.points).shape[1]
        at_once = leaves_in_cache(width)
        firsts = nodes_of(0, self.n_first, at_once)
        seconds = [] if itself else nodes_of(self.n_first, n_leaves, at_once)
        ranges = firsts + seconds
        workspace = Workspace.of(max(stop - start for start, stop in ranges), width, self.screen)
        meetings = nearest_first(self.ordered, ranges, between=len(firsts) if seconds else 0)
        return sum(workspace.join(self.ordered, ranges[p], ranges[q], lists) for p, q in meetings)
