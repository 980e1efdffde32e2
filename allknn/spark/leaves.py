"""The join by leaves over a session's executors: rounds of assign, solve, merge."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from allknn.approximate import buckets, leaders
from allknn.approximate.leaders import LeaderTree
from allknn.approximate.parameters import Parameters
from allknn.spark import leaf_tasks
from allknn.spark.leaf_tasks import Plan
from allknn.spark.messages import SCHEMA, delivered, unpacked
from allknn.spark.shipping import Library
from allknn.spark.staging import NumberedPoints

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

_GROUP_BYTES, _SMALL_GROUP_ROWS = 1 << 26, 1 << 15
_FEW_GROUPS, _MOST_GROUPS = 16, 2048
"""Up to the first there are small groups, so that all cores have work; the fewer, the fewer copies travel."""
_RANGE_ROWS, _MOST_RANGES = 1 << 16, 2048


@dataclass(frozen=True)
class LeafJoin:
    """``allknn.approximate.leaf_join`` with tasks: the same bytes for points in the order of ids."""

    library: Library
    points: NumberedPoints
    how: Parameters
    k: int

    @property
    def range_rows(self) -> int:
        """Numbers in a range, whose lists are one message."""
        return max(_RANGE_ROWS, -(-int(self.points.starts[-1]) // _MOST_RANGES))

    @property
    def n_ranges(self) -> int:
        """How many ranges there are."""
        return -(-int(self.points.starts[-1]) // self.range_rows)

    def round(self, number: int, tree: LeaderTree, known: "DataFrame | None" = None) -> "DataFrame":
        """Return the lists after a round, one message a range; ``known`` are those of the rounds before."""
        plan = Plan(
            k=self.k,
            n=self.points.n,
            fan_out=self.how.fan_out,
            leaf_size=self.how.leaf_size,
            seed=self.how.seed,
            round_number=number,
            groups=self._groups(tree),
            range_rows=self.range_rows,
        )
        arrived = delivered(self.points_to(leaf_tasks.assign, plan=plan, tree=tree), plan.n_groups)
        solved = self.library.over(arrived, leaf_tasks.solve, SCHEMA, plan=plan)
        return self.merged(solved if known is None else solved.union(known))

    def merged(self, lists: "DataFrame") -> "DataFrame":
        """Return one message for each range with the nearest that any of these lists know."""
        arrived = delivered(lists, self.n_ranges)
        return self.library.over(arrived, leaf_tasks.merge, SCHEMA, k=self.k, range_rows=self.range_rows)

    def points_to(self, function: Callable[..., Iterator[Any]], **more: Any) -> "DataFrame":
        """Give the points of each part to a function of our library, with ``more``."""
        points = self.points
        return self.library.over(points.points, function, SCHEMA, starts=points.blocks, **more)

    def _picked(self, ranks: NDArray[np.int64]) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        """Bring the numbers and the points of some ranks here, in that order."""
        order = np.argsort(ranks, kind="stable")
        numbers = np.empty(len(ranks), np.int32)
        points = np.empty((len(ranks), self.points.n_features), np.float32)
        picked = self.points_to(leaf_tasks.pick, ranks=ranks[order], part_ranks=self.points.ranks)
        for some_numbers, some_points, which in collected(picked):
            numbers[order[which]], points[order[which]] = some_numbers, some_points
        return numbers, points

    def plant(
        self, number: int, more: NDArray[np.int64]
    ) -> tuple[LeaderTree, NDArray[np.int32], NDArray[np.float32]]:
        """Draw the leaders of a round as ``buckets.plant`` does; only they come here, and ``more`` ranks.

        Returns the numbers and the points of these, too.
        """
        n = self.points.n
        n_leaders = 1 if n <= buckets.SMALL else max(1, round(n / buckets.POINTS_A_LEADER))
        rng = np.random.default_rng([self.how.seed, number])
        drawn = rng.permutation(rng.choice(n, n_leaders, replace=False))
        numbers, points = self._picked(np.concatenate([drawn, more]))
        tree = leaders.plant(points[:n_leaders], np.arange(n_leaders, dtype=np.int32))
        return tree, numbers[n_leaders:], points[n_leaders:]

    def _groups(self, tree: LeaderTree) -> NDArray[np.int32]:
        n_places = self.points.n * self.how.fan_out
        wanted = max(
            min(n_places // _SMALL_GROUP_ROWS, _FEW_GROUPS),
            4 * n_places * self.points.n_features // _GROUP_BYTES,
        )
        return leaf_tasks.by_region(tree, min(wanted, _MOST_GROUPS))


def collected(frame: "DataFrame") -> list[tuple[Any, ...]]:
    """Bring the arrays of a few messages here."""
    return [unpacked(row.data) for row in frame.select("data").collect()]
