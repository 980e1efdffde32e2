"""What the joins by overlapping clusters can be told, on one machine and on Spark."""

from dataclasses import dataclass

from bench.strategy import Strategy

LADDER = ({"overlap": 2}, {"overlap": 3}, {"overlap": 3, "refine": True}, {"overlap": 4}, {"overlap": 6})
"""From fast to accurate: a neighbor is found where one of a point's clusters holds it as well."""


@dataclass
class ByClusters(Strategy):
    """The parameters of either."""

    cluster_rows: int = 2048
    """Points for each cluster, before they overlap."""
    overlap: int = 3
    """Clusters that each point belongs to."""
    refine: bool = False
    """Whether neighbors of neighbors are looked at in the end."""
    seed: int = 0

    def __post_init__(self) -> None:
        for name, least in (("cluster_rows", 64), ("overlap", 1), ("seed", 0)):
            if getattr(self, name) < least:
                raise ValueError(f"{name} is {getattr(self, name)}, allowed is {least} or more")
