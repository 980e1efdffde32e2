"""The exact neighbors of all points, or of some, over a session's executors: cells searched within bounds."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from allknn.spark import cell_tasks, exact_tasks, leaf_tasks
from allknn.spark.leaves import LeafJoin, collected
from allknn.spark.messages import SCHEMA, delivered

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from allknn.spark.staging import Staging

_CELL_ROWS, _MOST_CELLS, _FEWEST_CELLS = 1 << 13, 256, 16
_MOST_VISITS = 10.0
"""Other cells that a ball reaches, on average: more cells are not worth it."""
_PLACES, _MOST_SLICES = 64, 8


@dataclass(frozen=True)
class ExactSearch:
    """Exact neighbors by what a join by leaves knows, whose lists give each point a bound."""

    join: LeafJoin
    lists: "DataFrame | None" = None
    """What is known of all points; None where only queries are looked for."""

    def of(self, numbers: NDArray[np.int32] | None = None, *, short_of: int = 0) -> "DataFrame":
        """Return the exact lists of all points, of some ``numbers``, or of those short of neighbors."""
        few = numbers is not None or short_of > 0
        wanted = None if numbers is None else np.sort(numbers)
        if self.lists is None:
            raise ValueError("nothing is known of the points")
        bounds = self._bounds(self.lists, wanted=wanted, short_of=short_of)
        return self._found(self._centers(few=few), bounds, arranged=not few)

    def of_queries(self, staging: "Staging") -> "DataFrame":
        """Return the exact lists of all queries: those in the cell around one bound what it visits."""
        centers = self._centers(few=True)
        home = staging.keep(self._found(centers, None, arranged=True))
        return self._found(centers, self._bounds(home), arranged=True)

    def _bounds(self, lists: "DataFrame", **which: Any) -> "DataFrame":
        starts = self.join.points.starts
        return self.join.library.over(lists, exact_tasks.bounds, SCHEMA, part_starts=starts, **which)

    def _found(
        self, centers: NDArray[np.float64], bounds: "DataFrame | None", *, arranged: bool
    ) -> "DataFrame":
        """Search cells within bounds; without any, the cell around each query."""
        join, points, over = self.join, self.join.points, self.join.library.over
        slices = 1
        if arranged and len(centers) >= _FEWEST_CELLS:
            slices = int(np.clip(_PLACES // len(centers), 1, _MOST_SLICES))
        parts = points.points if bounds is None else points.points.union(bounds)
        routed = over(
            delivered(parts, len(points.starts) - 1),
            exact_tasks.route,
            SCHEMA,
            centers=centers,
            slices=slices,
            first_query=points.first_query,
            only_home=bounds is None,
        )
        found = over(
            delivered(routed, len(centers) * slices).sortWithinPartitions("kind"),
            cell_tasks.search,
            SCHEMA,
            k=join.k,
            range_rows=join.range_rows,
            slices=slices,
        )
        return over(delivered(found, join.n_ranges), exact_tasks.settle, SCHEMA, k=join.k)

    def _centers(self, *, few: bool) -> NDArray[np.float64]:
        """Choose as many points as centers as makes cells small and yet visits few."""
        n = self.join.points.n
        most = int(np.clip(n // _CELL_ROWS, 1, _MOST_CELLS))
        drawn = np.random.default_rng([self.join.how.seed, n]).choice(n, most, replace=False)
        numbers, points = self.join.picked(drawn)
        if self.lists is None or few or most <= _FEWEST_CELLS:
            return points.astype(np.float64)
        known, distances, _ = looked(self.join, self.lists, numbers)
        radii = distances[np.searchsorted(known, numbers), -1]
        size = most
        while size > _FEWEST_CELLS:
            centers = points[:size].astype(np.float64)
            if exact_tasks.reach(points, radii, centers)[1].sum(axis=1).mean() <= _MOST_VISITS:
                break
            size = max(_FEWEST_CELLS, size // 2)
        return points[:size].astype(np.float64)


def looked(
    join: LeafJoin, lists: "DataFrame", numbers: NDArray[np.int32]
) -> tuple[NDArray[np.int32], NDArray[np.float32], NDArray[np.int64]]:
    """Bring what is known of some points here: their numbers, ascending, and distances.

    The last is how many of all points know no first neighbor, no second, and so on.
    """
    frame = join.library.over(lists, leaf_tasks.look, SCHEMA, wanted=np.sort(numbers))
    found = collected(frame)
    known, distances = (np.concatenate([some[i] for some in found]) for i in (0, 1))
    order = np.argsort(known)
    short: NDArray[np.int64] = np.sum([some[2] for some in found], axis=0)
    return known[order], distances[order], short
