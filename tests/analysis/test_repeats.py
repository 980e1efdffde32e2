"""Repeats are paired by number, and go on only where that can decide something."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from bench.analysis.compare import LOOKS
from bench.analysis.repeats import compare_series, undecided
from bench.results import Measurement
from tests.rows import row


def series(name: str, seconds: Sequence[float] | NDArray[np.float64], **fields: object) -> list[Measurement]:
    return [
        row(run_id=f"{name}{i}", series_id=name, repeat=i, repeats_asked="auto", total_seconds=s, **fields)
        for i, s in enumerate(seconds, start=1)
    ]


def test_runs_are_paired_by_repeat_so_that_drift_cancels() -> None:
    drift = np.geomspace(1, 100, 10)
    assert compare_series(series("a", drift), series("b", 1.1 * drift)).verdict == "different"


def test_a_repeat_that_failed_on_one_side_is_left_out() -> None:
    a, b = series("a", [1.0] * 10), series("b", [2.0] * 10)
    a[3] = row(series_id="a", repeat=4, status="timeout", total_seconds=99.0)
    assert compare_series(a, b).repeats == 9


def test_rows_that_decided_their_own_number_are_read_more_strictly() -> None:
    a, b = series("a", [1.0] * 6), series("b", [2.0] * 6)
    assert compare_series(a, b).verdict == "too few repeats"


def test_nothing_is_decided_before_the_first_look() -> None:
    rows = series("a", [1.0] * 7) + series("b", [9.0] * 7)
    assert undecided(rows, 7) == {"a", "b"}


def test_at_a_look_those_told_apart_need_no_more() -> None:
    n = LOOKS[0]
    to_and_fro = 1 + 0.01 * (-1.0) ** np.arange(n)
    rows = series("a", [1.0] * n) + series("b", to_and_fro) + series("c", [3.0] * n)
    assert undecided(rows, n) == {"a", "b"}


def test_between_looks_nothing_is_decided_anew() -> None:
    n = LOOKS[0]
    rows = series("a", [1.0] * n + [1.0] * 2) + series("b", [1.0] * n + [9.0] * 2)
    assert undecided(rows, n + 2) == {"a", "b"}


def test_after_the_last_look_and_for_one_series_alone_it_is_enough() -> None:
    n = LOOKS[-1]
    assert undecided(series("a", [1.0] * n) + series("b", [1.0] * n), n) == set()
    assert undecided(series("a", [1.0] * LOOKS[0]), LOOKS[0]) == set()


def test_what_failed_is_not_repeated() -> None:
    failed = [row(series_id="b", status="timeout", repeat=1)]
    assert undecided(series("a", [1.0]) + failed, 1) == {"a"}
