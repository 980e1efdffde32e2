"""Ladders climbed in a made-up world, where each rung has its seconds and its recall."""

from dataclasses import replace

import pytest

from bench.experiment.rungs import Step, best, forecast, margin, reaches, steepness
from tests.experiment.worlds import FOREVER, LADDER, climb_of, measured, pair, rung, way_up
from tests.rows import row


def test_the_cheapest_rung_above_each_recall_is_confirmed_on_all_points_and_no_other() -> None:
    world = {"a": LADDER}
    climb = climb_of(world, 0.9, 0.95)
    steps, rows, _ = way_up(climb, world)
    assert [step for step in steps if not step.whole] == [Step("a", r, whole=False) for r in (0, 1, 2)]
    assert [step for step in steps if step.whole] == [Step("a", r, whole=True) for r in (1, 2)]
    assert {p.recall: p.step for p in climb.pairs(rows) if p.state == "reached"} == {
        0.9: Step("a", 1, whole=True),
        0.95: Step("a", 2, whole=True),
    }


def test_where_recall_falls_with_the_points_the_next_rung_is_tried() -> None:
    world = {"a": (rung(1, 0.92, falls=0.05), rung(2, 0.96, falls=0.05), rung(3, 0.99, falls=0.05))}
    climb = climb_of(world, 0.9)
    steps, rows, _ = way_up(climb, world)
    assert [step.rung for step in steps if step.whole] == [0, 1]
    assert pair(climb, rows, "a", 0.9).step == Step("a", 1, whole=True)


def test_one_run_serves_all_recalls_that_it_reaches() -> None:
    world = {"a": (rung(1, 0.999),)}
    steps, rows, _ = way_up(climb_of(world, 0.9, 0.95, 0.99), world)
    assert len(steps) == 2
    assert all(p.state == "reached" for p in climb_of(world, 0.9, 0.95, 0.99).pairs(rows))


def test_an_interval_that_holds_the_recall_asked_for_does_not_reach_it() -> None:
    assert not reaches(row(recall=0.91, recall_low=0.899), 0.9)
    assert reaches(row(recall=0.91, recall_low=0.9), 0.9)
    assert not reaches(row(status="partial", recall=0.99, recall_low=0.98), 0.9)


def test_a_recall_of_one_takes_an_exact_strategy_without_a_miss() -> None:
    whole = {"recall": 1.0, "recall_low": 0.998}
    assert reaches(row(exact=True, **whole), 1.0)
    assert not reaches(row(exact=False, **whole), 1.0)
    assert not reaches(row(exact=True, recall=0.9999, recall_low=0.999), 1.0)


def test_approximate_strategies_are_not_asked_for_exactness() -> None:
    world = {"a": LADDER}
    assert way_up(climb_of(world, 1.0), world)[0] == []


def test_first_comes_what_answers_a_question_that_nothing_answers_yet_then_the_cheapest() -> None:
    exact = ("exact",)
    world = {"slow": LADDER, "quick": tuple(rung(r.seconds[0] / 2, r.recall[0]) for r in LADDER)}
    world["exact"] = (rung(9, 1.0),)
    steps, _, _ = way_up(climb_of(world, 0.9, 0.95, 1.0, exact=exact), world, exact=exact)
    on_all = [(s.strategy, s.rung) for s in steps if s.whole]
    assert on_all == [("quick", 1), ("quick", 2), ("exact", 0), ("slow", 1), ("slow", 2)]


def test_where_a_budget_is_to_be_spent_what_cannot_be_the_best_comes_last() -> None:
    world = {"slow": (rung(40, 0.96),), "quick": (rung(1, 0.93), rung(30, 0.99))}
    steps, _, _ = way_up(replace(climb_of(world, 0.9, 0.98), complete=True), world)
    assert [(s.strategy, s.rung) for s in steps if s.whole] == [("quick", 0), ("quick", 1), ("slow", 0)]


def test_when_the_sample_has_had_its_time_what_it_says_is_run_on_all_points_before_the_rest_of_it() -> None:
    world = {"a": LADDER, "b": LADDER}
    climb = climb_of(world, 0.8, 0.95)
    rows = {step: measured(world, step) for step in (Step("a", 0, whole=False), Step("b", 0, whole=False))}
    assert climb.next(rows, FOREVER) == Step("a", 1, whole=False)
    assert climb.next(rows, FOREVER, sample_seconds_left=0) == Step("a", 0, whole=True)
    rows |= {step: measured(world, step) for step in (Step("a", 0, whole=True), Step("b", 0, whole=True))}
    assert climb.next(rows, FOREVER, sample_seconds_left=0) == Step("a", 1, whole=False)


