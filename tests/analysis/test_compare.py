"""Comparisons that say "different" only where repeats can tell."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from bench.analysis.compare import ALPHA_OF_A_LOOK, LOOKS, compare, fewest_repeats, median_interval


@settings(max_examples=60, deadline=None)
@given(st.integers(6, 25), st.integers(0, 10_000), st.floats(0, 1.5))
def test_the_verdict_is_that_of_scipys_exact_signed_rank_test(n: int, seed: int, shift: float) -> None:
    logs = np.random.default_rng(seed).normal(shift, 1.0, n)
    verdict = compare(np.ones(n), np.exp(logs)).verdict
    assert (verdict == "different") == (stats.wilcoxon(logs, method="exact").pvalue <= 0.05)


def test_the_interval_covers_the_true_ratio_as_often_as_it_says() -> None:
    rng = np.random.default_rng(1)
    covered = 0
    for _ in range(1000):
        a, b = np.exp(rng.normal(0, 0.1, 12)), 1.3 * np.exp(rng.normal(0, 0.1, 12))
        found = compare(a, b)
        covered += found.low <= 1.3 <= found.high
    assert 0.93 <= covered / 1000 <= 0.98


def test_swapping_the_two_turns_the_ratio_round() -> None:
    a, b = np.linspace(1, 2, 10), np.linspace(3, 4, 10)[::-1]
    there, back = compare(a, b), compare(b, a)
    assert there.ratio == pytest.approx(1 / back.ratio)
    assert there.low == pytest.approx(1 / back.high)
    assert there.in_words("A", "B") == back.in_words("B", "A")


@pytest.mark.parametrize("repeats", range(6))
def test_below_the_repeats_that_can_decide_the_answer_is_too_few(repeats: int) -> None:
    found = compare(np.ones(repeats), np.full(repeats, 100.0))
    assert found.verdict == "too few repeats"
    assert "too few repeats" in found.in_words("A", "B")


def test_six_repeats_can_decide_at_five_percent_and_those_of_the_first_look_at_its_share() -> None:
    assert fewest_repeats() == 6
    assert fewest_repeats(ALPHA_OF_A_LOOK) <= LOOKS[0]
    assert compare(np.ones(6), np.full(6, 1.5)).verdict == "different"
    assert compare(np.ones(LOOKS[0]), np.full(LOOKS[0], 1.5), ALPHA_OF_A_LOOK).verdict == "different"


def test_equal_runs_are_not_distinguishable() -> None:
    found = compare(np.ones(20), np.ones(20))
    assert (found.verdict, found.ratio) == ("not distinguishable", 1.0)


def test_one_wild_outlier_changes_no_verdict() -> None:
    b = np.full(14, 1.2)
    b[3] = 0.001
    assert compare(np.ones(14), b, 0.05).verdict == "different"


def test_the_interval_of_a_median_needs_six_values() -> None:
    assert median_interval(np.arange(5.0)) is None
    assert median_interval(np.arange(6.0)) == (0.0, 5.0)
