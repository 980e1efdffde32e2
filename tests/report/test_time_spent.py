import pytest

from bench.analysis.summary import groups
from bench.report.time_spent import MOST_SHOWN, PARTS, time_spent
from tests.report.rows import failed, row


def test_parts_that_a_strategy_reports_are_taken_off_their_phase() -> None:
    details = {"ship_seconds": 3.0, "collect_seconds": 5.0, "merge_seconds": 2.0, "idle_seconds": 1.0}
    (spent,) = time_spent(groups([row("a", seconds=100.0, details=details)])[0])
    assert spent.seconds == pytest.approx(
        {
            "start": 2.0,
            "load": 0.1,
            "fit": 7.0,
            "ship": 3.0,
            "search": 80.0,
            "collect": 5.0,
            "merge": 2.0,
            "idle": 1.0,
        }
    )
    assert list(spent.seconds) == list(PARTS)
    assert sum(part.width for part in spent.bar) == pytest.approx(100, abs=0.1)
    assert [part.left for part in spent.bar] == sorted(part.left for part in spent.bar)


def test_no_part_is_longer_than_its_phase_and_what_is_no_number_is_left_out() -> None:
    details = {"ship_seconds": 1e9, "idle_seconds": "unknown", "collect_seconds": -1.0}
    (spent,) = time_spent(groups([row("a", seconds=100.0, details=details)])[0])
    assert spent.seconds == pytest.approx({"start": 2.0, "load": 0.1, "ship": 10.0, "search": 88.0})


def test_failures_have_no_bar_and_of_many_the_fastest_have() -> None:
    rows = [row(f"s{i}", seconds=10.0 + i) for i in range(MOST_SHOWN + 5)]
    spent = time_spent(groups([*rows, failed("x", "crashed", "it broke", seconds=1.0)])[0])
    assert [one.outcome.label for one in spent] == [f"s{i}" for i in range(MOST_SHOWN)]