def test_on_the_sample_exact_strategies_come_after_the_others() -> None:
    world = {"exact": (rung(9, 1.0),), "a": LADDER}
    assert way_up(climb_of(world, 0.9, exact=("exact",)), world)[0][:2] == [
        Step("a", 0, whole=False),
        Step("exact", 0, whole=False),
    ]


def test_without_a_sample_rungs_are_climbed_on_all_points() -> None:
    world = {"a": LADDER}
    steps, _, _ = way_up(climb_of(world, 0.95, sampled=False), world)
    assert steps == [Step("a", r, whole=True) for r in range(3)]


def test_a_rung_that_cannot_be_the_best_any_more_is_left_out_and_it_is_said_why() -> None:
    world = {"quick": (rung(1, 0.96),), "slow": (rung(40, 0.96),)}
    climb = climb_of(world, 0.9)
    steps, rows, left = way_up(climb, world)
    assert Step("slow", 0, whole=True) not in steps
    reason = climb.left_out(rows, left)[Step("slow", 0, whole=True)]
    assert reason.startswith("cannot be the best at recall 0.9: about 504 s expected, quick took 13 s")


def test_what_is_slower_by_less_than_single_runs_can_tell_is_run() -> None:
    world = {"quick": (rung(1, 0.96),), "slower": (rung(2, 0.96),)}
    assert len([step for step in way_up(climb_of(world, 0.9), world)[0] if step.whole]) == 2


def test_an_exact_strategy_is_run_where_exactness_is_asked_for_however_slow() -> None:
    exact = ("slow",)
    world = {"quick": (rung(1, 0.96),), "slow": (rung(40, 1.0),)}
    for recalls, runs in (((0.9,), 0), ((0.9, 1.0), 1)):
        steps, _, _ = way_up(climb_of(world, *recalls, exact=exact), world, exact=exact)
        assert steps.count(Step("slow", 0, whole=True)) == runs


def test_the_margin_shrinks_with_repeats_that_agree() -> None:
    single = [row(series_id="s", total_seconds=10.0)]
    agree = [row(series_id="s", total_seconds=seconds) for seconds in (10.0, 10.1)]
    differ = [row(series_id="s", total_seconds=seconds) for seconds in (10.0, 18.0)]
    assert margin(agree) < margin(single) < margin(differ)


def test_what_the_budget_does_not_allow_for_is_left_out_and_a_cheaper_run_done_instead() -> None:
    world = {"dear": (rung(20, 0.96),), "cheap": (rung(10, 0.96),)}
    climb = climb_of(world, 0.9)
    steps, rows, left = way_up(climb, world, seconds=30 + 130)
    assert [step.strategy for step in steps if step.whole] == ["cheap"]
    assert climb.left_out(rows, left)[Step("dear", 0, whole=True)].startswith("the budget ended before it")


def test_a_budget_that_ends_on_the_sample_is_said_of_each_strategy() -> None:
    world = {"a": LADDER, "b": LADDER}
    climb = climb_of(world, 0.9, 0.95)
    _, rows, left = way_up(climb, world, seconds=1.5)
    assert set(climb.left_out(rows, left).values()) == {
        "the budget ended before its rungs were tried (on 1,000 points)"
    }


def test_what_was_measured_before_is_not_run_again() -> None:
    world = {"a": LADDER}
    climb = climb_of(world, 0.95)
    steps, rows, _ = way_up(climb, world)
    for done in range(len(steps)):
        known = {step: rows[step] for step in steps[:done]}
        assert climb.next(known, FOREVER) == steps[done]


@pytest.mark.parametrize("status", ["unavailable", "crashed", "timeout", "out_of_memory", "wrong"])
def test_who_fails_on_the_sample_is_not_run_on_all_points(status: str) -> None:
    world = {"a": (rung(1, 0.8, status=status, reason="so it is"), rung(2, 0.99))}
    climb = climb_of(world, 0.9)
    steps, rows, left = way_up(climb, world)
    assert steps == [Step("a", 0, whole=False)]
    reason = f"{status}: so it is (on 1,000 points)"
    assert climb.left_out(rows, left) == {Step("a", 1, whole=True): reason}


def test_a_recall_that_no_rung_reaches_is_told_with_what_was_reached() -> None:
    world = {"a": (rung(1, 0.8), rung(2, 0.9))}
    climb = climb_of(world, 0.95)
    _, rows, _ = way_up(climb, world)
    assert pair(climb, rows, "a", 0.95).reason == (
        "its most accurate rung reaches a recall of 0.9000, 0.95 is asked for (on 1,000 points)"
    )


