from collections.abc import Iterable
from typing import Any

import pytest

from bench.analysis.before_after import BeforeAfter, before_after
from bench.results import Measurement
from tests.report.rows import ENVIRONMENT, failed, row

_NOISE = (0.97, 1.02, 1.0, 0.99, 1.03, 0.98, 1.01, 1.04)


def repeated(strategy: str, seconds: float, repeats: int = 8, **fields: Any) -> list[Measurement]:
    return [
        row(strategy, seconds=seconds * noise, repeat=i, **fields)
        for i, noise in enumerate(_NOISE[:repeats], start=1)
    ]


def compared(a: Iterable[Measurement], b: Iterable[Measurement]) -> BeforeAfter:
    return before_after(list(a), list(b), {"env1": ENVIRONMENT}, {"env1": ENVIRONMENT})


def verdicts(a: Iterable[Measurement], b: Iterable[Measurement]) -> dict[str, str]:
    return {change.label: change.verdict for change in compared(a, b).changes}


def test_twenty_percent_slower_is_found_and_is_more_than_ten() -> None:
    (change,) = compared(repeated("x", 10.0), repeated("x", 12.0)).changes
    assert change.verdict == "slower"
    assert change.seconds.ratio == pytest.approx(1.2, rel=0.02)
    assert change.is_worse(0.1)
    assert not change.is_worse(0.25)


def test_a_run_compared_with_itself_is_not_distinguishable() -> None:
    found = compared(repeated("x", 10.0), repeated("x", 10.0))
    assert found.shared_rows == 8
    assert [change.verdict for change in found.changes] == ["not distinguishable"]
    assert found.differences_everywhere == {}


def test_single_runs_of_a_hundred_fold_difference_tell_nothing() -> None:
    (change,) = compared([row("x", seconds=1.0)], [row("x", seconds=100.0)]).changes
    assert change.verdict == "too few repeats"
    assert change.seconds.more_needed == 3
    assert not change.is_worse(0.1)


def test_the_five_percent_are_shared_by_all_that_can_be_compared() -> None:
    names = ("u", "v", "w")
    a = [one for name in names for one in repeated(name, 10.0)]
    found = compared([*a, row("single")], [*a, row("single")])
    assert found.alpha == pytest.approx(0.05 / 3)


def test_failures_on_either_side_and_missing_rows_have_their_verdict() -> None:
    a = [row("breaks"), failed("mends", "crashed", "x"), failed("never", "timeout", "x"), row("gone")]
    b = [failed("breaks", "wrong", "x"), row("mends"), failed("never", "crashed", "x"), row("new")]
    assert verdicts(a, b) == {
        "breaks": "fails now",
        "mends": "works now",
        "never": "fails in both",
        "gone": "only in A",
        "new": "only in B",
    }
    assert [change.label for change in compared(a, b).changes if change.is_worse(10.0)] == ["breaks"]


def test_one_crash_among_repeats_that_all_succeeded_before_is_a_failure() -> None:
    some = [*repeated("x", 10.0, 7), failed("x", "crashed", "it broke", seconds=1.0, repeat=8)]
    assert verdicts(repeated("x", 10.0), some) == {"x": "fails now"}
    assert verdicts(some, some) == {"x": "not distinguishable"}


def test_interrupted_runs_are_no_runs() -> None:
    interrupted = failed("x", "interrupted", "by the user")
    assert verdicts([row("x")], [interrupted]) == {"x": "only in A"}


def test_parameters_keep_series_apart_and_name_them() -> None:
    a = [row("x", params={"trees": 1, "leaf": 3}), row("x", params={"trees": 2, "leaf": 3})]
    assert set(verdicts(a, a)) == {"x trees=1", "x trees=2"}


def test_a_seed_that_counts_repeats_is_one_series_also_beside_a_single_run() -> None:
    many = [row("x", params={"seed": i - 1}, repeat=i, series_id="s", seconds=10.0 + i) for i in range(1, 9)]
    assert verdicts([row("x", params={"seed": 0})], many) == {"x": "too few repeats"}


def test_unlike_threads_are_compared_where_each_side_has_but_one_and_are_named() -> None:
    def with_threads(*budgets: int) -> list[Measurement]:
        return [row("x", threads=t, params={"threads": t}) for t in budgets]

    (change,) = compared(with_threads(2), with_threads(8)).changes
    assert change.differences == {"threads": ("2", "8")}
    found = compared(with_threads(1, 2), with_threads(2, 4)).changes
    assert sorted(change.verdict for change in found) == ["only in A", "only in B", "too few repeats"]


def test_unlike_machines_versions_and_code_are_named() -> None:
    other = ENVIRONMENT | {
        "machine": {**ENVIRONMENT["machine"], "cpu": "Another", "cores": 8},
        "packages": {**ENVIRONMENT["packages"], "numpy": "2.5.0"},
    }
    found = before_after(
        [row("x", code_hash="a"), row("y", code_hash="c")],
        [row("x", code_hash="b"), row("y", code_hash="c")],
        {"env1": ENVIRONMENT},
        {"env1": other},
    )
    assert found.differences_everywhere == {
        "machine": ("Some CPU at 2.00 GHz", "Another"),
        "cores": ("2", "8"),
        "numpy (package)": ("2.4.6", "2.5.0"),
    }
    (change,) = (change for change in found.changes if change.label == "x")
    assert change.differences["strategy's code"] == ("a", "b")


def test_of_two_series_alike_in_all_that_was_set_the_one_measured_last_counts() -> None:
    old = row("x", seconds=50.0, series_id="old", code_hash="old", started_at="2024-01-01T00:00:00+00:00")
    new = row("x", seconds=10.0, series_id="new", code_hash="new")
    (change,) = compared([new, old], [new]).changes
    assert change.before == (new,)


def test_time_won_by_answering_worse_is_said() -> None:
    worse = row("x", recall=0.8, recall_low=0.79, recall_high=0.81)
    (change,) = compared([row("x")], [worse]).changes
    assert change.recall_fell
    assert not compared([worse], [row("x")]).changes[0].recall_fell
