"""The approximate join of our library: many small leaves around random leaders, each solved, merged."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from bench.strategy import Entry, Neighbors, Points, Progress
from strategies._allknn import LADDER, ONE_LINE, ByLeaves, adapted


@dataclass
class LeafJoin(ByLeaves):
    """Deterministic for a seed, whatever the threads."""

    passes: int = 0
    """How often the neighbors of neighbors are looked at, after each round."""
    recall: float = 0.0
    """Go on until the recall lies above this with 95 % confidence; 0: one round."""
    threads: int = 1

    def __post_init__(self) -> None:
        super().__post_init__()
        self._how = replace(self._how, passes=self.passes, recall=self.recall)

    def start(self) -> None:
        """Load the library."""
        from allknn import _library
        from allknn.approximate import leaf_join  # noqa: F401 (imported here so that fit does not pay for it)

        _library.load()

    def fit(self, points: Points) -> None:
        """Find equal points."""
        from allknn.approximate import leaf_join

        self._join = leaf_join.LeafJoin(points, self._how, self.threads)

    def kneighbors(self, k: int) -> Iterator[Neighbors | Progress]:
        """Yield progress until all leaves are solved, then blocks."""
        yield from adapted(self._join.run(k))
        self.details = dict(self._join.details)


_WITH_A_PASS = ({"fan_out": 5, "leaf_size": 500}, *LADDER[4:])
"""At the same recall a pass spares three tenths of the time on text, where other ways find least."""

strategy = Entry(
    LeafJoin,
    exact=False,
    ladder=(*LADDER[:3], *({**rung, "passes": 1} for rung in _WITH_A_PASS)),
    snippet=ONE_LINE.format(arguments="recall=$recall, random_state=$seed, n_jobs=$threads"),
)
