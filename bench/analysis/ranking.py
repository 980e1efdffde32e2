"""Which strategy to use under limits: the fastest that is surely within all of them."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

import numpy as np

from bench.analysis.compare import median_interval
from bench.analysis.summary import Outcome

Limited = Literal["recall", "memory", "time"]
T = TypeVar("T")
_RECALL_GRAIN = 1e-4
"""Added to what is missing to a recall of 1, so that a miss of a limit of 1 has a size."""


@dataclass(frozen=True, slots=True)
class UserLimits:
    """The recall that a user needs and the cost that is acceptable; the defaults limit nothing."""

    recall: float = 0.0
    memory_bytes: float = math.inf
    seconds: float = math.inf


@dataclass(frozen=True, slots=True)
class Figures:
    """Recall and cost, measured or predicted, with the unfavorable end of each interval."""

    seconds: float
    """Total; what ranks."""
    seconds_high: float
    recall_low: float
    memory_high: float
    """Bytes; inf where unknown."""


@dataclass(frozen=True, slots=True)
class Miss(Generic[T]):
    """What does not fit, and by which factor it misses each limit."""

    candidate: T
    factors: dict[Limited, float]


@dataclass(frozen=True, slots=True)
class Ranking(Generic[T]):
    """What fits, and where nothing does, what comes nearest."""

    fitting: tuple[T, ...]
    """The fastest first."""
    misses: tuple[Miss[T], ...]
    """Where nothing fits, all; first what misses its worst limit by the smallest factor."""

    @property
    def nearest(self) -> T | None:
        """Return the first of the misses; None where something fits, or nothing was given."""
        return self.misses[0].candidate if self.misses else None


def figures(outcome: Outcome) -> Figures | None:
    """Collect an outcome's figures; None where it did not succeed.

    The time's upper end is that of the median's 95 % interval, of fewer repeats the slowest; memory is the
    most of any repeat, recall the lower end of its 95 % interval. An exact strategy that missed
    nothing is not limited by its sample's interval.
    """
    run = outcome.median
    if not outcome.is_ok or run.total_seconds is None:
        return None
    seconds = np.array([r.total_seconds for r in outcome.runs if r.total_seconds is not None], np.float64)
    interval = median_interval(seconds)
    return Figures(
        seconds=run.total_seconds,
        seconds_high=interval[1] if interval else float(seconds.max()),
        recall_low=min(
            1.0 if r.exact and r.recall == 1 else r.recall_low or r.recall or 0.0 for r in outcome.runs
        ),
        memory_high=max(r.peak_memory_bytes or math.inf for r in outcome.runs),
    )


def misses(costs: Figures, limits: UserLimits) -> dict[Limited, float]:
    """Name the limits that are missed, each with the factor by which: above 1.

    Recall is counted by what is missing to 1: 0.9 misses 0.99 by a factor of ten.
    """
    missed: dict[Limited, float] = {}
    if costs.recall_low < limits.recall:
        missed["recall"] = (1 - costs.recall_low + _RECALL_GRAIN) / (1 - limits.recall + _RECALL_GRAIN)
    if costs.memory_high > limits.memory_bytes:
        missed["memory"] = costs.memory_high / limits.memory_bytes if limits.memory_bytes else math.inf
    if costs.seconds_high > limits.seconds:
        missed["time"] = costs.seconds_high / limits.seconds if limits.seconds else math.inf
    return missed


def rank(candidates: Iterable[tuple[T, Figures]], limits: UserLimits) -> Ranking[T]:
    """Rank what fits all limits by its seconds; of equal ones the first given comes first."""
    by_seconds = sorted(candidates, key=lambda pair: pair[1].seconds)
    judged = [Miss(candidate, misses(found, limits)) for candidate, found in by_seconds]
    if fitting := tuple(miss.candidate for miss in judged if not miss.factors):
        return Ranking(fitting, ())
    return Ranking((), tuple(sorted(judged, key=lambda miss: max(miss.factors.values()))))


def rank_outcomes(outcomes: Iterable[Outcome], limits: UserLimits) -> Ranking[Outcome]:
    """Rank the outcomes that succeeded and fit all limits."""
    return rank(((o, costs) for o in outcomes if (costs := figures(o)) is not None), limits)
