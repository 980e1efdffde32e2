"""Which outcomes of a group are distinguishable by their repeats, pair by pair, and what is missing."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from bench.analysis.compare import ALPHA, Comparison, fewest_repeats
from bench.analysis.ranking import rank_outcomes
from bench.analysis.repeats import compare_series
from bench.analysis.summary import Group, Outcome
from bench.report.answer import OPENING
from bench.report.commands import compare_command
from bench.units import shorten

MOST_PAIRS = 30
_LABEL_WIDTH = 60


@dataclass(frozen=True, slots=True)
class ComparedPair:
    """What repeats say of two outcomes."""

    words: str
    is_distinguishable: bool


@dataclass(frozen=True, slots=True)
class Comparisons:
    """What repeats say of a group."""

    pairs: list[ComparedPair]
    """Those closest in rank first; without those of too few repeats, which the caption mentions."""
    left_out: int
    """How many more pairs there are."""
    caption: str
    """Why repeats are missing, without a full stop; empty if none are."""
    command: str
    """What to run for the repeats that the two fastest within the page's first limits lack; empty if none."""


def compare_outcomes(group: Group) -> Comparisons:
    """Compare the outcomes that succeeded at least twice."""
    repeated = [outcome for outcome in group.ok if len(outcome.runs) > 1]
    nearest = list(islice(_by_distance_in_rank(repeated), MOST_PAIRS))
    compared = [(a, b, compare_series(a.runs, b.runs)) for a, b in nearest]
    pairs = [
        _pair(a, b, comparison) for a, b, comparison in compared if comparison.verdict != "too few repeats"
    ]
    fitting = rank_outcomes(group.ok, OPENING).fitting
    rivals = fitting if len(fitting) > 1 else group.ok
    verdicts = [compare_series(rivals[0].runs, o.runs).verdict for o in rivals[1:]]
    is_wanting = "too few repeats" in verdicts
    return Comparisons(
        pairs=pairs,
        left_out=len(repeated) * (len(repeated) - 1) // 2 - len(nearest),
        caption=_caption(repeated, is_wanting),
        command=compare_command([outcome.median for outcome in rivals[:2]]) if is_wanting else "",
    )


def _by_distance_in_rank(ranked: Sequence[Outcome]) -> Iterator[tuple[Outcome, Outcome]]:
    for distance in range(1, len(ranked)):
        yield from zip(ranked, ranked[distance:], strict=False)


def _pair(a: Outcome, b: Outcome, comparison: Comparison) -> ComparedPair:
    words = comparison.in_words(shorten(a.label, _LABEL_WIDTH), shorten(b.label, _LABEL_WIDTH))
    return ComparedPair(words, comparison.verdict == "different")


def _caption(repeated: Sequence[Outcome], too_few: bool) -> str:
    if not too_few:
        return ""
    if not repeated:
        return "These are single runs, so they were not compared"
    return f"Fewer than {fewest_repeats(ALPHA)} repeats cannot show a difference"
