"""What the adapters of our own library share: its blocks as the harness wants them, and parameters."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.strategy import Neighbors, Points, Progress, Strategy
from strategies import _neighbors

if TYPE_CHECKING:
    from allknn.answers import Block, Share
    from allknn.search import Search

ONE_LINE = """\
import allknn
import numpy as np

points = np.load($points, mmap_mode="r")
indices, distances = allknn.nearest_neighbors(points, $k, {arguments}$asked)
"""
"""The script that does the same without the harness."""
_BLOCK_ROWS = 1 << 15
LADDER = (
    {"fan_out": 2, "leaf_size": 250},
    {"fan_out": 3, "leaf_size": 300},
    {"fan_out": 4, "leaf_size": 400},
    {"fan_out": 6, "leaf_size": 500},
    {"fan_out": 10, "leaf_size": 700},
    {"fan_out": 16, "leaf_size": 1000},
)
"""From fast to accurate: a neighbor is found where one of a point's leaves holds it as well."""


def adapted(items: "Iterable[Block | Share]") -> Iterator[Neighbors | Progress]:
    """Give on what a join yields, block by block."""
    for item in items:
        yield Neighbors(*item) if isinstance(item, tuple) else Progress(item)


def search_for(
    points: Points,
    k: int,
    threads: int,
    queries_from: str,
    *,
    by_products: bool,
    recall: float | None = None,
    seed: int = 0,
) -> "Search":
    """Return the library's search for what the harness asks for."""
    from allknn.search import Search

    queries = _neighbors.queries(points, queries_from) if queries_from else None
    metric = "inner_product" if by_products else "euclidean"
    return Search(points, queries, k, metric, recall, threads, seed)


def searched(search: "Search") -> Iterator[Neighbors | Progress]:
    """Yield progress, then all neighbors."""
    from allknn.answers import Shares

    shares = Shares(search.run())
    for share in shares:
        yield Progress(share)
    ids, distances = shares.answer
    for rows in _neighbors.row_ranges(len(ids), _BLOCK_ROWS):
        yield Neighbors(rows, ids[rows.start : rows.stop], distances[rows.start : rows.stop])


@dataclass
class ByLeaves(Strategy):
    """The parameters of the join by leaves, in threads and on Spark.

    The defaults are for one round; the library's own are for rounds until a recall is reached.
    """

    fan_out: int = 4
    """Buckets that each point is in; in each of them it is in three leaves."""
    leaf_size: int = 350
    """Points of a leaf, on average."""
    seed: int = 0

    def __post_init__(self) -> None:
        from allknn.approximate.parameters import Parameters

        self._how = Parameters(self.fan_out, self.leaf_size, seed=self.seed)
