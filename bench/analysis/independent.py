"""The ratio of B's seconds to A's, from runs made independently of each other.

The test is Mann and Whitney's on the logarithms of the seconds, exact, and robust against outliers; the
interval inverts that very test (scipy's gives a p-value alone), and the ratio is the Hodges-Lehmann estimate
(Hollander, Wolfe, Chicken: Nonparametric Statistical Methods, 3rd ed., sections 4.1 to 4.3).
"""

import math
from dataclasses import dataclass
from functools import cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Finding = Literal["slower", "faster", "not distinguishable", "too few repeats"]


@dataclass(frozen=True, slots=True)
class Ratio:
    """What independent runs of A and B say about the ratio of their seconds."""

    ratio: float
    """Seconds of B over seconds of A: above 1, B is slower. NaN where one has no run."""
    low: float
    high: float
    """Interval at 1 - alpha; (0, inf) where there are too few repeats."""
    at_least: float
    """What the ratio exceeds by a one-sided test at alpha; 0 where there are too few repeats."""
    finding: Finding
    more_needed: int = 0
    """Repeats that A and B lack each before any difference could be told from chance."""


def ratio_of(a_seconds: NDArray[np.float64], b_seconds: NDArray[np.float64], alpha: float) -> Ratio:
    """Compare (m,) seconds of A with (n,) of B."""
    m, n = len(a_seconds), len(b_seconds)
    quotients = np.sort((b_seconds[:, None] / a_seconds).ravel())
    ratio = float(np.exp(np.median(np.log(quotients)))) if m and n else math.nan
    if more := more_needed(m, n, alpha):
        return Ratio(ratio, 0.0, math.inf, 0.0, "too few repeats", more)
    outside = _left_out(m, n, alpha / 2)
    low, high = float(quotients[outside]), float(quotients[-1 - outside])
    at_least = float(quotients[_left_out(m, n, alpha)])
    finding: Finding = "slower" if low > 1 else "faster" if high < 1 else "not distinguishable"
    return Ratio(ratio, low, high, at_least, finding)


def more_needed(m: int, n: int, alpha: float) -> int:
    """Repeats that both sides lack: with fewer, even the most extreme order has a p-value above alpha."""
    more = 0
    while 2 / math.comb(m + n + 2 * more, m + more) > alpha:
        more += 1
    return more


def _left_out(m: int, n: int, tail: float) -> int:
    """How many quotients lie beyond one end of an interval, so that it errs there with at most ``tail``."""
    return int(np.searchsorted(np.cumsum(_rank_sum_distribution(m, n)), tail, side="right")) - 1


@cache
def _rank_sum_distribution(m: int, n: int) -> NDArray[np.float64]:
    """P(U = u) for u = 0 .. m n where A and B are alike: how many subsets of m ranks have each sum."""
    least = m * (m + 1) // 2
    ways = np.zeros((m + 1, least + m * n + 1))
    ways[0, 0] = 1
    for rank in range(1, m + n + 1):
        ways[1:, rank:] += ways[:-1, :-rank].copy()
    return ways[m, least:] / math.comb(m + n, m)
