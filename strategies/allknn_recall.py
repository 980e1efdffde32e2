"""Our library's one line with a recall: approximate until a sample shows it, or exact if that costs less."""

from collections.abc import Iterator
from dataclasses import dataclass

from bench.strategy import Entry, Neighbors, Points, Progress, Strategy
from strategies._allknn import ONE_LINE, search_for, searched

SNIPPET = ONE_LINE.format(arguments="recall=$recall, random_state=$seed, n_jobs=$threads")


@dataclass
class AllknnRecall(Strategy):
    """Deterministic for a seed, whatever the threads."""

    recall: float = 0.95
    """The recall that is promised, with 95 % confidence."""
    seed: int = 0
    threads: int = 1
    queries_from: str = ""
    by_products: bool = False

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
        search = search_for(
            self._points,
            k,
            self.threads,
            self.queries_from,
            by_products=self.by_products,
            recall=self.recall,
            seed=self.seed,
        )
        yield from searched(search)
        report = search.report
        self.details = {
            "growth": "quadratic" if report.exact and not self.queries_from else "near-linear",
            "recall_estimate": report.recall,
            "recall_at_least": report.recall_low,
            "rounds": float(report.rounds),
        }


strategy = Entry(
    AllknnRecall,
    exact=False,
    ladder=tuple({"recall": recall} for recall in (0.9, 0.95, 0.99, 0.995)),
    snippet=SNIPPET,
)
