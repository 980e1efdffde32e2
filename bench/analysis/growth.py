"""How time, memory and misses grow with the number of points, as far as it is known before any run.

Exponents of the power law a * n^b: brute force looks at every pair, b = 2; trees and graphs look at a few
more points when there are ten times as many, b = 1 to 1.2; in between lie trees that prune little and
inverted files whose number of cells grows with the root of n. Each is a belief with a weight; rows decide.
"""

from collections.abc import Mapping

import numpy as np

from bench.analysis.regression import Floats, Noise, Prior

TIME_NOISE = Noise(median=0.10, floor=0.05)
"""Of one run's logarithm of seconds."""
MEMORY_NOISE = Noise(median=0.03, floor=0.01)
"""Of one run's peak, as a share of it."""
MISSES_NOISE = Noise(median=0.10, floor=0.05)
JITTER_SECONDS = 0.02
"""What a phase takes longer or shorter for reasons that have nothing to do with the points."""
MOST_JITTER = 1.0
"""The most that jitter may count in a logarithm: of short phases little is learned, but not nothing."""

DRIFT = 0.08
"""By how much an exponent grows for each factor of e beyond the largest n measured, for a method that is far
from quadratic: its points leave the caches one after another. As uncertain as it is large."""
MEMORY_DRIFT = 0.03
"""The same for what memory grows by, without a direction: buffers are taken in steps."""

_BELIEFS: Mapping[str, Mapping[tuple[float, float], float]] = {
    "quadratic": {(2.0, 0.05): 0.9, (1.5, 0.25): 0.08, (1.12, 0.1): 0.02},
    "near-linear": {(1.12, 0.1): 0.8, (1.5, 0.25): 0.19, (2.0, 0.05): 0.01},
    "": {(1.12, 0.1): 0.4, (1.5, 0.25): 0.2, (2.0, 0.05): 0.4},
}
"""Weights of the exponents (mean, standard deviation), by what a strategy says of itself."""
_LOG_SECONDS = (0.0, 10.0)
_RECALL_LOST = (0.15, 0.15)
"""Exponent of the share of neighbors missed, at a fixed setting: recall falls as n grows."""


def power_law(relative: Floats) -> Floats:
    """Basis of log a + b log x, for x relative to the largest n measured."""
    return np.column_stack([np.ones_like(relative), np.log(relative)])


def time_priors(growth: str) -> tuple[Prior, ...]:
    """Beliefs on a phase's logarithm of seconds; ``growth`` as in ``Strategy.details``, else empty."""
    beliefs = _BELIEFS.get(growth, _BELIEFS[""])
    return tuple(
        Prior(power_law, (_LOG_SECONDS[0], mean), (_LOG_SECONDS[1], sd), weight)
        for (mean, sd), weight in beliefs.items()
    )


def constant_prior() -> tuple[Prior, ...]:
    """The belief on a phase that does not see the points: imports, sessions, compilation."""
    return (Prior(power_law, (_LOG_SECONDS[0], 0.0), (_LOG_SECONDS[1], 0.01), 1.0),)


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
