"""Before a run, what it will cost is said; what cannot keep its limits is not started."""

from pathlib import Path

import pytest

from bench.cli import main
from bench.measure.environment import machine
from bench.results import Measurement, Store
from bench.workloads.identity import WorkloadId
from tests.ladders import MIB, rung

pytestmark = pytest.mark.strategies("annoy_loop")

PARAMS = {"n_trees": 8, "search_k": -1, "build_threads": 1, "seed": 0}


@pytest.fixture(autouse=True)
def without_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bench.report.write_report", lambda *_, **__: None)


@pytest.fixture
def results(tmp_path: Path) -> Path:
    """Rows of annoy_loop on 2,000 and 4,000 points, heavy ones."""
    directory = tmp_path / "results"
    directory.mkdir()
    for n in (2000, 4000):
        made = rung(
            "annoy_loop",
            n,
            1.0 * n / 1000,
            int(100 * MIB + n * 0.25 * MIB),
            recall=0.95,
            params=PARAMS,
            workload=WorkloadId("small", n, 12, 10, "euclidean", 0, f"hash-{n}"),
            points_options=f"--workload small -n {n}",
            multi_threaded=False,
            machine=machine().key,
        )
        Store(directory).append(made)
    return directory


def ran(results: Path, *words: str) -> Measurement:
    places = ["--results", str(results), "--cache", str(results.parent / "cache"), "--truth-rows", "50"]
    assert main(["run", "annoy_loop", "--workload", "small", *words, *places]) == 0
    return Store(results).rows()[-1]


def test_three_times_over_the_memory_limit_is_not_started_and_the_row_says_what_was_predicted(
    results: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    row = ran(results, "-n", "8000", "--memory-limit", "600MiB")
    assert (row.status, row.total_seconds, row.peak_memory_bytes) == ("skipped", None, None)
    assert row.predicted["peak_anonymous_bytes"] > 2.5 * 600 * MIB
    assert row.reason.startswith("predicted ")
    assert row.reason.endswith("against the limit of 600 MiB")
    shown = capsys.readouterr()
    assert "skipped, will not fit: predicted" in shown.err
    assert "--anyway" in shown.err


def test_anyway_starts_it_and_the_row_keeps_the_prediction_beside_the_outcome(results: Path) -> None:
    row = ran(results, "-n", "1000", "--memory-limit", "200MiB", "--anyway")
    assert row.status == "ok"
    assert row.total_seconds is not None
    assert row.predicted["total_seconds_low"] < row.predicted["total_seconds"]


def test_what_may_not_finish_in_time_is_said(results: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ran(results, "-n", "4000", "--time-limit", "5s", "--dry-run")
    assert "may not finish: predicted" in capsys.readouterr().err


def test_a_skipped_run_is_asked_for_again_once_the_limit_is_wide_enough(
    results: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ran(results, "-n", "1000", "--memory-limit", "50MiB").status == "skipped"
    capsys.readouterr()
    ran(results, "-n", "1000", "--dry-run")
    assert "1 planned, 0 measured already, 1 to run" in capsys.readouterr().err
