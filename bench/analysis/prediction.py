"""Time, memory and recall at another number of points, with 90 % intervals, from runs at growing n.

Each phase is a power law with noise (``growth`` says what is known of it beforehand), memory a constant and
so much a point; ``regression`` learns them. Totals and intervals come from curves drawn from what was
learned, with a fixed seed, so that the same rows give the same figures.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from bench.analysis.curves import Curve
from bench.analysis.growth import (
    DRIFT,
    JITTER_SECONDS,
    MEMORY_DRIFT,
    MEMORY_NOISE,
    MISSES_NOISE,
    MOST_JITTER,
    TIME_NOISE,
    constant_prior,
    memory_priors,
    misses_prior,
    time_priors,
)
from bench.analysis.regression import Floats, Posterior, Prior, fit
from bench.results import Measurement

LEVEL = 0.9
"""How often an interval should hold what is then measured."""
FEWEST_SIZES = 2
"""Numbers of points below which nothing is predicted."""
_DRAWS = 4000
_SEED = 20160217
_LEAST_SECONDS = 1e-4
_PARTIAL_SCALE = 2.0
"""Noise of a total that was extrapolated from some rows' pace, against a complete one's."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A predicted figure: its median, and the 90 % interval around it."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, draws: Floats) -> "Interval":
        """Of (size,) draws."""
        low, median, high = np.quantile(draws, [(1 - LEVEL) / 2, 0.5, (1 + LEVEL) / 2])
        return cls(float(median), float(low), float(high))

    def holds(self, value: float) -> bool:
        """Whether a measured value lies within."""
        return self.low <= value <= self.high


@dataclass(frozen=True, slots=True)
class Prediction:
    """What one setting is expected to cost on n points."""

    n: int
    start_seconds: Interval
    fit_seconds: Interval
    query_seconds: Interval
    total_seconds: Interval
    peak_memory_bytes: Interval
    peak_anonymous_bytes: Interval
    """Memory that cannot be given back: what the memory limit is held against."""
    recall: Interval | None
    """None where no row says."""


@dataclass(frozen=True, slots=True)
class Model:
    """What the rows of one curve taught: draws of everything, at any n."""

    curve: Curve
    largest: int
    _phases: dict[str, Posterior]
    _memory: dict[str, Posterior]
    _misses: Posterior | None
    _exact: bool

    @classmethod
    def learn(cls, curve: Curve) -> "Model":
        """Raise ValueError where the rows are of too few different n."""
        if len(curve.sizes) < FEWEST_SIZES:
            had = ", ".join(f"{n:,}" for n in curve.sizes)
            raise ValueError(f"{curve.label} was measured at n = {had} only, two sizes or more are needed")
        growth = _growth(curve)
        known = [row for row in curve.rows if row.recall is not None]
        exact = all(row.exact and row.recall == 1 for row in known)
        return cls(
            curve=curve,
            largest=curve.sizes[-1],
            _phases={
                "start": _learn_time(curve, _start_seconds, constant_prior()),
                "fit": _learn_time(curve, _fit_seconds, time_priors("near-linear")),
                "query": _learn_time(curve, _query_seconds, time_priors(growth)),
            },
            _memory={
                "peak_memory_bytes": _learn_memory(curve, "peak_memory_bytes"),
                "peak_anonymous_bytes": _learn_memory(curve, "peak_anonymous_bytes"),
            },
            _misses=_learn_misses(curve, known) if known and not exact else None,
            _exact=bool(known) and exact,
        )

    def at(self, n: int) -> Prediction:
        """Predict one run on n points."""
        rng = np.random.default_rng(_SEED)
        sizes = np.array([n], np.float64)
        seconds = {
            name: draws[:, 0] * np.exp(noise * rng.standard_normal(_DRAWS))
            for name, (draws, noise) in self._seconds(sizes, rng).items()
        }
        memory = {}
        for name in self._memory:
            draws, noise = self._bytes(name, sizes, rng)
            memory[name] = Interval.of(draws[:, 0] * np.exp(noise * rng.standard_normal(_DRAWS)))
        return Prediction(
            n=n,
            start_seconds=Interval.of(seconds["start"]),
            fit_seconds=Interval.of(seconds["fit"]),
            query_seconds=Interval.of(seconds["query"]),
            total_seconds=Interval.of(seconds["start"] + seconds["fit"] + seconds["query"]),
            recall=self._recall(sizes, rng),
            **memory,
        )

    def totals(self, sizes: Floats) -> Floats:
        """Draw total seconds without the noise of single runs: (draws, m) at (m,) numbers of points."""
        drawn = self._seconds(sizes, np.random.default_rng(_SEED))
        return drawn["start"][0] + drawn["fit"][0] + drawn["query"][0]

    def work(self, sizes: Floats) -> Floats:
        """Draw the seconds of fit and query alone, in the same way."""
        drawn = self._seconds(sizes, np.random.default_rng(_SEED))
        return drawn["fit"][0] + drawn["query"][0]

    def peaks(self, sizes: Floats) -> Floats:
        """Draw peak memory bytes in the same way."""
        return self._bytes("peak_memory_bytes", sizes, np.random.default_rng(_SEED))[0]

    def _seconds(self, sizes: Floats, rng: np.random.Generator) -> dict[str, tuple[Floats, Floats]]:
        """Draw each phase's seconds and its noise; beyond what was measured the exponent drifts."""
        relative = sizes / self.largest
        drift_a_step = 1.0 + rng.standard_normal(_DRAWS)  # shared by the phases: one cache, one machine
        found = {}
        for name, posterior in self._phases.items():
            logs, noise = posterior.draw(np.append(relative, [1.0, np.e]), rng, _DRAWS)
            if name != "start":
                exponent = logs[:, -1] - logs[:, -2]
                drift = DRIFT * np.clip(2 - exponent, 0, 1) * drift_a_step
                logs[:, :-2] += drift[:, None] * np.maximum(np.log(relative), 0)
            found[name] = np.exp(logs[:, :-2]), noise
        return found

    def _bytes(self, name: str, sizes: Floats, rng: np.random.Generator) -> tuple[Floats, Floats]:
        relative = sizes / self.largest
        draws, noise = self._memory[name].draw(relative, rng, _DRAWS)
        drift = MEMORY_DRIFT * rng.standard_normal(_DRAWS)
        floor = 4.0 * self.curve.setting.family.d * sizes  # the points themselves
        grown: Floats = np.maximum(draws, floor) * np.exp(drift[:, None] * np.maximum(np.log(relative), 0))
        return grown, noise

    def _recall(self, sizes: Floats, rng: np.random.Generator) -> Interval | None:
        if self._misses is None:
            return Interval(1.0, 1.0, 1.0) if self._exact else None
        logs, noise = self._misses.draw(sizes / self.largest, rng, _DRAWS)
        missed = np.exp(logs[:, 0] + noise * rng.standard_normal(_DRAWS))
        return Interval.of(1 - np.minimum(missed, 1.0))


