"""What a claim is judged by: the best runs of a strategy, and what single runs or repeats can tell apart."""

from typing import Literal

from bench.analysis.repeats import compare_series
from bench.analysis.summary import Group, Outcome
from bench.results import Measurement

MARGIN = 1.25
"""Single runs must differ by this factor to be told apart; repeats decide by their test."""

ClaimVerdict = Literal["holds", "does not hold", "undecided"]


class Known:
    """The best outcome of each strategy in a group."""

    def __init__(self, group: Group) -> None:
        self.group = group

    def best(self, name: str, *, recall: float = 0.0) -> Outcome | None:
        """The fastest of a strategy's that were answered, of all rows or as extrapolated from some."""
        found = [
            outcome
            for outcome in self.group.outcomes
            if outcome.strategy == name
            and outcome.median.status in ("ok", "partial")
            and total_seconds(outcome.median) is not None
            and (outcome.median.recall or 0.0) >= recall
        ]
        return min(found, key=lambda outcome: total_seconds(outcome.median) or 0.0, default=None)

    def rows(self, name: str) -> list[Measurement]:
        """All rows of a strategy."""
        return [row for row in self.group.rows if row.strategy == name]


def total_seconds(row: Measurement) -> float | None:
    """Seconds for all points, extrapolated where only some were answered."""
    return row.extrapolated_seconds or row.total_seconds


def is_faster(a: Outcome, b: Outcome) -> bool | None:
    """Whether a is faster than b; None where that cannot be told."""
    compared = compare_series(a.runs, b.runs)
    if compared.verdict != "too few repeats":
        return compared.ratio > 1 if compared.verdict == "different" else None
    ratio = (total_seconds(b.median) or 0.0) / (total_seconds(a.median) or 1.0)
    return None if 1 / MARGIN <= ratio <= MARGIN else ratio > 1


def query_seconds(row: Measurement) -> float:
    """Seconds of the query for all points."""
    return (total_seconds(row) or 0.0) - (row.start_seconds or 0.0) - (row.fit_seconds or 0.0)


def by_margin(least: float, most: float) -> ClaimVerdict:
    """Whether all ratios are above 1 by the margin, or all below."""
    if least > MARGIN:
        return "holds"
    return "does not hold" if most < 1 / MARGIN else "undecided"


def is_exhausted(row: Measurement) -> bool:
    """Whether it ran out of memory, or was not started because even the lower end was above the limit."""
    if row.status == "out_of_memory":
        return True
    low = row.predicted.get("peak_anonymous_bytes_low")
    limit = row.memory_limit_bytes
    return row.status == "skipped" and low is not None and limit is not None and low > limit


def ending(row: Measurement) -> str:
    """Status and reason in words."""
    return " ".join([row.status.replace("_", " "), *([f"({row.reason})"] if row.reason else [])])
