"""The exact neighbors of all points, or of some, over a session's executors: cells searched within bounds."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from allknn.spark import cell_tasks, exact_tasks, leaf_tasks
from allknn.spark.exact_tasks import AWAY, EVERYWHERE, HOME, RADII
from allknn.spark.leaf_tasks import EXACT, LISTS
from allknn.spark.leaves import LeafJoin, collected
from allknn.spark.messages import SCHEMA, delivered

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from allknn.spark.staging import Staging

_CELL_BYTES, _SMALL_CELL_ROWS = 1 << 24, 1 << 13
_FEW_CELLS, _MOST_CELLS = 16, 256
"""Up to the first there are small cells, so that all cores have work."""
_SAMPLE, _STEPS = 4096, 8
"""Points that the centers of cells are found from, and how often each center is moved amid its points."""
_PLACES, _ROWS_FOR_A_SLICE = 32, 1 << 18


@dataclass(frozen=True)
class ExactSearch:
    """Exact neighbors: of points within a radius, who is in the cells that their balls reach."""

    join: LeafJoin

    def of_all(self, staging: "Staging") -> "DataFrame":
        """Return the exact lists of all points, or of all queries.

        What is near in the cell around a point bounds which others it visits.
        """
        join, centers = self.join, self._centers()
        home = staging.keep(self._searched(centers, join.points.points, HOME, slices=1))
        radii = home.where(f"kind = {RADII}")
        slices = min(_PLACES // len(centers), join.points.n // _ROWS_FOR_A_SLICE)
        away = self._searched(centers, self._parts_with(radii), AWAY, slices=max(1, slices))
        return self._settled(home.where(f"kind = {LISTS}").union(away), LISTS)

    def of_some(
        self, lists: "DataFrame", *, numbers: NDArray[np.int32] | None = None, short_of: int = 0
    ) -> "DataFrame":
        """Return the exact lists of some points, whose ``lists`` give them a radius.

        That is of some ``numbers``, or of those that know fewer than so many others.
        """
        wanted = None if numbers is None else np.sort(numbers)
        over, starts = self.join.library.over, self.join.points.starts
        which: dict[str, Any] = {"part_starts": starts, "wanted": wanted, "short_of": short_of}
        radii = over(lists, exact_tasks.bounds, SCHEMA, **which)
        found = self._searched(self._centers(), self._parts_with(radii), EVERYWHERE, slices=1)
        return self._settled(found, EXACT)

    def _parts_with(self, radii: "DataFrame") -> "DataFrame":
        points = self.join.points
        return delivered(points.points.union(radii), len(points.starts) - 1)

    def _searched(
        self, centers: NDArray[np.float64], parts: "DataFrame", where: str, *, slices: int
    ) -> "DataFrame":
        """Search cells, those around points or those that balls reach."""
        join, points, over = self.join, self.join.points, self.join.library.over
        routed = over(
            parts,
            exact_tasks.route,
            SCHEMA,
            centers=centers,
            slices=slices,
            first_query=points.first_query,
            queries_alone=points.n_queries > 0,
            where=where,
        )
        return over(
            delivered(routed, len(centers) * slices).sortWithinPartitions("kind"),
            cell_tasks.search,
            SCHEMA,
            k=join.k,
            range_rows=join.range_rows,
            slices=slices,
            radii_for=points.starts if where == HOME else None,
        )

    def _settled(self, found: "DataFrame", kind: int) -> "DataFrame":
        join = self.join
        arrived = delivered(found, join.n_ranges)
        return join.library.over(arrived, exact_tasks.settle, SCHEMA, k=join.k, kind=kind)

    def _centers(self) -> NDArray[np.float64]:
        """Choose centers amid the points, the means of a sample: balls reach fewer cells around these."""
        n = self.join.points.n
        cell_rows = max(1, _CELL_BYTES // (4 * self.join.points.n_features))
        wanted = max(min(n // _SMALL_CELL_ROWS, _FEW_CELLS), n // cell_rows)
        sampled = np.random.default_rng([self.join.how.seed, n]).choice(n, min(n, _SAMPLE), replace=False)
        sample = self.join.picked(sampled)[1].astype(np.float64)
        sample_mean = sample.mean(axis=0)
        around = sample - sample_mean
        centers = around[: int(np.clip(wanted, 1, _MOST_CELLS))].copy()
        for _ in range(_STEPS if len(centers) > 1 else 0):
            own = ((centers**2).sum(axis=1) - 2 * around @ centers.T).argmin(axis=1)
            for number in np.unique(own).tolist():
                centers[number] = around[own == number].mean(axis=0)
        return np.asarray(centers + sample_mean)


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
