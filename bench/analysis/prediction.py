"""Time, memory and recall at another number of points, with 90 % intervals, from runs at growing n.

Each phase is a power law with noise (``growth`` says what is known of it beforehand), memory a constant and
so much a point; ``regression`` learns them. Totals and intervals come from curves drawn from what was
learned, with a fixed seed, so that the same rows give the same figures.
"""

from dataclasses import dataclass

import numpy as np

from bench.analysis.curves import Curve
from bench.analysis.fitting import (
    draw_seconds,
    drift_steps,
    fit_seconds,
    growth_of,
    learn_memory,
    learn_misses,
    learn_time,
    query_seconds,
    start_seconds,
)
from bench.analysis.growth import MEMORY_DRIFT
from bench.analysis.regression import Floats, Posterior

LEVEL = 0.9
"""How often an interval should hold what is then measured."""
FEWEST_SIZES = 2
"""Numbers of points below which nothing is predicted."""
DRAWS = 4000
"""Curves drawn from what was learned."""
_SEED = 20160217


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
    """Non-reclaimable memory: what the memory limit applies to."""
    recall: Interval | None
    """None where no row says."""


@dataclass(frozen=True, slots=True)
class Model:
    """What was fitted to the rows of one curve: draws of every quantity, at any n."""

    curve: Curve
    largest: int
    _phases: dict[str, Posterior]
    _memory: dict[str, Posterior]
    _misses: Posterior | None
    _exact: bool

    @classmethod
    def learn(cls, curve: Curve) -> "Model":
        """Fit a curve; raises ValueError if its rows have too few different n."""
        if len(curve.sizes) < FEWEST_SIZES:
            had = ", ".join(f"{n:,}" for n in curve.sizes)
            raise ValueError(f"{curve.label} was measured at n = {had} only, two sizes or more are needed")
        growth = growth_of(curve)
        known = [row for row in curve.rows if row.recall is not None]
        exact = all(row.exact and row.recall == 1 for row in known)
        return cls(
            curve=curve,
            largest=curve.sizes[-1],
            _phases={
                "start": learn_time(curve, start_seconds, "constant"),
                "fit": learn_time(curve, fit_seconds, "near-linear"),
                "query": learn_time(curve, query_seconds, growth),
            },
            _memory={
                "peak_memory_bytes": learn_memory(curve, "peak_memory_bytes"),
                "peak_anonymous_bytes": learn_memory(curve, "peak_anonymous_bytes"),
            },
            _misses=learn_misses(curve, known) if known and not exact else None,
            _exact=bool(known) and exact,
        )

    def at(self, n: int) -> Prediction:
        """Predict one run on n points."""
        rng = np.random.default_rng(_SEED)
        sizes = np.array([n], np.float64)
        seconds = self._noisy_seconds(sizes, rng)
        memory = {}
        for name in self._memory:
            draws, noise = self._bytes(name, sizes, rng)
            memory[name] = Interval.of(draws[:, 0] * np.exp(noise * rng.standard_normal(DRAWS)))
        return Prediction(
            n=n,
            start_seconds=Interval.of(seconds["start"]),
            fit_seconds=Interval.of(seconds["fit"]),
            query_seconds=Interval.of(seconds["query"]),
            total_seconds=Interval.of(seconds["start"] + seconds["fit"] + seconds["query"]),
            recall=self._recall(sizes, rng),
            **memory,
        )

    def runs(self, n: int) -> Floats:
        """Draw total seconds of single runs on n points: (draws,)."""
        seconds = self._noisy_seconds(np.array([n], np.float64), np.random.default_rng(_SEED))
        return seconds["start"] + seconds["fit"] + seconds["query"]

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

    def _noisy_seconds(self, sizes: Floats, rng: np.random.Generator) -> dict[str, Floats]:
        return {
            name: draws[:, 0] * np.exp(noise * rng.standard_normal(DRAWS))
            for name, (draws, noise) in self._seconds(sizes, rng).items()
        }

    def _seconds(self, sizes: Floats, rng: np.random.Generator) -> dict[str, tuple[Floats, Floats]]:
        """Draw each phase's seconds and its noise."""
        steps = drift_steps(rng, DRAWS)
        drawn = {}
        for name, posterior in self._phases.items():
            drawn[name] = draw_seconds(posterior, sizes / self.largest, rng, steps)
        return drawn

    def _bytes(self, name: str, sizes: Floats, rng: np.random.Generator) -> tuple[Floats, Floats]:
        relative = sizes / self.largest
        draws, noise = self._memory[name].draw(np.append(relative, 1.0), rng, DRAWS)
        mean, sd = MEMORY_DRIFT
        drift = mean + sd * rng.standard_normal(DRAWS)
        there, here = draws[:, :-1], draws[:, -1:]
        beyond = np.exp(drift[:, None] * np.maximum(np.log(relative), 0))
        grown = np.where(relative > 1, here + (there - here) * beyond, there)
        floor = 4.0 * self.curve.setting.family.d * sizes  # the points themselves
        return np.maximum(grown, floor), noise

    def _recall(self, sizes: Floats, rng: np.random.Generator) -> Interval | None:
        if self._misses is None:
            return Interval(1.0, 1.0, 1.0) if self._exact else None
        logs, noise = self._misses.draw(sizes / self.largest, rng, DRAWS)
        missed = np.exp(logs[:, 0] + noise * rng.standard_normal(DRAWS))
        return Interval.of(1 - np.minimum(missed, 1.0))
