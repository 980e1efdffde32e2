"""The parts of a total and of a peak, and the bars of them in the cells of the table."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from bench.analysis.summary import Outcome

PHASES = {"start": 0.3, "fit": 0.6, "query": 1.0}
"""How opaque each phase is drawn."""
FILE_BACKED = 0.4
_FAILED = 0.25

Parts: TypeAlias = list[tuple[float, float]]
"""Sizes of the parts of a bar, with the opacity of each."""


@dataclass(frozen=True, slots=True)
class Span:
    """A part of a bar, in percent of the longest bar."""

    left: float
    width: float
    opacity: float


def time_parts(outcome: Outcome) -> Parts:
    """Split an outcome's total into the seconds of its phases; one faint part if it failed."""
    run = outcome.median
    if not outcome.is_ok:
        return [(run.total_seconds or 0.0, _FAILED)]
    return [(getattr(run, f"{phase}_seconds") or 0.0, opacity) for phase, opacity in PHASES.items()]


def memory_parts(outcome: Outcome) -> Parts:
    """Split an outcome's peak into anonymous and file-backed bytes; one faint part if it failed."""
    peak, anonymous = outcome.median.peak_memory_bytes or 0, outcome.median.peak_anonymous_bytes or 0
    if not outcome.is_ok:
        return [(peak, _FAILED)]
    return [(min(anonymous, peak), 1.0), (max(peak - anonymous, 0), FILE_BACKED)]


def time_bar(outcome: Outcome, outcomes: Sequence[Outcome]) -> list[Span]:
    """Draw an outcome's total beside the longest."""
    return _spans(time_parts(outcome), max((o.median.total_seconds or 0.0 for o in outcomes), default=0.0))


def memory_bar(outcome: Outcome, outcomes: Sequence[Outcome]) -> list[Span]:
    """Draw an outcome's peak beside the highest."""
    return _spans(memory_parts(outcome), max((o.median.peak_memory_bytes or 0 for o in outcomes), default=0))


def _spans(parts: Parts, longest: float) -> list[Span]:
    spans: list[Span] = []
    left = 0.0
    for size, opacity in parts:
        width = round(100 * size / longest, 1) if longest else 0.0
        if width:
            spans.append(Span(round(left, 1), width, opacity))
            left += width
    return spans
