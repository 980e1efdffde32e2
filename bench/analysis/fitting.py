"""Fits the seconds of each phase, memory and recall to the rows of a curve."""

from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np

from bench.analysis.curves import Curve
from bench.analysis.growth import (
    DRIFT,
    JITTER_SECONDS,
    MEMORY_NOISE,
    MISSES_NOISE,
    OVERHEAD_SECONDS,
    SPARK_OVERHEAD_SECONDS,
    TIME_NOISE,
    cost_priors,
    memory_priors,
    misses_prior,
    size_priors,
    time_priors,
)
from bench.analysis.regression import Floats, Posterior, fit
from bench.results import Measurement

_LEAST_SECONDS = 1e-4
_GROWS = 0.2
"""An exponent below it is that of something that does not see the points."""
_PARTIAL_SCALE = 2.0
"""Noise of a total that was extrapolated from some rows' pace, against a complete one's."""


def growth_of(curve: Curve) -> str:
    """What the strategy says of itself, most often; of an approximate one that says nothing, near-linear."""
    kinds = Counter(str(row.details["growth"]) for row in curve.rows if "growth" in row.details)
    if kinds:
        return kinds.most_common(1)[0][0]
    return "" if curve.rows[0].exact else "near-linear"


def learn_time(curve: Curve, seconds: Callable[[Measurement], float], growth: str) -> Posterior:
    """Learn a phase's seconds; what is partial, short or was disturbed counts for less."""
    values = np.maximum([seconds(row) for row in curve.rows], _LEAST_SECONDS)
    partial = np.array([row.status != "ok" for row in curve.rows])
    others = np.array([row.disturbed or 0.0 for row in curve.rows])
    scale = np.hypot(values, JITTER_SECONDS / TIME_NOISE.median)
    scale *= np.where(partial, _PARTIAL_SCALE, 1.0) * (1.0 + others)
    overhead = SPARK_OVERHEAD_SECONDS if curve.setting.master else OVERHEAD_SECONDS
    largest = curve.sizes[-1]
    priors = time_priors(growth, float(values[-1]), overhead, 4.0 * curve.setting.family.d * largest)
    return fit(_relative(curve.rows, largest), values, scale, priors, TIME_NOISE)


def learn_bytes(curve: Curve, value: Callable[[Measurement], float]) -> Posterior:
    """Learn the logarithm of a number of bytes that rows tell."""
    values = np.maximum([value(row) for row in curve.rows], 1.0)
    return fit(
        _relative(curve.rows, curve.sizes[-1]),
        np.log(values),
        np.ones(len(values)),
        size_priors(),
        MEMORY_NOISE,
    )


def learn_cost(curve: Curve, seconds: Callable[[Measurement], float]) -> Posterior:
    """Learn seconds that are a constant and so much a point."""
    values = np.maximum([seconds(row) for row in curve.rows], _LEAST_SECONDS)
    scale = np.hypot(values, JITTER_SECONDS / TIME_NOISE.median)
    return fit(
        _relative(curve.rows, curve.sizes[-1]), values, scale, cost_priors(float(values.mean())), TIME_NOISE
    )


def drift_steps(rng: np.random.Generator, size: int) -> Floats:
    """Draw by how much each curve's exponent drifts: one draw for all phases."""
    return DRIFT * rng.standard_normal(size)


def draw_seconds(
    posterior: Posterior, relative: Floats, rng: np.random.Generator, steps: Floats
) -> tuple[Floats, Floats]:
    """Draw (draws, m) seconds at n relative to the largest measured, and (draws,) noise.

    Beyond what was measured the exponent drifts, the less the nearer to quadratic it is.
    """
    drawn, noise = posterior.draw(np.append(relative, [1.0, np.e]), rng, len(steps))
    drawn = np.maximum(drawn, _LEAST_SECONDS)
    exponent = np.log(drawn[:, -1] / drawn[:, -2])
    drift = np.clip(2 - exponent, 0, 1) * (exponent > _GROWS) * steps
    return drawn[:, :-2] * np.exp(drift[:, None] * np.maximum(np.log(relative), 0)), noise


def start_seconds(row: Measurement) -> float:
    """Return the seconds of a run's start, 0 where they are unknown."""
    return row.start_seconds or 0.0


def fit_seconds(row: Measurement) -> float:
    """Return the seconds of a run's fit, 0 where they are unknown."""
    return row.fit_seconds or 0.0


def query_seconds(row: Measurement) -> float:
    """Return the seconds of a run's query for all its points."""
    return row.full_query_seconds


def learn_memory(curve: Curve, name: str) -> Posterior:
    """Learn the peak of that name, in bytes."""
    known = [row for row in curve.rows if getattr(row, name)]
    peaks = np.array([getattr(row, name) for row in known], np.float64)
    largest = curve.sizes[-1]
    started = _started_bytes(known, name, float(min(peaks, default=0.0)))
    priors = memory_priors(started, 4.0 * curve.setting.family.d * largest)
    return fit(_relative(known, largest), peaks, peaks, priors, MEMORY_NOISE)


def _started_bytes(rows: Sequence[Measurement], name: str, at_most: float) -> float:
    """What processes held before they saw the points, on average."""
    started = [getattr(row.phases["start"], name) for row in rows if "start" in row.phases]
    return min(float(np.mean(started)), at_most) if started else 0.5 * at_most


def learn_misses(curve: Curve, known: Sequence[Measurement]) -> Posterior:
    """Learn the logarithm of the share of neighbors missed, from rows whose recall is known."""
    misses, scale = [], []
    for row in known:
        least = 0.5 / ((row.truth_rows or 1000) * row.workload.k)
        missed = max(1 - (row.recall or 0.0), least)
        error = ((row.recall_high or 1.0) - (row.recall_low or 0.0)) / 4
        misses.append(np.log(missed))
        scale.append(np.hypot(1.0, error / missed / MISSES_NOISE.median))
    return fit(
        _relative(known, curve.sizes[-1]), np.array(misses), np.array(scale), misses_prior(), MISSES_NOISE
    )


def _relative(rows: Sequence[Measurement], largest: int) -> Floats:
    return np.array([row.workload.n / largest for row in rows], np.float64)
