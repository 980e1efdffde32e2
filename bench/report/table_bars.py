"""Bars in the cells of the table: how a total or a peak is made up, beside the longest."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bench.analysis.summary import Outcome

PHASES = {"start": 0.3, "fit": 0.6, "query": 1.0}
"""How opaque each phase is drawn."""
FILE_BACKED = 0.4
_FAILED = 0.25


@dataclass(frozen=True, slots=True)
class Span:
    """A part of a bar, in percent of the longest."""

    left: float
    width: float
    opacity: float


def time_bar(outcome: Outcome, outcomes: Sequence[Outcome]) -> list[Span]:
    """Split an outcome's total into phases; one faint part for what did not succeed."""
    longest = max((o.median.total_seconds or 0.0 for o in outcomes), default=0.0)
    run = outcome.median
    if not outcome.is_ok:
        return _stack([(run.total_seconds or 0.0, _FAILED)], longest)
    return _stack(((getattr(run, f"{phase}_seconds") or 0.0, o) for phase, o in PHASES.items()), longest)


def memory_bar(outcome: Outcome, outcomes: Sequence[Outcome]) -> list[Span]:
    """Split an outcome's peak into anonymous and file-backed; one faint part for what did not succeed."""
    most = max((o.median.peak_memory_bytes or 0 for o in outcomes), default=0)
    peak, anonymous = outcome.median.peak_memory_bytes or 0, outcome.median.peak_anonymous_bytes or 0
    if not outcome.is_ok:
        return _stack([(peak, _FAILED)], most)
    return _stack([(min(anonymous, peak), 1.0), (max(peak - anonymous, 0), FILE_BACKED)], most)


def _stack(parts: Iterable[tuple[float, float]], longest: float) -> list[Span]:
    spans: list[Span] = []
    left = 0.0
    for size, opacity in parts:
        width = round(100 * size / longest, 1) if longest else 0.0
        if width:
            spans.append(Span(round(left, 1), width, opacity))
            left += width
    return spans
