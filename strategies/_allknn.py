"""What the adapters of our own library share: its blocks as the harness wants them, and parameters."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.strategy import Neighbors, Progress, Strategy

if TYPE_CHECKING:
    from allknn.answers import Block, Share

LADDER = ({"overlap": 2}, {"overlap": 3}, {"overlap": 4}, {"overlap": 6})
"""From fast to accurate: a neighbor is found where one of a point's clusters holds it as well."""


def adapted(items: "Iterable[Block | Share]") -> Iterator[Neighbors | Progress]:
    """Give on what a join yields, block by block."""
    for item in items:
        yield Neighbors(*item) if isinstance(item, tuple) else Progress(item)


@dataclass
class ByClusters(Strategy):
    """The parameters of the join by overlapping clusters, in threads and on Spark."""

    cluster_rows: int = 2048
    """Points for each cluster, before they overlap."""
    overlap: int = 3
    """Clusters that each point belongs to."""
    seed: int = 0

    def __post_init__(self) -> None:
        for name, least in (("cluster_rows", 64), ("overlap", 1), ("seed", 0)):
            if getattr(self, name) < least:
                raise ValueError(f"{name} must be at least {least}, got {getattr(self, name)}")