def _growth(curve: Curve) -> str:
    """What the strategy says of itself, most often; of an approximate one that says nothing, near-linear."""
    said = Counter(str(row.details["growth"]) for row in curve.rows if "growth" in row.details)
    if said:
        return said.most_common(1)[0][0]
    return "" if curve.rows[0].exact else "near-linear"


def _learn_time(
    curve: Curve, seconds: Callable[[Measurement], float], priors: tuple[Prior, ...]
) -> Posterior:
    values = np.maximum([seconds(row) for row in curve.rows], _LEAST_SECONDS)
    partial = np.array([row.status != "ok" for row in curve.rows])
    jitter = np.minimum(JITTER_SECONDS / values, MOST_JITTER) / TIME_NOISE.median
    others = np.array([row.disturbed or 0.0 for row in curve.rows])
    scale = np.hypot(1.0, jitter) * np.where(partial, _PARTIAL_SCALE, 1.0) * (1.0 + others)
    return fit(_relative(curve.rows, curve.sizes[-1]), np.log(values), scale, priors, TIME_NOISE)


def _start_seconds(row: Measurement) -> float:
    return row.start_seconds or 0.0


def _fit_seconds(row: Measurement) -> float:
    return row.fit_seconds or 0.0


def _query_seconds(row: Measurement) -> float:
    """Of a partial run, what the query would take for all rows at the pace of those answered."""
    if row.extrapolated_seconds is not None:
        return row.extrapolated_seconds - _start_seconds(row) - _fit_seconds(row)
    return row.query_seconds or 0.0


def _learn_memory(curve: Curve, name: str) -> Posterior:
    known = [row for row in curve.rows if getattr(row, name)]
    peaks = np.array([getattr(row, name) for row in known], np.float64)
    largest = curve.sizes[-1]
    started = _started_bytes(known, name, float(peaks.min(initial=0.0)))
    priors = memory_priors(started, 4.0 * curve.setting.family.d * largest)
    return fit(_relative(known, largest), peaks, peaks, priors, MEMORY_NOISE)


def _started_bytes(rows: list[Measurement], name: str, at_most: float) -> float:
    """What processes held before they saw the points, on average."""
    started = [getattr(row.phases["start"], name) for row in rows if "start" in row.phases]
    return min(float(np.mean(started)), at_most) if started else 0.5 * at_most


def _learn_misses(curve: Curve, known: list[Measurement]) -> Posterior:
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


def _relative(rows: "list[Measurement] | tuple[Measurement, ...]", largest: int) -> Floats:
    return np.array([row.workload.n / largest for row in rows], np.float64)
