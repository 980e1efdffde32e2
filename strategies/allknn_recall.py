"""Our library's one line with a recall: approximate until a sample shows it, or exact if that costs less."""

from collections.abc import Iterator
from dataclasses import dataclass

from bench.strategy import Entry, Neighbors, Points, Progress, Strategy
from strategies._allknn import ONE_LINE

_BLOCK_ROWS = 1 << 15
SNIPPET = ONE_LINE.format(arguments="recall=$recall, random_state=$seed, n_jobs=$threads")


@dataclass
class AllknnRecall(Strategy):
    """Deterministic for a seed, whatever the threads."""

    recall: float = 0.95
    """The recall that is promised, with 95 % confidence."""
    seed: int = 0
    threads: int = 1

    def __post_init__(self) -> None:
        if not 0 < self.recall <= 1:
            raise ValueError(f"recall must be above 0 and at most 1, got {self.recall}")
        if self.seed < 0:
            raise ValueError(f"seed must be at least 0, got {self.seed}")

    def start(self) -> None:
        """Load the library."""
        from allknn import _library, search  # noqa: F401 (imported here so that fit does not pay for it)

        _library.load()

    def fit(self, points: Points) -> None:
        """Keep the points: the library does all in one call."""
        self._points = points

    def kneighbors(self, k: int) -> Iterator[Neighbors | Progress]:
        """Yield progress, then all neighbors."""
        from allknn.answers import Shares
        from allknn.search import Search

        search = Search(self._points, None, k, recall=self.recall, threads=self.threads, seed=self.seed)
        shares = Shares(search.run())
        for share in shares:
            yield Progress(share)
        ids, distances = shares.answer
        for start in range(0, len(ids), _BLOCK_ROWS):
            rows = range(start, min(start + _BLOCK_ROWS, len(ids)))
            yield Neighbors(rows, ids[start : rows.stop], distances[start : rows.stop])
        report = search.report
        self.details = {
            "growth": "quadratic" if report.exact else "near-linear",
            "recall_estimate": report.recall,
            "recall_at_least": report.recall_low,
            "rounds": float(report.rounds),
        }


strategy = Entry(
    AllknnRecall,
    exact=False,
    ladder=tuple({"recall": recall} for recall in (0.9, 0.95, 0.99)),
    snippet=SNIPPET,
)
