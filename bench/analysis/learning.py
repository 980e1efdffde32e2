"""From the rows of a curve to what they teach of each phase, of memory and of recall."""

from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np

from bench.analysis.curves import Curve
from bench.analysis.growth import (
    DRIFT,
    JITTER_SECONDS,
    MEMORY_NOISE,
    MISSES_NOISE,
    MOST_JITTER,
    TIME_NOISE,
    cost_priors,
    memory_priors,
    misses_prior,
)
from bench.analysis.regression import Floats, Posterior, Prior, fit
from bench.results import Measurement

_LEAST_SECONDS = 1e-4
_GROWS = 0.2
"""An exponent below it is that of something that does not see the points."""
_PARTIAL_SCALE = 2.0
"""Noise of a total that was extrapolated from some rows' pace, against a complete one's."""


def growth_of(curve: Curve) -> str:
    """What the strategy says of itself, most often; of an approximate one that says nothing, near-linear."""
    said = Counter(str(row.details["growth"]) for row in curve.rows if "growth" in row.details)
    if said:
        return said.most_common(1)[0][0]
    return "" if curve.rows[0].exact else "near-linear"


def learn_time(curve: Curve, seconds: Callable[[Measurement], float], priors: tuple[Prior, ...]) -> Posterior:
    """Learn the logarithm of a phase's seconds; what is partial, short or was disturbed counts for less."""
    values = np.maximum([seconds(row) for row in curve.rows], _LEAST_SECONDS)
    partial = np.array([row.status != "ok" for row in curve.rows])
    jitter = np.minimum(JITTER_SECONDS / values, MOST_JITTER) / TIME_NOISE.median
    others = np.array([row.disturbed or 0.0 for row in curve.rows])
    scale = np.hypot(1.0, jitter) * np.where(partial, _PARTIAL_SCALE, 1.0) * (1.0 + others)
    return fit(_relative(curve.rows, curve.sizes[-1]), np.log(values), scale, priors, TIME_NOISE)


def learn_cost(curve: Curve, seconds: Callable[[Measurement], float]) -> Posterior:
    """Learn seconds that are a constant and so much a point."""
    values = np.maximum([seconds(row) for row in curve.rows], _LEAST_SECONDS)
    scale = np.hypot(values, JITTER_SECONDS / TIME_NOISE.median)
    return fit(
        _relative(curve.rows, curve.sizes[-1]), values, scale, cost_priors(float(values.mean())), TIME_NOISE
    )


def drift_steps(rng: np.random.Generator, size: int) -> Floats:
    """Draw how much more than its mean each curve drifts: one draw for all phases of a machine's caches."""
    return 1.0 + rng.standard_normal(size)


def draw_logs(
    posterior: Posterior, relative: Floats, rng: np.random.Generator, steps: Floats
) -> tuple[Floats, Floats]:
    """Draw (draws, m) logarithms at n relative to the largest measured, and (draws,) noise.

    Beyond what was measured the exponent drifts upwards, the less the nearer to quadratic it is.
    """
    logs, noise = posterior.draw(np.append(relative, [1.0, np.e]), rng, len(steps))
    exponent = logs[:, -1] - logs[:, -2]
    drift = DRIFT * np.clip(2 - exponent, 0, 1) * (exponent > _GROWS) * steps
    return logs[:, :-2] + drift[:, None] * np.maximum(np.log(relative), 0), noise


def start_seconds(row: Measurement) -> float:
    """Of a row, 0 where it has none; so in what follows."""
    return row.start_seconds or 0.0


def fit_seconds(row: Measurement) -> float:
    """Of a row."""
    return row.fit_seconds or 0.0


def query_seconds(row: Measurement) -> float:
    """Of a partial run, what the query would take for all rows at the pace of those answered."""
    if row.extrapolated_seconds is not None:
        return row.extrapolated_seconds - start_seconds(row) - fit_seconds(row)
    return row.query_seconds or 0.0


def learn_memory(curve: Curve, name: str) -> Posterior:
    """Learn the peak of that name, in bytes."""
    known = [row for row in curve.rows if getattr(row, name)]
    peaks = np.array([getattr(row, name) for row in known], np.float64)
    largest = curve.sizes[-1]
    started = _started_bytes(known, name, float(peaks.min(initial=0.0)))
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
