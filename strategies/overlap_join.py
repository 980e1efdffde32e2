"""An approximate join of our own for very many points: overlapping clusters, each solved exactly, merged."""

from collections.abc import Iterator
from dataclasses import dataclass

from bench.strategy import Entry, Neighbors, Points, Progress, Strategy


@dataclass
class OverlapJoin(Strategy):
    """Deterministic for a seed, whatever the threads."""

    cluster_rows: int = 2048
    """Points for each cluster, before they overlap."""
    overlap: int = 3
    """Clusters that each point belongs to."""
    refine: bool = False
    """Whether neighbors of neighbors are looked at in the end."""
    seed: int = 0
    threads: int = 1

    def __post_init__(self) -> None:
        for name, least in (("cluster_rows", 64), ("overlap", 1), ("seed", 0)):
            if getattr(self, name) < least:
                raise ValueError(f"{name} is {getattr(self, name)}, allowed is {least} or more")

    def start(self) -> None:
        """Compile, on toy points."""
        from strategies import _overlap

        _overlap.compile_here(self.threads)

    def fit(self, points: Points) -> None:
        """Find equal points, and give the others to clusters."""
        from strategies._overlap import Overlapping

        self._join = Overlapping(points, self.cluster_rows, self.overlap, self.seed, self.threads)

    def kneighbors(self, k: int) -> Iterator[Neighbors | Progress]:
        """Yield progress until all clusters are solved, then blocks."""
        yield from self._join.run(k, refine=self.refine)
        self.details = dict(self._join.details)


LADDER = ({"overlap": 2}, {"overlap": 3}, {"overlap": 3, "refine": True}, {"overlap": 4}, {"overlap": 6})
"""From fast to accurate: a neighbor is found where one of a point's clusters holds it as well."""

strategy = Entry(OverlapJoin, exact=False, requires=("numba",), ladder=LADDER)
