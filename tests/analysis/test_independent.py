import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from bench.analysis.independent import more_needed, ratio_of

_SIZES = st.integers(4, 9)


def _seconds(seed: int, repeats: int, factor: float = 1.0, noise: float = 0.1) -> np.ndarray:
    return factor * np.exp(noise * np.random.default_rng(seed).standard_normal(repeats))


@given(_SIZES, _SIZES, st.integers(0, 1000), st.floats(0.7, 1.4))
def test_the_interval_leaves_out_1_exactly_where_mann_and_whitneys_test_rejects(
    m: int, n: int, seed: int, factor: float
) -> None:
    a, b = _seconds(seed, m), _seconds(seed + 5000, n, factor)
    found = ratio_of(a, b, 0.05)
    p_value = stats.mannwhitneyu(a, b, method="exact").pvalue
    assert (found.finding in ("slower", "faster")) == (p_value <= 0.05)
    assert found.low <= found.ratio <= found.high


@given(_SIZES, _SIZES, st.integers(0, 1000), st.floats(1.0, 1.5))
def test_what_a_ratio_exceeds_is_the_bound_of_a_one_sided_test(
    m: int, n: int, seed: int, factor: float
) -> None:
    a, b = _seconds(seed, m), _seconds(seed + 5000, n, factor)
    p_value = stats.mannwhitneyu(1.1 * a, b, alternative="less", method="exact").pvalue
    assert (ratio_of(a, b, 0.05).at_least > 1.1) == (p_value <= 0.05)


def test_equal_ones_are_called_different_in_no_more_than_their_share_of_cases() -> None:
    found = [ratio_of(_seconds(seed, 8), _seconds(seed + 5000, 8), 0.05).finding for seed in range(400)]
    assert found.count("not distinguishable") >= 400 * 0.92


def test_twenty_percent_are_found_with_eight_repeats_and_some_percent_of_noise() -> None:
    pairs = [(_seconds(s, 8, noise=0.03), _seconds(s + 5000, 8, 1.2, noise=0.03)) for s in range(100)]
    found = [ratio_of(a, b, 0.01) for a, b in pairs]
    assert sum(one.finding == "slower" for one in found) == 100
    assert sum(one.at_least > 1.1 for one in found) >= 95


@pytest.mark.parametrize(
    ("m", "n", "more"), [(1, 1, 3), (3, 3, 1), (4, 4, 0), (0, 0, 4), (2, 8, 0), (1, 8, 1)]
)
def test_with_too_few_repeats_it_says_how_many_are_missing(m: int, n: int, more: int) -> None:
    assert more_needed(m, n, 0.05) == more
    found = ratio_of(_seconds(1, m), _seconds(2, n, 3.0), 0.05)
    assert (found.finding == "too few repeats") == (more > 0)
    if more:
        assert (found.low, found.high, found.at_least) == (0.0, math.inf, 0.0)


def test_copies_of_the_same_runs_are_not_distinguishable() -> None:
    seconds = _seconds(1, 8)
    found = ratio_of(seconds, seconds, 0.05)
    assert found.ratio == 1.0
    assert found.finding == "not distinguishable"
