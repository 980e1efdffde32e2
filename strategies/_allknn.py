"""What the adapters of our own library share: its blocks as the harness wants them, and parameters."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.strategy import Neighbors, Progress, Strategy

if TYPE_CHECKING:
    from allknn.answers import Block, Share

ONE_LINE = """\
import allknn
import numpy as np

points = np.load($points, mmap_mode="r")
indices, distances = allknn.nearest_neighbors(points, $k, {arguments})
"""
"""The script that does the same without the harness."""
LADDER = (
    {"fan_out": 2, "leaf_size": 250},
    {"fan_out": 3, "leaf_size": 300},
    {"fan_out": 4, "leaf_size": 400},
    {"fan_out": 6, "leaf_size": 400},
    {"fan_out": 8, "leaf_size": 600},
    {"fan_out": 12, "leaf_size": 800},
)
"""From fast to accurate: a neighbor is found where one of a point's leaves holds it as well."""


def adapted(items: "Iterable[Block | Share]") -> Iterator[Neighbors | Progress]:
    """Give on what a join yields, block by block."""
    for item in items:
        yield Neighbors(*item) if isinstance(item, tuple) else Progress(item)


@dataclass
class ByLeaves(Strategy):
    """The parameters of the join by leaves, in threads and on Spark."""

    fan_out: int = 4
    """Buckets that each point is in; in each of them it is in three leaves."""
    leaf_size: int = 350
    """Points of a leaf, on average."""
    seed: int = 0

    def __post_init__(self) -> None:
        from allknn.approximate.parameters import Parameters

        self._how = Parameters(self.fan_out, self.leaf_size, seed=self.seed)