def test_a_forecast_grows_with_the_points_and_learns_from_what_was_run_on_all() -> None:
    world = {"a": (rung(2, 0.9, whole=50.0, start_seconds=1.0), rung(3, 0.95, start_seconds=1.0))}
    rows = {Step("a", r, whole=False): measured(world, Step("a", r, whole=False)) for r in (0, 1)}
    before = forecast(Step("a", 1, whole=True), rows, 10)
    assert before == pytest.approx(1 + 2 * 10**1.1)
    rows[Step("a", 0, whole=True)] = measured(world, Step("a", 0, whole=True))
    assert forecast(Step("a", 1, whole=True), rows, 10) == pytest.approx(before * 50 / (1 + 10**1.1))


def test_without_a_sample_a_rung_is_forecast_to_take_what_the_one_below_took() -> None:
    rows = {Step("a", 0, whole=True): row(total_seconds=7.0)}
    assert forecast(Step("a", 0, whole=True), {}, 1) is None
    assert forecast(Step("a", 1, whole=True), rows, 1) == 7.0


def test_a_rung_that_was_never_run_may_be_as_much_slower_than_the_last_as_that_was() -> None:
    rows = {Step("a", r, whole=True): row(total_seconds=seconds) for r, seconds in ((0, 40.0), (1, 100.0))}
    assert steepness(Step("a", 2, whole=True), rows) == 2.5
    assert steepness(Step("a", 1, whole=True), rows) == 1.0
    assert steepness(Step("a", 2, whole=True), rows | {Step("a", 2, whole=False): row()}) == 1.0


def test_without_a_sample_the_cheaper_strategy_climbs_first() -> None:
    world = {"slow": tuple(replace(r, seconds=(0.0, 90.0)) for r in LADDER), "quick": LADDER}
    steps, _, _ = way_up(climb_of(world, 0.9, 0.95, sampled=False), world)
    assert [(s.strategy, s.rung) for s in steps][:4] == [
        ("slow", 0),
        ("quick", 0),
        ("quick", 1),
        ("quick", 2),
    ]


def test_a_forecast_is_quadratic_where_the_strategy_says_so_and_where_an_exact_one_may_be() -> None:
    on_sample, whole = Step("a", 0, whole=False), Step("a", 0, whole=True)
    quadratic = {on_sample: row(total_seconds=1.0, start_seconds=0.0, details={"growth": "quadratic"})}
    assert forecast(whole, quadratic, 10) == pytest.approx(100)
    exact = {on_sample: row(total_seconds=1.0, start_seconds=0.0, exact=True)}
    assert forecast(whole, exact, 10) == pytest.approx(10**1.1)
    assert forecast(whole, exact, 10, at_most=True) == pytest.approx(100)


def test_the_best_is_the_quickest_of_its_kind_that_reaches_the_recall() -> None:
    exact = ("e",)
    world = {"a": (rung(1, 0.92),), "b": (rung(2, 0.97),), "e": (rung(3, 1.0),)}
    _, rows, _ = way_up(climb_of(world, 0.9, 1.0, exact=exact), world, exact=exact)
    assert best(0.9, rows) == Step("a", 0, whole=True)
    assert best(0.95, rows) == Step("b", 0, whole=True)
    assert best(0.9, rows, exact=True) == Step("e", 0, whole=True)
    assert best(1.0, rows, exact=False) is None


def test_where_all_points_are_a_sample_themselves_what_counts_is_the_forecast_for_those_asked_for() -> None:
    quadratic = {"start_seconds": 0.0, "details": {"growth": "quadratic"}}
    world = {"quick": (rung(0.1, 0.99, whole=10.0, **quadratic),), "scales": (rung(3, 0.99, whole=40.0),)}
    here = climb_of(world, 0.9)
    assert Step("scales", 0, whole=True) not in way_up(here, world)[0]
    _, rows, _ = way_up(replace(here, n_asked=1_000_000), world)
    assert Step("scales", 0, whole=True) in rows
    assert best(0.9, rows) == Step("quick", 0, whole=True)
    assert best(0.9, rows, beyond=100) == Step("scales", 0, whole=True)


def test_a_ladder_whose_low_rungs_are_far_too_slow_is_climbed_no_further_on_the_sample() -> None:
    world = {"quick": (rung(1, 0.96),), "slow": (rung(50, 0.8), rung(60, 0.99))}
    climb = climb_of(world, 0.9)
    assert Step("slow", 1, whole=False) in way_up(climb, world)[0]
    assert Step("slow", 1, whole=False) not in way_up(replace(climb, slower_by=10.0), world)[0]


def test_an_exact_strategy_that_missed_nothing_reaches_any_recall() -> None:
    assert reaches(row(exact=True, recall=1.0, recall_low=0.998), 0.999)
