import pytest

from bench.analysis.ranking import UserLimits
from bench.analysis.summary import groups
from bench.report.answer import OPENING, answer, limits_in_words
from bench.results import Measurement
from tests.report.rows import GIB, failed, row, unstarted


def _answer(*rows: Measurement, limits: UserLimits = OPENING) -> str:
    return " ".join(answer(groups(rows)[0], limits).sentences)


def _notes(*rows: Measurement, limits: UserLimits = OPENING) -> list[tuple[int | None, str]]:
    return [(standing.rank, standing.note) for standing in answer(groups(rows)[0], limits).standings]


_THREE = [
    row("annoy_loop", seconds=20.0, recall=0.97, recall_low=0.96, recall_high=0.98),
    row("sklearn_matrix", seconds=95.2, recall=1.0),
    row("sloppy", seconds=5.0, recall=0.5, recall_low=0.4, recall_high=0.6, exact=False),
]


def test_the_fastest_that_fits_and_the_fastest_exact_one_are_named_with_figures() -> None:
    said = _answer(*_THREE)
    assert (
        "Of the 3 strategies measured, annoy_loop was the fastest with a recall of at least 0.95: 20 s"
        in said
    )
    assert (
        "The fastest exact one within your limits is sklearn_matrix: 95.2 s at recall 1.000, with 512 MiB"
        in said
    )


def test_moved_limits_change_the_answer() -> None:
    assert "sloppy was the fastest with any recall: 5 s" in _answer(*_THREE, limits=UserLimits())
    said = _answer(*_THREE, limits=UserLimits(recall=0.97))
    assert "sklearn_matrix was the fastest with a recall of at least 0.97: 95.2 s" in said
    assert "It is exact." in said


def test_rows_say_their_rank_or_which_limits_they_miss() -> None:
    assert _notes(*_THREE) == [(None, "misses recall"), (1, "recommended"), (2, "")]
    tight = UserLimits(recall=0.99, memory_bytes=GIB / 4, seconds=10.0)
    assert _notes(*_THREE, limits=tight) == [
        (None, "misses recall, memory"),
        (None, "misses recall, memory, time"),
        (None, "misses memory, time"),
    ]


def test_where_none_fits_the_nearest_is_named_with_what_it_misses() -> None:
    said = _answer(*_THREE, limits=UserLimits(recall=0.95, seconds=10.0))
    assert "None of the 3 strategies measured is sure to meet your limits: a recall of at least 0.95" in said
    assert "The closest is annoy_loop, 20 s at recall 0.970" in said
    assert said.endswith("it takes up to 20 s.")


def test_limits_are_joined_as_one_says_them() -> None:
    words = limits_in_words(UserLimits(recall=0.9, memory_bytes=4 * GIB, seconds=600.0))
    assert words == ("a recall of at least 0.9, at most 4 GiB of memory and a total of at most 10 min")


def test_single_runs_are_not_compared() -> None:
    assert "they were not compared" in _answer(row("a", seconds=1.0), row("b", seconds=2.0))


def test_repeats_are_compared_by_a_test() -> None:
    rows = [
        row(name, seconds=s + i / 100, repeat=i) for name, s in (("a", 1.0), ("b", 2.0)) for i in range(1, 9)
    ]
    assert "a is 1.9" in _answer(*rows)
    assert "too few repeats" in _answer(*[r for r in rows if r.repeat < 4])


@pytest.mark.parametrize(
    ("repeats", "note"),
    [(1, ""), (4, "too few repeats to compare with recommended"), (8, "≈ recommended: not distinguishable")],
)
def test_what_is_not_distinguishable_from_the_recommended_strategy_is_marked(repeats: int, note: str) -> None:
    rows = [
        row(name, seconds=1 + ((i * weight) % 5) / 100, repeat=i)
        for name, weight in (("a", 7), ("b", 3))
        for i in range(1, repeats + 1)
    ]
    assert _notes(*rows) == [(1, "recommended"), (2, note)]


def test_strategies_that_never_ran_are_not_counted_as_measured() -> None:
    assert "the only strategy measured" in _answer(row(), unstarted("b", "unavailable", "no Java"))


def test_only_failures_are_said_to_be_failures() -> None:
    said = _answer(
        failed("a", "timeout", "too slow"), failed("b", "partial", "limit", extrapolated_seconds=7200.0)
    )
    assert said.startswith("No run gave complete and correct answers: ")
    assert "b would take about 2 h, extrapolated" in said
