"""Which of two strategies is faster, answered only if repeated runs can tell.

Runs are paired by repeat, since the strategies of one repeat ran close together in time: drift of the machine
cancels. The test is Wilcoxon's signed-rank test on the logarithms of the ratios, exact, and robust against
outliers; the interval inverts that very test (scipy's gives a p-value alone), and the ratio is the
Hodges-Lehmann estimate (Hollander, Wolfe, Chicken: Nonparametric Statistical Methods, 3rd ed., sections 3.1
to 3.3).
"""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

PairVerdict = Literal["different", "not distinguishable", "too few repeats"]

ALPHA = 0.05
LOOKS = (8, 12, 18, 30)
"""Repeats after which ``--repeats auto`` tests whether the comparison is decided; at the first a test must be
able to decide at its share of ``ALPHA``. Rows recorded before a change are read with the new numbers."""
ALPHA_OF_A_LOOK = ALPHA / len(LOOKS)
"""Bonferroni's share: all looks together call equals different in at most 5 % of cases."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """What paired runs of A and B say about the ratio of their seconds."""

    ratio: float
    """Seconds of B over seconds of A: above 1, A is faster. NaN without a pair."""
    low: float
    high: float
    """Interval at 1 - alpha; (0, inf) where there are too few repeats."""
    repeats: int
    verdict: PairVerdict

    def in_words(self, a: str, b: str) -> str:
        """One sentence."""
        if self.verdict == "too few repeats":
            return f"{a} and {b}: too few repeats ({self.repeats}) to tell"
        if self.verdict == "not distinguishable":
            return (
                f"{a} and {b}: not distinguishable, ratio {self.ratio:.2f} [{self.low:.2f}, {self.high:.2f}]"
            )
        if self.ratio < 1:
            a, b, ratio, low, high = b, a, 1 / self.ratio, 1 / self.high, 1 / self.low
        else:
            ratio, low, high = self.ratio, self.low, self.high
        return f"{a} is {ratio:.2f} x faster than {b} [{low:.2f}, {high:.2f}]"


def compare(
    a_seconds: NDArray[np.float64], b_seconds: NDArray[np.float64], alpha: float = ALPHA
) -> Comparison:
    """Compare runs of A and B, (repeats,) each, seconds, the i-th of both from the same repeat."""
    repeats = len(a_seconds)
    if repeats == 0:
        return Comparison(math.nan, 0.0, math.inf, 0, "too few repeats")
    logs = np.log(b_seconds) - np.log(a_seconds)
    walsh = _walsh_averages(logs)
    ratio = float(np.exp(np.median(walsh)))
    if repeats < fewest_repeats(alpha):
        return Comparison(ratio, 0.0, math.inf, repeats, "too few repeats")
    left_out = _left_out(repeats, alpha)
    low, high = float(np.exp(walsh[left_out])), float(np.exp(walsh[-1 - left_out]))
    different = low > 1 or high < 1
    return Comparison(ratio, low, high, repeats, "different" if different else "not distinguishable")


def fewest_repeats(alpha: float = ALPHA) -> int:
    """Below so many pairs, the test cannot reject anything: its smallest p-value is 2 / 2^n."""
    return math.ceil(1 - math.log2(alpha))


def median_interval(seconds: NDArray[np.float64], alpha: float = ALPHA) -> tuple[float, float] | None:
    """Interval of a median by order statistics (binomial, exact); None where there are too few values."""
    n = len(seconds)
    below = np.cumsum(
        [math.comb(n, i) / 2**n for i in range(n)]
    )  # that at most i values are below the median
    rank = int(np.count_nonzero(below <= alpha / 2))
    if rank < 1:
        return None
    ordered = np.sort(seconds)
    return float(ordered[rank - 1]), float(ordered[n - rank])


def _walsh_averages(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Means of all pairs, each value with itself included; sorted."""
    i, j = np.triu_indices(len(values))
    return np.sort((values[i] + values[j]) / 2)


def _left_out(n: int, alpha: float) -> int:
    """How many Walsh averages lie outside the interval at each end, so that it errs with at most alpha."""
    probabilities = _signed_rank_distribution(n)
    return int(np.searchsorted(np.cumsum(probabilities), alpha / 2, side="right")) - 1


def _signed_rank_distribution(n: int) -> NDArray[np.float64]:
    """P(T+ = t) for t = 0 .. n (n + 1) / 2 where values are symmetric about 0: a product of polynomials."""
    probabilities = np.ones(1)
    for rank in range(1, n + 1):
        shifted = np.concatenate([np.zeros(rank), probabilities])
        shifted[: len(probabilities)] += probabilities
        probabilities = shifted / 2
    return probabilities
