"""Which setting to use for n points under limits, by what was measured there or is predicted from fewer."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from bench.analysis.compare import Comparison
from bench.analysis.curves import Curve, Setting, setting_of
from bench.analysis.prediction import DRAWS, FEWEST_SIZES, Model, Prediction
from bench.analysis.ranking import Figures, Miss, UserLimits, figures, rank
from bench.analysis.regression import Floats
from bench.analysis.repeats import compare_series
from bench.analysis.summary import Outcome
from bench.results import Measurement

SURE = 0.95
"""Probability that the first is faster from which on the two are distinguishable."""
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
    nearest: tuple[Miss[Candidate], ...]
    """Where nothing fits, those that miss their worst limit by the least."""

    @property
    def is_distinguishable(self) -> bool:
        """Whether the best is known to be faster than the runner-up."""
        if self.comparison is not None:
            return self.comparison.verdict == "different"
        return self.faster is not None and self.faster >= SURE


def candidates(curves: Iterable[Curve], n: int) -> list[Candidate]:
    """Collect what is measured or predicted of each setting at n points; others are left out."""
    possible = []
    for curve in curves:
        runs = tuple(sorted(curve.at(n), key=lambda row: row.total_seconds or 0.0))
        measured = figures(Outcome(curve.label, runs)) if runs else None
        if measured is not None:
            possible.append(Candidate(curve.label, curve, n, measured, runs, None))
        elif len(curve.sizes) >= FEWEST_SIZES:
            predicted = Model.learn(curve).at(n)
            possible.append(Candidate(curve.label, curve, n, _predicted(predicted), (), predicted))
    return possible


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
    ranking = rank(((candidate, candidate.figures) for candidate in among), limits)
    best, runner_up = (*ranking.fitting[:2], None, None)[:2]
    comparison, faster = None, None
    if best is not None and runner_up is not None:
        if best.measured and runner_up.measured:
            comparison = compare_series(best.measured, runner_up.measured)
        else:
            faster = float(np.mean(_draws(best, 1) < _draws(runner_up, 2)))
    nearest = ranking.misses[:_NEAREST]
    return Advice(n, limits, best, runner_up, comparison, faster, ranking.fitting, nearest)


def _predicted(prediction: Prediction) -> Figures:
    return Figures(
        seconds=prediction.total_seconds.median,
        seconds_high=prediction.total_seconds.high,
        recall_low=0.0 if prediction.recall is None else prediction.recall.low,
        memory_high=prediction.peak_memory_bytes.high,
    )


def _draws(candidate: Candidate, seed: int) -> Floats:
    """Draw total seconds, each candidate's in an order of its own."""
    rng = np.random.default_rng(seed)
    if candidate.measured:
        totals = np.full(DRAWS, candidate.figures.seconds)
        return totals * np.exp(_NOISE * rng.standard_normal(DRAWS))
    return rng.permutation(Model.learn(candidate.curve).runs(candidate.n))
