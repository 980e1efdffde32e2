"""A budget ends within a repeat too, and a repeat that will not fit into it is not started."""

from pathlib import Path

import pytest

from bench.measure import session as measuring
from tests.measure.test_session import runs, session


class Clock:
    """A clock on which each run takes the seconds that its row says."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(measuring, "time", made)
    done = measuring.Session.measure_one

    def measure_one(self: measuring.Session, *words: object) -> object:
        row = done(self, *words)  # type: ignore[arg-type]
        made.now += row.total_seconds or 0.0
        return row

    monkeypatch.setattr(measuring.Session, "measure_one", measure_one)
    return made


def test_repeats_until_something_is_decided_end_within_the_repeat_that_the_budget_ends_in(
    tmp_path: Path, clock: Clock
) -> None:
    fields = [{"total_seconds": 10.0}] * 20
    rows = session(tmp_path, *fields).measure_until(
        runs(repeats=10), [], lambda rows, _repeat: {row.series_id for row in rows}, ends=35.0
    )
    assert [row.repeat for row in rows] == [1, 1, 2]
    assert clock.now <= 35.0


def test_what_of_the_first_repeat_does_not_fit_leaves_a_row_that_says_so(
    tmp_path: Path, clock: Clock
) -> None:
    rows = session(tmp_path, {"total_seconds": 10.0}).measure_until(
        runs(repeats=2), [], lambda _rows, _repeat: set(), ends=10.0
    )
    assert [row.status for row in rows] == ["ok", "skipped"]


def test_a_repeat_is_expected_to_take_as_long_as_the_one_before(tmp_path: Path, clock: Clock) -> None:
    (one, other), took = runs(), 90.0
    rows = session(tmp_path, {"total_seconds": 1.0}).measure([one, other], 60.0, {one.series_id: took})
    assert [row.status for row in rows] == ["skipped", "ok"]
    assert "60 s left, about 90 s expected" in rows[0].reason


def test_without_a_budget_all_repeats_are_run(tmp_path: Path) -> None:
    rows = session(tmp_path, *[{}] * 4).measure_until(
        runs(repeats=2), [], lambda rows, _repeat: {row.series_id for row in rows}
    )
    assert [row.repeat for row in rows] == [1, 1, 2, 2]
