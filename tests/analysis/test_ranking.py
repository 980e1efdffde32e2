import math

from hypothesis import given
from hypothesis import strategies as st

from bench.analysis.ranking import Figures, UserLimits, figures, misses, rank, rank_outcomes
from bench.analysis.summary import groups
from tests.report.rows import GIB, failed, row

FAST = Figures(seconds=10.0, seconds_high=12.0, recall_low=0.93, memory_high=4.0 * GIB)
SLOW = Figures(seconds=90.0, seconds_high=95.0, recall_low=1.0, memory_high=1.0 * GIB)
_BOTH = [("slow", SLOW), ("fast", FAST)]


def test_without_limits_all_fit_and_the_fastest_comes_first() -> None:
    assert rank(_BOTH, UserLimits()).fitting == ("fast", "slow")


def test_each_limit_alone_changes_what_is_taken() -> None:
    assert rank(_BOTH, UserLimits(recall=0.95)).fitting == ("slow",)
    assert rank(_BOTH, UserLimits(memory_bytes=2 * GIB)).fitting == ("slow",)
    assert rank(_BOTH, UserLimits(seconds=60.0)).fitting == ("fast",)


def test_the_unfavorable_end_of_an_interval_decides() -> None:
    assert misses(FAST, UserLimits(recall=0.93, seconds=12.0, memory_bytes=4 * GIB)) == {}
    assert set(misses(FAST, UserLimits(recall=0.931, seconds=11.9, memory_bytes=3.9 * GIB))) == {
        "recall",
        "time",
        "memory",
    }


def test_where_none_fits_the_nearest_is_the_one_with_the_smallest_worst_miss() -> None:
    ranking = rank(_BOTH, UserLimits(recall=0.95, seconds=80.0))
    assert ranking.fitting == ()
    assert ranking.nearest == "slow"
    assert rank(_BOTH, UserLimits(recall=0.95, seconds=20.0)).nearest == "fast"


def test_of_nothing_nothing_is_nearest() -> None:
    assert rank([], UserLimits()).nearest is None


def test_limits_of_zero_are_missed_without_a_division() -> None:
    assert misses(SLOW, UserLimits(memory_bytes=0, seconds=0)) == {"memory": math.inf, "time": math.inf}


def test_repeats_count_with_their_slowest_and_largest() -> None:
    (outcome,) = groups(
        [row(seconds=s, repeat=i, peak_memory_bytes=GIB * i) for i, s in ((1, 5.0), (2, 6.0), (3, 9.0))]
    )[0].outcomes
    found = figures(outcome)
    assert found is not None
    assert (found.seconds, found.seconds_high, found.memory_high) == (6.0, 9.0, 3.0 * GIB)


def test_an_exact_way_that_missed_nothing_reaches_a_recall_of_one() -> None:
    exact, other = (
        groups([row(exact=exact, recall=1.0, recall_low=0.9996)])[0].outcomes for exact in (True, False)
    )
    assert len(rank_outcomes(exact, UserLimits(recall=1.0)).fitting) == 1
    assert rank_outcomes(other, UserLimits(recall=1.0)).fitting == ()


def test_failures_are_no_candidates_and_unknown_memory_fits_no_limit() -> None:
    outcomes = groups([row("a", peak_memory_bytes=None), failed("b", "timeout", "too slow")])[0].outcomes
    assert [o.label for o in rank_outcomes(outcomes, UserLimits()).fitting] == ["a"]
    assert rank_outcomes(outcomes, UserLimits(memory_bytes=2**50)).fitting == ()


_FIGURES = st.builds(
    Figures,
    seconds=st.floats(0.1, 1e5),
    seconds_high=st.floats(0.1, 1e5),
    recall_low=st.floats(0, 1),
    memory_high=st.floats(1, 1e12),
)
_LIMITS = st.builds(
    UserLimits, recall=st.floats(0, 1), memory_bytes=st.floats(1, 1e12), seconds=st.floats(0.1, 1e5)
)


@given(st.lists(_FIGURES, max_size=8), _LIMITS)
def test_what_fits_misses_nothing_and_only_where_none_fits_there_is_a_nearest(
    found: list[Figures], limits: UserLimits
) -> None:
    ranking = rank(list(enumerate(found)), limits)
    assert set(ranking.fitting) == {i for i, f in enumerate(found) if not misses(f, limits)}
    assert [found[i].seconds for i in ranking.fitting] == sorted(found[i].seconds for i in ranking.fitting)
    assert (ranking.nearest is None) == bool(ranking.fitting or not found)
