"""Predictions from made-up machines whose laws are known."""

from dataclasses import replace

import numpy as np
import pytest

from bench.analysis.calibration import check, summarize
from bench.analysis.curves import Curve, curves
from bench.analysis.forecasts import Forecasts, as_fields, obstacles
from bench.analysis.prediction import Model
from bench.analysis.scaling import scalings
from bench.results import Measurement
from tests.rows import WORKLOAD, row

SIZES = (10_000, 30_000, 100_000)
MILLION = 1_000_000


def measured(
    n: int,
    exponent: float,
    noise: float,
    rng: np.random.Generator,
    growth: str = "near-linear",
    slower: float = 0.0,
) -> Measurement:
    """A run on a machine where a query of 100,000 points takes ten seconds, more outside of its caches."""
    jitter = np.exp(noise * rng.standard_normal(3))
    outside = 1 / (1 + 5e5 / n)
    query, fit = 10 * (n / 1e5) ** exponent * jitter[0] * (1 + slower * outside), 1.0 * (n / 1e5) * jitter[1]
    peak = int((2e8 + 700 * n) * jitter[2] ** 0.3)
    return row(
        run_id=f"{n}-{rng.integers(1 << 40)}",
        workload=replace(WORKLOAD, n=n, content_hash=str(n)),
        start_seconds=1.0,
        fit_seconds=fit,
        query_seconds=query,
        total_seconds=1.0 + fit + query,
        peak_memory_bytes=peak,
        peak_anonymous_bytes=peak // 2,
        details={"growth": growth},
        recall=0.95,
        rows_answered=n,
    )


def curve(
    exponent: float, noise: float = 0.05, seed: int = 0, growth: str = "near-linear", slower: float = 0.0
) -> Curve:
    rng = np.random.default_rng(seed)
    (found,) = curves([measured(n, exponent, noise, rng, growth, slower) for n in SIZES])
    return found


@pytest.mark.slow
@pytest.mark.parametrize(
    ("exponent", "growth", "slower", "most_error"),
    [
        (1.1, "near-linear", 0.8, 0.3),
        (1.1, "near-linear", 0.0, 0.5),
        (1.25, "near-linear", 0.0, 0.3),
        (2.0, "quadratic", 0.0, 0.3),
    ],
)
def test_intervals_hold_what_comes_about_as_often_as_they_say(
    exponent: float, growth: str, slower: float, most_error: float
) -> None:
    inside, errors = [], []
    for seed in range(40):
        rng = np.random.default_rng(1000 + seed)
        found = Model.learn(curve(exponent, 0.05, seed, growth, slower)).at(MILLION)
        outcome = measured(MILLION, exponent, 0.05, rng, growth, slower)
        assert outcome.total_seconds is not None
        assert outcome.peak_memory_bytes is not None
        inside.append(found.total_seconds.holds(outcome.total_seconds))
        inside.append(found.peak_memory_bytes.holds(outcome.peak_memory_bytes))
        errors.append(abs(found.total_seconds.median / outcome.total_seconds - 1))
        assert found.total_seconds.high / found.total_seconds.low < 6
    assert np.mean(inside) >= 0.85
    assert np.median(errors) <= most_error


def test_the_same_rows_give_the_same_figures() -> None:
    assert Model.learn(curve(1.1)).at(MILLION) == Model.learn(curve(1.1)).at(MILLION)


def test_rows_can_overrule_what_a_strategy_says_of_itself() -> None:
    found = Model.learn(curve(2.0, 0.02, growth="near-linear")).at(MILLION)
    assert found.total_seconds.holds(1000)


def test_one_size_is_too_few_and_says_which() -> None:
    rng = np.random.default_rng(0)
    (one,) = curves([measured(10_000, 1.1, 0.05, rng)])
    with pytest.raises(ValueError, match="measured at n = 10,000 only, two sizes or more"):
        Model.learn(one)


def test_memory_far_above_the_limit_is_foreseen_and_memory_below_it_is_not() -> None:
    rng = np.random.default_rng(0)
    rows = [measured(n, 1.1, 0.05, rng) for n in SIZES]
    planned = replace(rows[0], workload=replace(WORKLOAD, n=MILLION), time_limit_seconds=None)
    found = Forecasts(rows).of(planned)
    assert found is not None
    peak = found.peak_anonymous_bytes.median
    (sure,) = obstacles(found, replace(planned, memory_limit_bytes=int(peak / 3)))
    assert (sure.kind, sure.certain) == ("memory", True)
    assert obstacles(found, replace(planned, memory_limit_bytes=int(3 * peak))) == []
    kept = as_fields(found)
    assert kept["total_seconds_low"] < kept["total_seconds"] < kept["total_seconds_high"]


def test_another_setting_is_not_foreseen() -> None:
    rng = np.random.default_rng(0)
    rows = [measured(n, 1.1, 0.05, rng) for n in SIZES]
    assert Forecasts(rows).of(replace(rows[0], params={"n_trees": 11})) is None


def test_exponents_are_those_of_the_law() -> None:
    time, memory = scalings(curve(1.1, 0.02).rows)
    assert (time.quantity, memory.quantity) == ("total_seconds", "peak_memory_bytes")
    assert time.exponent.low < 1.1 < time.exponent.high
    assert memory.exponent.high <= 1.05
    assert [place.measured for place in time.line] == sorted(
        (place.measured for place in time.line), reverse=True
    )


def test_predictions_are_held_against_what_came_out() -> None:
    rng = np.random.default_rng(1)
    rows = [measured(n, 1.1, 0.03, rng) for n in (*SIZES, MILLION)]
    (whole,) = curves(rows)
    checked = check(whole, MILLION, up_to=100_000)
    assert {found.quantity for found in checked} == {"total_seconds", "peak_memory_bytes"}
    assert {found.run_id for found in checked} == {rows[-1].run_id}
    assert summarize(checked).pairs == 2
    assert check(whole, 10_000) == []
