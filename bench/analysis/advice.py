"""Which setting to use for n points under limits, by what was measured there or is predicted from fewer."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from bench.analysis.compare import Comparison
from bench.analysis.curves import Curve, Setting, setting_of
from bench.analysis.prediction import DRAWS, FEWEST_SIZES, Model, Prediction
from bench.analysis.ranking import Figures, Limited, UserLimits, figures, misses
from bench.analysis.regression import Floats
from bench.analysis.repeats import compare_series
from bench.analysis.summary import Outcome
from bench.results import Measurement

SURE = 0.95
"""How likely the first must be faster than the second for the two to be told apart."""
_NOISE = 0.1
"""Of the logarithm of a single run's seconds, where it stands against a prediction."""
_NEAREST = 3


@dataclass(frozen=True, slots=True)
class Candidate:
    """One setting and what it costs on the points asked for."""

    label: str
    curve: Curve
    n: int
    figures: Figures
    measured: tuple[Measurement, ...]
    """Runs on n points, the fastest first; empty where the figures are predicted."""
    predicted: Prediction | None


@dataclass(frozen=True, slots=True)
class Miss:
    """A setting that does not fit, and by which factor it misses each limit."""

    candidate: Candidate
    factors: dict[Limited, float]


@dataclass(frozen=True, slots=True)
class Advice:
    """The answer: what to use, or what comes nearest."""

    n: int
    limits: UserLimits
    best: Candidate | None
    """The fastest whose figures keep all limits at the unfavorable end of their intervals."""
    runner_up: Candidate | None
    comparison: Comparison | None
    """Of the two by paired repeats; None where not both were measured."""
    faster: float | None
    """How likely the best is faster than the runner-up, where one of them is predicted."""
    fitting: tuple[Candidate, ...]
    nearest: tuple[Miss, ...]
    """Where nothing fits, those that miss their worst limit by the least."""

    @property
    def is_distinguishable(self) -> bool:
        """Whether the best is known to be faster than the runner-up."""
        if self.comparison is not None:
            return self.comparison.verdict == "different"
        return self.faster is not None and self.faster >= SURE


def candidates(curves: Iterable[Curve], n: int) -> list[Candidate]:
    """Find what is known of each setting at n points; those of which nothing is are left out."""
    found = []
    for curve in curves:
        runs = tuple(sorted(curve.at(n), key=lambda row: row.total_seconds or 0.0))
        measured = figures(Outcome(curve.label, runs)) if runs else None
        if measured is not None:
            found.append(Candidate(curve.label, curve, n, measured, runs, None))
        elif len(curve.sizes) >= FEWEST_SIZES:
            predicted = Model.learn(curve).at(n)
            found.append(Candidate(curve.label, curve, n, _predicted(predicted), (), predicted))
    return found


def hopeless(rows: Iterable[Measurement], n: int, limits: UserLimits) -> set[Setting]:
    """Settings whose last run on n points failed, by no limit that is wider now."""
    latest = {setting_of(row): row for row in rows if row.workload.n == n}
    return {setting for setting, row in latest.items() if _failed(row, limits)}


def _failed(row: Measurement, limits: UserLimits) -> bool:
    if row.status == "timeout":
        return (row.time_limit_seconds or math.inf) >= limits.seconds
    if row.status == "out_of_memory":
        return (row.memory_limit_bytes or math.inf) >= limits.memory_bytes
    return row.status in ("wrong", "crashed")


def advise(among: Sequence[Candidate], n: int, limits: UserLimits) -> Advice:
    """Choose; the first of equal ones is the first given."""
    judged = [Miss(candidate, misses(candidate.figures, limits)) for candidate in among]
    fits = (miss.candidate for miss in judged if not miss.factors)
    fitting = tuple(sorted(fits, key=lambda candidate: candidate.figures.seconds))
    nearest = sorted(
        (miss for miss in judged if miss.factors),
        key=lambda miss: (max(miss.factors.values()), miss.candidate.figures.seconds),
    )
    best, runner_up = (*fitting[:2], None, None)[:2]
    comparison, faster = None, None
    if best is not None and runner_up is not None:
        if best.measured and runner_up.measured:
            comparison = compare_series(best.measured, runner_up.measured)
        else:
            faster = float(np.mean(_draws(best, 1) < _draws(runner_up, 2)))
    return Advice(
        n, limits, best, runner_up, comparison, faster, fitting, () if fitting else tuple(nearest[:_NEAREST])
    )


def _predicted(found: Prediction) -> Figures:
    return Figures(
        seconds=found.total_seconds.median,
        seconds_high=found.total_seconds.high,
        recall_low=0.0 if found.recall is None else found.recall.low,
        memory_high=found.peak_memory_bytes.high,
    )


def _draws(candidate: Candidate, seed: int) -> Floats:
    """Draw total seconds, each candidate's in an order of its own."""
    rng = np.random.default_rng(seed)
    if candidate.measured:
        totals = np.full(DRAWS, candidate.figures.seconds)
        return totals * np.exp(_NOISE * rng.standard_normal(DRAWS))
    return rng.permutation(Model.learn(candidate.curve).runs(candidate.n))
