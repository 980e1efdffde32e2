"""What decides a claim: the best runs of a strategy, and whether runs are distinguishable."""

from typing import Literal

from bench.analysis.repeats import compare_series
from bench.analysis.summary import Group, Outcome
from bench.results import Measurement

MARGIN = 1.25
"""Single runs must differ by this factor to be distinguishable; repeats decide by their test."""

ClaimVerdict = Literal["holds", "does not hold", "undecided"]


class Evidence:
    """The best outcome of each strategy in a group."""

    def __init__(self, group: Group) -> None:
        self.group = group

    def best(self, name: str, *, recall: float = 0.0) -> Outcome | None:
        """The fastest of a strategy's that were answered, of all rows or as extrapolated from some."""
        outcomes = [
            outcome
            for outcome in self.group.outcomes
            if outcome.strategy == name
            and outcome.median.status in ("ok", "partial")
            and outcome.median.full_seconds is not None
            and (outcome.median.recall or 0.0) >= recall
        ]
        return min(outcomes, key=lambda outcome: outcome.median.full_seconds or 0.0, default=None)

    def rows(self, name: str) -> list[Measurement]:
        """All rows of a strategy."""
        return [row for row in self.group.rows if row.strategy == name]


def is_faster(a: Outcome, b: Outcome) -> bool | None:
    """Whether a is faster than b; None where that is undecided."""
    compared = compare_series(a.runs, b.runs)
    if compared.verdict != "too few repeats":
        return compared.ratio > 1 if compared.verdict == "different" else None
    ratio = (b.median.full_seconds or 0.0) / (a.median.full_seconds or 1.0)
    return None if 1 / MARGIN <= ratio <= MARGIN else ratio > 1


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
