"""How time, memory and misses grow with the number of points, as far as it is known before any run.

A phase takes c + a * n^b seconds; c is small unless a cluster's tasks have to be started. Brute force looks
at every pair, b = 2; trees and graphs look at a few more points when there are ten times as many, b = 1 to
1.2; in between lie trees that prune little and inverted files whose number of cells grows with the root of n.
Each is a belief with a weight, and so is how much slower a step is once the points have left the processor's
caches; rows decide.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from bench.analysis.regression import Floats, Noise, Prior

TIME_NOISE = Noise(median=0.10, floor=0.05)
"""Of one run's logarithm of seconds."""
MEMORY_NOISE = Noise(median=0.03, floor=0.01)
"""Of one run's peak, as a share of it."""
MISSES_NOISE = Noise(median=0.10, floor=0.05)
JITTER_SECONDS = 0.02
"""What a phase takes longer or shorter for reasons that have nothing to do with the points."""

DRIFT = 0.08
"""How uncertain an exponent is for each factor of e beyond the largest n measured, for a method that is far
from quadratic."""
MEMORY_DRIFT = -0.08, 0.10
"""Mean and standard deviation of the same for what memory grows by: buffers that are full grow no more."""
CACHE_BYTES = 24 * 2.0**20
"""Of points: about where they no longer fit a processor's last cache."""
_WITHIN = 0.7
"""Natural logarithm of the factor in bytes within which that happens."""
_SLOWER: Mapping[float, float] = {0.0: 0.2, 0.7: 0.4, 1.5: 0.4}
"""Weights of what a step costs more outside of the caches than inside, as a share; where every pair is looked
at, points come in order, and it costs no more."""
_PAIRS_EXPONENT = 1.8

_BELIEFS: Mapping[str, Mapping[tuple[float, float], float]] = {
    "quadratic": {(2.0, 0.05): 0.9, (1.5, 0.25): 0.08, (1.12, 0.1): 0.02},
    "near-linear": {(1.08, 0.08): 0.89, (1.5, 0.25): 0.1, (2.0, 0.05): 0.01},
    "": {(1.1, 0.1): 0.4, (1.5, 0.25): 0.2, (2.0, 0.05): 0.4},
}
"""Weights of the exponents (mean, standard deviation), by what a strategy says of itself."""
_QUANTILES = (-1.6, -0.8, 0.0, 0.8, 1.6)
"""Where, in standard deviations, exponents stand for such a belief."""
OVERHEAD_SECONDS = 0.05
SPARK_OVERHEAD_SECONDS = 1.0
"""The constant part of a phase's seconds: about this much, or less."""
_RECALL_LOST = (0.15, 0.15)
"""Exponent of the share of neighbors missed, at a fixed setting: recall falls as n grows."""


def time_priors(
    growth: str, seconds: float, overhead_seconds: float, points_bytes: float
) -> tuple[Prior, ...]:
    """Beliefs on a phase's seconds, ``seconds`` being what it took at the largest n measured.

    ``growth`` is as in ``Strategy.details``, ``constant`` for what does not see the points, else empty;
    ``points_bytes`` is the size of the points at that n.
    """
    if growth == "constant":
        return (Prior(_constant, (seconds,), (10 * seconds,), 1.0),)
    likely = np.exp(-0.5 * np.square(_QUANTILES))
    return tuple(
        Prior(
            _Power(mean + place * sd, slower, points_bytes),
            (0.0, seconds),
            (overhead_seconds, 2 * seconds),
            weight * share * weight_of_slower,
        )
        for (mean, sd), weight in _BELIEFS.get(growth, _BELIEFS[""]).items()
        for place, share in zip(_QUANTILES, likely / likely.sum(), strict=True)
        for slower, weight_of_slower in (_SLOWER if mean < _PAIRS_EXPONENT else {0.0: 1.0}).items()
    )


@dataclass(frozen=True, slots=True)
class _Power:
    """Basis of c + a x^b, x relative to the largest n measured; steps are slower outside of the caches."""

    exponent: float
    slower: float
    points_bytes: float

    def __call__(self, relative: Floats) -> Floats:
        steps = relative**self.exponent * self._step(relative) / self._step(np.ones(1))
        return np.column_stack([np.ones_like(relative), steps])

    def _step(self, relative: Floats) -> Floats:
        outside: Floats = 1 / (1 + (relative * self.points_bytes / CACHE_BYTES) ** (-1 / _WITHIN))
        return 1 + self.slower * outside


def _constant(relative: Floats) -> Floats:
    return np.ones((len(relative), 1))


def power_law(relative: Floats) -> Floats:
    """Basis of log a + b log x, for x relative to the largest n measured."""
    return np.column_stack([np.ones_like(relative), np.log(relative)])


def size_priors() -> tuple[Prior, ...]:
    """The belief on the logarithm of an index's bytes, and of the seconds to write, move or read them."""
    return (Prior(power_law, (0.0, 1.0), (30.0, 0.08), 1.0),)


def cost_priors(mean_seconds: float) -> tuple[Prior, ...]:
    """The belief on seconds of which some part is the same at any n: checks, files opened, a copy made."""
    half, spread = 0.5 * mean_seconds, max(mean_seconds, JITTER_SECONDS)
    return (Prior(_affine, (half, half), (spread, 2 * spread), 1.0),)


def misses_prior() -> tuple[Prior, ...]:
    """The belief on the logarithm of the share of neighbors missed."""
    return (Prior(power_law, (0.0, _RECALL_LOST[0]), (10.0, _RECALL_LOST[1]), 1.0),)


def memory_priors(started_bytes: float, points_bytes: float) -> tuple[Prior, ...]:
    """Beliefs on peak bytes: a constant and so much for each point, or for each pair of points.

    The constant is near what the process held before it saw the points; what is added at the largest n
    measured is some multiple of the points themselves.
    """
    constant, spread = started_bytes, 0.3 * started_bytes + 64 * 2.0**20
    grown = 4 * points_bytes
    return (
        Prior(_affine, (constant, grown), (spread, 4 * grown + spread), 0.97),
        Prior(_pairs, (constant, 100 * grown), (spread, 1e4 * grown), 0.03),
    )


def _affine(relative: Floats) -> Floats:
    return np.column_stack([np.ones_like(relative), relative])


def _pairs(relative: Floats) -> Floats:
    return np.column_stack([np.ones_like(relative), relative**2])
