"""The exact neighbors of all points, or of some, over a session's executors: cells searched within bounds."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from allknn.spark import cell_tasks, exact_tasks, leaf_tasks, sample_tasks
from allknn.spark.cells import Cells
from allknn.spark.leaf_tasks import EXACT, LISTS
from allknn.spark.leaves import LeafJoin, collected
from allknn.spark.messages import SCHEMA, delivered
from allknn.spark.products import ProductCells

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

_CELL_BYTES, _SMALL_CELL_ROWS = 1 << 24, 1 << 13
_FEW_CELLS, _MOST_CELLS = 16, 256
"""Up to the first there are small cells, so that all cores have work."""
_SAMPLE = 4096
"""Points that the centers of cells are found from."""


@dataclass(frozen=True)
class ExactSearch:
    """Exact neighbors: of points within a radius, who is in the cells that their balls reach."""

    join: LeafJoin

    def of_all(self) -> "DataFrame":
        """Return the exact lists of all points, or of all queries.

        What is near in the cell around a point bounds which others it visits.
        """
        points, cells = self.join.points, self._cells()
        return self._met(cells, cell_tasks.near, points.first_query if points.n_queries else None)

    def of_products(self) -> "DataFrame":
        """Return the lists of the largest inner products of all points, or of all queries, with points.

        Their distances are these with a minus.
        """
        points = self.join.points
        sample, wanted = self._sample()
        cells = ProductCells.amid_points(sample, wanted, points.longest)
        return self._met(cells, cells.near, points.first_query if points.n_queries else 0, squared=False)

    def _met(
        self, cells: Cells, find: cell_tasks.Finder, first_visitor: int | None, *, squared: bool = True
    ) -> "DataFrame":
        """Look at home first, then elsewhere."""
        who = {"first_query": self.join.points.first_query, "first_visitor": first_visitor}
        homes = self.join.points_to(exact_tasks.to_homes, cells=cells, **who)
        n_cells = len(cells.centers)
        found = self._in_cells(homes, n_cells, cell_tasks.at_home, cells=cells, find=find)
        found = self._in_cells(found, n_cells, cell_tasks.visited, find=find)
        return self._settled(found, LISTS, squared=squared)

    def of_short(self, lists: "DataFrame", short_of: int) -> "DataFrame":
        """Return the exact lists of the points that know fewer than so many others."""
        over, points, cells = self.join.library.over, self.join.points, self._cells()
        radii = over(lists, exact_tasks.bounds, SCHEMA, part_starts=points.starts, short_of=short_of)
        parts = delivered(points.points.union(radii), len(points.starts) - 1)
        reached = over(parts, exact_tasks.to_reached, SCHEMA, starts=points.blocks, cells=cells)
        n_cells = len(cells.centers)
        found = self._in_cells(reached, n_cells, cell_tasks.visited, find=cell_tasks.near)
        return self._settled(found, EXACT)

    def of_sample(
        self, numbers: NDArray[np.int32], points: NDArray[np.float32], radii: NDArray[np.float32]
    ) -> "DataFrame":
        """Return the exact lists of a few points, within a radius of each: they go to wherever points are."""
        found = self.join.points_to(
            sample_tasks.near_sample,
            asked=(numbers, points, radii),
            k=self.join.k,
            range_rows=self.join.range_rows,
        )
        return self._settled(found, EXACT)

    def _in_cells(
        self, sent: "DataFrame", n_cells: int, function: Callable[..., Iterator[Any]], **more: Any
    ) -> "DataFrame":
        """Give what was sent to each cell to a function of our library, points of the cell first."""
        join = self.join
        arrived = delivered(sent, n_cells).sortWithinPartitions("kind")
        return join.library.over(arrived, function, SCHEMA, k=join.k, range_rows=join.range_rows, **more)

    def _settled(self, found: "DataFrame", kind: int, **more: Any) -> "DataFrame":
        join = self.join
        arrived = delivered(found, join.n_ranges)
        return join.library.over(arrived, exact_tasks.settle, SCHEMA, k=join.k, kind=kind, **more)

    def _cells(self) -> Cells:
        """Cut space amid a sample of the points."""
        sample, wanted = self._sample()
        return Cells.amid(sample.astype(np.float64), wanted)

    def _sample(self) -> tuple[NDArray[np.float32], int]:
        """Return the points amid which space is cut, and into how many cells."""
        n = self.join.points.n
        cell_rows = max(1, _CELL_BYTES // (4 * self.join.points.n_features))
        wanted = max(min(n // _SMALL_CELL_ROWS, _FEW_CELLS), n // cell_rows)
        sample = np.random.default_rng([self.join.how.seed, n]).permutation(self.join.points.sample)
        return sample[:_SAMPLE], int(np.clip(wanted, 1, _MOST_CELLS))


def looked(
    join: LeafJoin, lists: "DataFrame", numbers: NDArray[np.int32]
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Bring the distances known of some points here, by their numbers.

    The other is how many of all points know no first neighbor, no second, and so on.
    """
    frame = join.library.over(lists, leaf_tasks.look, SCHEMA, wanted=np.sort(numbers))
    found = collected(frame)
    known, distances = (np.concatenate([some[i] for some in found]) for i in (0, 1))
    order = np.argsort(known)
    short: NDArray[np.int64] = np.sum([some[2] for some in found], axis=0)
    return distances[order], short
