"""How much memory is touched before each worker: what a probe finds out, or what the user says."""

from pathlib import Path

import pytest

from bench.cli import main
from bench.measure import probe

GIB = 1 << 30


@pytest.mark.parametrize(
    ("idle", "warm", "found"), [(3.0, 0.3, 2 * GIB), (0.3, 0.3, 0), (None, 0.3, 0), (0.3, None, 0)]
)
def test_memory_is_touched_where_that_costs_more_after_a_pause(
    monkeypatch: pytest.MonkeyPatch, idle: float | None, warm: float | None, found: int
) -> None:
    costs = iter((idle, warm))
    monkeypatch.setattr(probe, "touch", lambda: next(costs))
    monkeypatch.setattr(probe, "_IDLE_SECONDS", 0.0)
    assert probe.warm_up_bytes(8 * GIB) == found


def test_a_probe_touches_memory_in_a_process_of_its_own() -> None:
    seconds_a_gib = probe.touch(1 << 20)
    assert seconds_a_gib is not None
    assert seconds_a_gib > 0


@pytest.mark.parametrize(("said", "asked"), [("", None), ("0", 0), ("2GiB", 2 * GIB)])
def test_the_user_may_say_how_much(said: str, asked: int | None) -> None:
    assert probe.asked_to_warm_up({probe.WARM_UP: said}) == asked
    assert probe.asked_to_warm_up({}) is None


def test_what_is_no_size_is_refused_before_anything_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(probe.WARM_UP, "much")
    places = ["--results", str(tmp_path / "results"), "--cache", str(tmp_path / "cache")]
    assert main(["run", "sklearn_matrix", "--workload", "small", *places]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.endswith("ALLKNN_WARM_UP is 'much': use a size such as 4GiB, or 0 for none")
    assert list(tmp_path.iterdir()) == []
