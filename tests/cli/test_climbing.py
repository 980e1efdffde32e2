"""Ladders on the command line: every rung of them, or the cheapest that reaches a recall."""

import json
from pathlib import Path

import pytest

from bench.cli import main
from bench.results import Measurement, Store
from tests.measure.runs import fake

pytestmark = pytest.mark.slow

FINDS, SLOW = fake("finds_some"), fake("answers_slowly")


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(autouse=True)
def _few_points(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bench.experiment.at_recall.FEWEST_WORTH_A_SAMPLE", 10_000)


@pytest.fixture(autouse=True)
def _no_page(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing here is about the page, which takes longer than the runs."""
    monkeypatch.setattr("bench.report.write_report", lambda *_, **__: None)


def run(tmp_path: Path, cache: Path, *words: str) -> int:
    places = ["--results", str(tmp_path), "--cache", str(cache), "--truth-rows", "500"]
    return main(["run", *words, "--workload", "small", *places])


def on(rows: list[Measurement], n: int) -> list[tuple[float, str]]:
    return [(row.params["share"], row.status) for row in rows if row.workload.n == n]


def test_rungs_are_chosen_on_a_sample_confirmed_on_all_points_and_not_run_again(
    tmp_path: Path, cache: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = (FINDS, "-n", "10000", "--at-recall", "0.9,0.95")
    assert run(tmp_path, cache, *asked) == 0
    rows = Store(tmp_path).rows()
    assert on(rows, 5_000) == [(0.5, "ok"), (0.95, "ok"), (0.985, "ok")]
    assert sorted(on(rows, 10_000)) == [(0.95, "ok"), (0.985, "ok")]
    said = capsys.readouterr()
    assert "at recall 0.9: best approximate finds_some share=0.9" in said.out
    assert "at recall 0.95: best approximate finds_some share=0.985" in said.out
    assert "expected duration: about" in said.err
    assert run(tmp_path, cache, *asked, "--json") == 0
    assert [json.loads(line)["params"]["share"] for line in capsys.readouterr().out.splitlines()] == [
        0.95,
        0.985,
    ]
    assert len(Store(tmp_path).rows()) == 5


def test_what_the_budget_ended_leaves_a_row_that_says_so_and_a_rerun_goes_on(
    tmp_path: Path, cache: Path
) -> None:
    asked = (FINDS, "-n", "3000", "--at-recall", "0.9")
    assert run(tmp_path, cache, *asked, "--budget", "1ms") == 0
    (row,) = Store(tmp_path).rows()
    assert row.status == "skipped"
    assert row.reason.startswith("the budget ended before it")
    assert run(tmp_path, cache, *asked) == 0
    assert on(Store(tmp_path).rows()[1:], 3_000) == [(0.5, "ok"), (0.95, "ok")]


def test_what_reaches_a_recall_is_repeated_and_no_run_may_take_the_whole_budget(
    tmp_path: Path, cache: Path
) -> None:
    asked = (FINDS, "-n", "3000", "--at-recall", "0.4", "--repeats", "3", "--budget", "20m")
    assert run(tmp_path, cache, *asked) == 0
    rows = Store(tmp_path).rows()
    assert [(row.params["share"], row.repeat) for row in rows] == [(0.5, 1), (0.5, 2), (0.5, 3)]
    assert (rows[0].time_limit_seconds or 0) <= 300


def test_a_ladder_is_climbed_rung_by_rung_where_that_is_asked_for(tmp_path: Path, cache: Path) -> None:
    assert run(tmp_path, cache, FINDS, "-n", "1000", "--ladder", "--stop-after-rows", "10") == 0
    assert [row.params["share"] for row in Store(tmp_path).rows()] == [0.5, 0.95, 0.985, 0.998]


def test_several_numbers_of_points_share_one_budget(tmp_path: Path, cache: Path) -> None:
    assert run(tmp_path, cache, SLOW, "-n", "300,400", "--budget", "1ms") == 0
    rows = Store(tmp_path).rows()
    assert [(row.workload.n, row.status) for row in rows] == [(300, "skipped"), (400, "skipped")]


def test_nothing_is_run_in_a_rehearsal(
    tmp_path: Path, cache: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(tmp_path, cache, FINDS, "-n", "3000", "--at-recall", "0.9", "--dry-run") == 0
    assert Store(tmp_path).rows() == []
    assert "1 strategies with 4 rungs" in capsys.readouterr().err
