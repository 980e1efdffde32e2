"""What a row adds to the figures: totals, extrapolation, warnings."""

from typing import Any

import pytest

from bench.judge import Verdict
from bench.measure import environment
from bench.measure.messages import Finished, RunReport, ThreadPool
from bench.measure.outcome import RunOutcome
from bench.measure.row import Conditions, measurement
from bench.measure.schedule import Limits, plan
from bench.results import Measurement
from tests.measure.test_schedule import SEARCHES, THREADS, request
from tests.rows import WORKLOAD

SECONDS = {"start": 1.0, "load": 5.0, "fit": 2.0, "query": 7.0}
OK = RunOutcome("ok")


def made(
    strategy: str,
    outcome: RunOutcome = OK,
    verdict: Verdict | None = None,
    warnings: tuple[str, ...] = (),
    **report: Any,
) -> Measurement:
    (run,) = plan(request(strategy), WORKLOAD, "17")
    conditions = Conditions(Limits(), environment.environment(""), "now")
    full = RunReport(**{"seconds": SECONDS, "rows": 1000} | report)
    return measurement(run, conditions, outcome, full, verdict or Verdict(), warnings)


def test_the_total_is_start_fit_and_query_without_loading() -> None:
    assert made(SEARCHES).total_seconds == 10.0


def test_a_partial_run_is_extrapolated_by_the_rows_of_its_query() -> None:
    assert made(SEARCHES, RunOutcome("partial"), rows=500).extrapolated_seconds == 1.0 + 2.0 + 14.0
    assert made(SEARCHES).extrapolated_seconds is None


def test_what_is_in_flight_when_a_run_stops_counts_in_its_extrapolation() -> None:
    partial = RunOutcome("partial")
    assert made(SEARCHES, partial, rows=250, done=0.5).extrapolated_seconds == 1.0 + 2.0 + 14.0
    assert made(SEARCHES, partial, rows=500, done=0.4).extrapolated_seconds == 1.0 + 2.0 + 14.0


@pytest.mark.parametrize(
    ("strategy", "report", "warning"),
    [
        (THREADS, {"phases_cpu_seconds": {"fit": 2.0, "query": 7.0}}, "used 1.00 of 2 cores"),
        (SEARCHES, {"disturbed": 0.5}, "others used 0.50 cores"),
        (SEARCHES, {"warnings": ("not saved",)}, "not saved"),
    ],
)
def test_what_makes_a_figure_doubtful_stands_beside_it(
    strategy: str, report: dict[str, Any], warning: str
) -> None:
    (only,) = made(strategy, **report).warnings
    assert warning in only


def test_a_single_threaded_strategy_is_not_blamed_for_idle_cores() -> None:
    cpu = {"phases_cpu_seconds": {"fit": 1.0, "query": 1.0}}
    assert made(SEARCHES, **cpu).warnings == []


def test_an_exact_method_that_misses_neighbors_has_a_warning_with_a_likely_cause() -> None:
    busy = {"phases_cpu_seconds": {"fit": 4.0, "query": 14.0}}
    assert made(THREADS, verdict=Verdict(recall=1.0), **busy).warnings == []
    (warning,) = made(THREADS, verdict=Verdict(recall=0.5), **busy).warnings
    assert "misses 50.00%" in warning
    assert made(SEARCHES, verdict=Verdict(recall=0.5)).warnings == []


def test_a_verdict_and_the_worker_s_last_word_lie_flat_in_the_row() -> None:
    pool = ThreadPool("openblas", "0.3", "Haswell", 2, "libopenblas.so")
    end = Finished(1000, store_seconds=0.5, details={"leaves": 3.0}, thread_pools=(pool,))
    row = made(SEARCHES, verdict=Verdict(recall=0.9, truth_rows=200), end=end)
    assert (row.recall, row.truth_rows, row.recall_low) == (0.9, 200, None)
    assert (row.store_seconds, row.details) == (0.5, {"leaves": 3.0})
    assert [pool["kernel"] for pool in row.thread_pools] == ["Haswell"]


def test_what_was_not_measured_is_unknown_and_never_zero() -> None:
    (run,) = plan(request(SEARCHES), WORKLOAD, "17")
    conditions = Conditions(Limits(), environment.environment(""), "now")
    row = measurement(run, conditions, RunOutcome("skipped", "no time"), RunReport(), Verdict())
    unknown = (row.total_seconds, row.peak_memory_bytes, row.peak_file_bytes, row.cpu_seconds, row.recall)
    assert unknown == (None,) * 5
