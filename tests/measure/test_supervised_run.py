"""Real runs of strategies that misbehave: each leaves a row that says what became of it, and no process."""

import signal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from bench.answers import Answers
from bench.measure.schedule import Limits
from tests.measure.runs import fake, planned, run, runner, stage
from tests.processes import command_lines

if TYPE_CHECKING:
    from bench.measure.messages import RunProgress

pytestmark = pytest.mark.slow

GIB = 1 << 30


@pytest.mark.parametrize(
    ("name", "limits", "status", "reason"),
    [
        ("sleeps", Limits(time_seconds=1), "timeout", "time limit of 1 s ended it in query"),
        ("eats_memory", Limits(60, GIB // 2), "out_of_memory", "allowed are 0.50 GiB"),
        ("raises", Limits(60), "crashed", "RuntimeError: this fake gives up"),
        ("raises_memory_error", Limits(60), "out_of_memory", "Unable to allocate 1.00 EiB"),
        ("segfaults", Limits(60), "crashed", "killed by SIGSEGV"),
        ("answers_wrongly", Limits(60), "wrong", "row"),
        ("dies_holding_children", Limits(60), "crashed", "killed by SIGKILL"),
    ],
)
def test_every_failure_is_a_row_with_its_reason(
    tmp_path: Path, name: str, limits: Limits, status: str, reason: str
) -> None:
    row = run(tmp_path, fake(name), limits)
    assert (row.status, reason in row.reason) == (status, True), row.reason
    assert "\n" not in row.reason
    assert command_lines(str(tmp_path)) == []
    assert [p.name for p in (tmp_path / "results").iterdir() if p.name.startswith(".")] == []


def test_a_run_that_ends_well_knows_all_its_figures(tmp_path: Path) -> None:
    row = run(tmp_path, fake("answers_slowly"), pause_seconds=0.0)
    assert (row.status, row.recall, row.rows_answered) == ("ok", 1.0, 1000)
    assert set(row.phases) == {"start", "load", "fit", "query"}
    assert row.total_seconds == pytest.approx(
        sum(row.phases[name].seconds for name in ("start", "fit", "query")), rel=1e-6
    )
    assert row.peak_memory_bytes is not None
    assert row.peak_memory_bytes >= (row.baseline_memory_bytes or 0) > 0
    assert set(row.peak_memory_by_role) == {"worker"}
    assert row.thread_pools


def test_at_the_time_limit_what_is_answered_is_kept_and_the_total_extrapolated(tmp_path: Path) -> None:
    row = run(tmp_path, fake("answers_slowly"), Limits(time_seconds=1.5), block_rows=50, pause_seconds=0.3)
    assert row.status == "partial"
    assert 0 < row.rows_answered < 1000
    assert row.recall == 1.0
    assert row.extrapolated_seconds is not None
    assert row.query_seconds is not None
    assert row.extrapolated_seconds > row.query_seconds * 1000 / row.rows_answered * 0.99


def test_all_stored_rows_count_however_fast_the_blocks_came(tmp_path: Path) -> None:
    """Progress is told ten times a second at most; what was stored since must not be lost."""
    path = tmp_path / "bursts.py"
    text = Path(fake("answers_slowly")).read_text()
    waits = "time.sleep(60 if start >= 600 else 0)"
    path.write_text(text.replace("time.sleep(self.pause_seconds)", waits))
    row = run(tmp_path, str(path), Limits(time_seconds=3))
    assert (row.status, row.rows_answered) == ("partial", 700)


def test_what_went_wrong_first_is_told_even_where_closing_fails_too(tmp_path: Path) -> None:
    path = tmp_path / "fails_twice.py"
    close = "\n    def close(self) -> None:\n        raise OSError('closing failed too')\n\n\nstrategy ="
    path.write_text(Path(fake("raises_memory_error")).read_text().replace("\n\nstrategy =", close))
    row = run(tmp_path, str(path))
    assert (row.status, "Unable to allocate" in row.reason) == ("out_of_memory", True)


def test_details_that_json_cannot_hold_cost_no_row(tmp_path: Path) -> None:
    path = tmp_path / "talks.py"
    says = (
        "self.details = {'a': float('nan'), 'b': np.float32(0.5), 'c': None}\n        points = self._points"
    )
    path.write_text(Path(fake("answers_slowly")).read_text().replace("points = self._points", says))
    row = run(tmp_path, str(path), pause_seconds=0.0)
    assert (row.status, row.details) == ("ok", {"a": "nan", "b": 0.5, "c": "None"})


def test_a_disk_that_does_not_take_the_neighbors_costs_no_row(tmp_path: Path) -> None:
    def refuse(_answers: Answers) -> None:
        raise OSError(28, "No space left on device")

    points, workload = stage(tmp_path)
    slow = planned(fake("answers_slowly"), workload, pause_seconds=0.0)
    row = runner(tmp_path, points).run(slow, lambda _progress: None, refuse)
    assert row.status == "ok"
    assert "the neighbors were not saved: No space left on device" in row.warnings


def test_a_run_may_be_stopped_after_some_rows(tmp_path: Path) -> None:
    row = run(tmp_path, fake("answers_slowly"), Limits(60, None, 200), block_rows=100, pause_seconds=0.0)
    assert (row.status, row.rows_answered) == ("partial", 200)
    assert "as asked" in row.reason


def test_orphans_that_left_their_session_are_ended_too(tmp_path: Path) -> None:
    row = run(tmp_path, fake("forks_orphans"), Limits(time_seconds=2))
    assert row.status == "timeout"
    assert row.peak_memory_by_role.keys() >= {"worker", "child"}
    assert command_lines(str(tmp_path)) == []


def test_the_cpu_time_of_a_child_that_nobody_waits_for_is_counted(tmp_path: Path) -> None:
    row = run(tmp_path, fake("burns_unreaped"), Limits(60), cpu_seconds=2.0)
    assert row.cpu_seconds is not None
    assert row.cpu_seconds == pytest.approx(2.0, abs=0.5)


def test_what_a_run_starts_hears_signals_as_usual(tmp_path: Path) -> None:
    listens = tmp_path / "listens.py"
    ignored = "open('/proc/self/status').read().split('SigIgn:')[1].split()[0]"
    text = Path(fake("sleeps")).read_text()
    listens.write_text(text.replace("threading.Event().wait()", f"raise RuntimeError({ignored})"))
    row = run(tmp_path, str(listens))
    mask = int(row.reason.removeprefix("RuntimeError: "), 16)
    assert [s for s in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM) if mask >> (s - 1) & 1] == []


def test_a_command_may_be_put_in_front_of_the_worker(tmp_path: Path) -> None:
    points, workload = stage(tmp_path)
    words = tmp_path / "words"
    script = tmp_path / "prefix"
    script.write_text(f'#!/bin/sh\necho "$@" > {words}\nexec "$@"\n')
    script.chmod(0o755)
    prefixed = planned(fake("answers_slowly"), workload, wrap=str(script), pause_seconds=0.0)
    row = runner(tmp_path, points).run(prefixed, lambda _progress: None)
    assert (row.status, row.wrap) == ("ok", str(script))
    assert "bench.measure.worker" in words.read_text()


def test_the_thread_budget_is_set_before_anything_is_imported(tmp_path: Path) -> None:
    row = run(tmp_path, fake("answers_slowly"), pause_seconds=0.0)
    assert {pool["threads"] for pool in row.thread_pools} == {row.threads}


def test_a_missing_package_is_a_row_that_says_how_to_get_it(tmp_path: Path) -> None:
    path = tmp_path / "needs_more.py"
    text = Path(fake("sleeps")).read_text()
    path.write_text(text.replace("exact=True", 'exact=True, requires=("no-such-distribution",)'))
    row = run(tmp_path, str(path))
    assert (row.status, row.total_seconds) == ("unavailable", None)
    assert "no-such-distribution" in row.reason


def test_the_answers_of_a_good_run_may_be_kept(tmp_path: Path) -> None:
    points, workload = stage(tmp_path)
    copies: list[Any] = []

    def keep(answers: Answers) -> None:
        copies.append(np.array(answers.indices))

    slow = planned(fake("answers_slowly"), workload, pause_seconds=0.0)
    row = runner(tmp_path, points).run(slow, lambda _progress: None, keep)
    assert row.status == "ok"
    assert copies[0].shape == (workload.n, workload.k)


def test_progress_tells_phase_rows_and_memory(tmp_path: Path) -> None:
    points, workload = stage(tmp_path)
    shown: list[RunProgress] = []
    slow = planned(fake("answers_slowly"), workload, block_rows=100, pause_seconds=0.2)
    runner(tmp_path, points).run(slow, shown.append)
    in_query = [progress for progress in shown if progress.phase == "query"]
    assert max(progress.rows for progress in in_query) > 0
    assert all((progress.memory_bytes or 0) > 0 for progress in in_query)
