"""What is advised moves with the limits, and says how sure it is."""

import math

import pytest

from bench.analysis.advice import Advice, advise, candidates, hopeless
from bench.analysis.curves import curves, setting_of
from bench.analysis.ranking import UserLimits
from bench.results import Measurement
from tests.ladders import MIB, ladder, rung

N = 1_000_000
ROWS = [
    rung("quick", N, 50.0, 3000 * MIB, recall=0.93),
    rung("good", N, 100.0, 1000 * MIB, recall=0.97),
    rung("exact", N, 400.0, 500 * MIB),
]


def advice(rows: list[Measurement], **limits: float) -> Advice:
    return advise(candidates(curves(rows), N), N, UserLimits(**limits))


def chosen(**limits: float) -> str | None:
    best = advice(ROWS, **limits).best
    return None if best is None else best.label


@pytest.mark.parametrize(
    ("limits", "label"),
    [
        ({}, "quick"),
        ({"recall": 0.926}, "quick"),
        ({"recall": 0.93}, "good"),  # 0.93 is measured, 0.926 is what it surely is
        ({"recall": 0.9659}, "good"),
        ({"recall": 0.9661}, "exact"),
        ({"recall": 1.0}, "exact"),
        ({"memory_bytes": 3000 * MIB}, "quick"),
        ({"memory_bytes": 2999 * MIB}, "good"),
        ({"memory_bytes": 999 * MIB}, "exact"),
        ({"memory_bytes": 499 * MIB}, None),
        ({"recall": 0.95, "seconds": 111.0}, "good"),
        ({"recall": 0.95, "seconds": 110.9}, None),
        ({"recall": 0.99, "seconds": 441.0}, "exact"),
        ({"recall": 0.99, "seconds": 440.9}, None),
    ],
)
def test_moving_a_limit_across_a_measured_figure_changes_the_answer(
    limits: dict[str, float], label: str | None
) -> None:
    assert chosen(**limits) == label


def test_where_none_fits_the_nearest_misses_say_by_what() -> None:
    found = advice(ROWS, recall=0.95, memory_bytes=800 * MIB, seconds=200.0)
    assert found.best is None
    assert [miss.candidate.label for miss in found.nearest[:2]] == ["good", "exact"]
    assert found.nearest[0].factors == {"memory": pytest.approx(1.25)}
    assert found.nearest[1].factors == {"time": pytest.approx(441 / 200)}


def test_a_setting_that_was_measured_on_fewer_points_only_is_judged_by_its_intervals_worse_end() -> None:
    (candidate,) = candidates(curves(ladder("grown")), N)
    assert candidate.measured == ()
    assert candidate.figures.seconds < candidate.figures.seconds_high
    between = (candidate.figures.seconds + candidate.figures.seconds_high) / 2
    rows = ladder("grown")
    assert advice(rows, seconds=between).best is None
    assert advice(rows, seconds=candidate.figures.seconds_high).best is not None


def test_what_was_measured_at_one_other_size_alone_is_no_candidate() -> None:
    assert candidates(curves([rung("once", 10_000, 1.0, MIB)]), N) == []


def test_single_runs_are_not_told_apart_and_repeats_are() -> None:
    single = advice(ROWS)
    assert single.comparison is not None
    assert (single.comparison.verdict, single.is_distinguishable) == ("too few repeats", False)
    repeated = [
        rung(name, N, seconds + i, 100 * MIB, repeat=i)
        for name, seconds in (("a", 50.0), ("b", 90.0))
        for i in range(1, 9)
    ]
    found = advice(repeated)
    assert found.best is not None
    assert (found.best.label, found.is_distinguishable) == ("a", True)


@pytest.mark.parametrize(("slower_by", "told_apart"), [(1.05, False), (20.0, True)])
def test_predictions_are_told_apart_where_they_lie_far_apart(slower_by: float, told_apart: bool) -> None:
    found = advice([*ladder("one", seconds=10.0), *ladder("other", seconds=10.0 * slower_by)])
    assert found.best is not None
    assert found.faster is not None
    assert (found.best.label, found.is_distinguishable) == ("one", told_apart)
    assert 0.4 < found.faster <= 1.0


@pytest.mark.parametrize(
    ("fields", "without"),
    [
        ({"status": "crashed"}, True),
        ({"status": "wrong"}, True),
        ({"status": "ok"}, False),
        ({"status": "timeout", "time_limit_seconds": 60.0}, True),
        ({"status": "timeout", "time_limit_seconds": 59.0}, False),
        ({"status": "out_of_memory", "memory_limit_bytes": 200 * MIB}, True),
        ({"status": "out_of_memory", "memory_limit_bytes": 100 * MIB}, False),
    ],
)
def test_what_failed_here_under_no_narrower_limits_is_left_out(
    fields: dict[str, object], without: bool
) -> None:
    failed = rung("failing", N, 1.0, MIB, **fields)
    found = hopeless([failed], N, UserLimits(seconds=60.0, memory_bytes=200 * MIB))
    assert found == ({setting_of(failed)} if without else set())
    assert hopeless([failed], N + 1, UserLimits(seconds=math.inf)) == set()
