"""What a row adds to the figures: totals, extrapolation, warnings."""

from typing import Any

import pytest

from bench.measure import environment
from bench.measure.outcome import Ending
from bench.measure.row import measurement
from bench.measure.schedule import Limits, plan
from bench.results import Measurement
from tests.measure.test_schedule import request
from tests.rows import WORKLOAD

SECONDS = {"start": 1.0, "load": 5.0, "fit": 2.0, "query": 7.0}


def made(strategy: str, end: Ending, verdict: dict[str, Any] | None = None, **report: Any) -> Measurement:
    (run,) = plan(request(strategy), WORKLOAD, "17")
    told = {"seconds": SECONDS, "rows": 1000, "warm_up_bytes": 0} | report
    return measurement(run, "", Limits(), environment.environment(""), "now", end, told, verdict or {})


def test_the_total_is_start_fit_and_query_without_loading() -> None:
    assert made("annoy_loop", Ending("ok")).total_seconds == 10.0


def test_a_partial_run_is_extrapolated_by_the_rows_of_its_query() -> None:
    assert made("annoy_loop", Ending("partial"), rows=500).extrapolated_seconds == 1.0 + 2.0 + 14.0
    assert made("annoy_loop", Ending("ok")).extrapolated_seconds is None


@pytest.mark.parametrize(
    ("strategy", "report", "told"),
    [
        ("sklearn_matrix", {"phases_cpu_seconds": {"fit": 2.0, "query": 7.0}}, "used 1.00 of 2 cores"),
        ("annoy_loop", {"disturbed": 0.5}, "others used 0.50 cores"),
        ("annoy_loop", {"warnings": ["not saved"]}, "not saved"),
    ],
)
def test_what_makes_a_figure_doubtful_stands_beside_it(
    strategy: str, report: dict[str, Any], told: str
) -> None:
    (warning,) = made(strategy, Ending("ok"), **report).warnings
    assert told in warning


def test_a_single_threaded_strategy_is_not_blamed_for_idle_cores() -> None:
    cpu = {"phases_cpu_seconds": {"fit": 1.0, "query": 1.0}}
    assert made("annoy_loop", Ending("ok"), **cpu).warnings == []


def test_an_exact_method_that_misses_neighbors_is_told_why_it_may() -> None:
    busy = {"phases_cpu_seconds": {"fit": 4.0, "query": 14.0}}
    assert made("sklearn_matrix", Ending("ok"), {"recall": 1.0}, **busy).warnings == []
    (warning,) = made("sklearn_matrix", Ending("ok"), {"recall": 0.5}, **busy).warnings
    assert "misses 50.00%" in warning
    assert made("annoy_loop", Ending("ok"), {"recall": 0.5}).warnings == []
