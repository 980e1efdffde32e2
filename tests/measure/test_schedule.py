"""What is planned, in which order, and what makes two runs the same."""

from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from bench import catalog
from bench.measure.schedule import Limits, PlannedRun, Request, already_measured, plan
from tests.measure.runs import fake
from tests.rows import WORKLOAD, row

SEARCHES, THREADS, SPARK = map(fake, ("searches", "takes_threads", "spark_answers_slowly"))

load = cache(catalog.load)


def request(*names: str, **fields: Any) -> Request:
    listings = tuple(load(name) for name in names)
    defaults: dict[str, Any] = {
        "strategies": listings,
        "params": {listing.name: (listing.parameters,) for listing in listings},
        "pinned": {listing.name: frozenset() for listing in listings},
        "threads": (2,),
    }
    return Request(**defaults | fields)


def only(of: Request) -> PlannedRun:
    (run,) = plan(of, WORKLOAD, "17")
    return run


def with_params(name: str, params: dict[str, Any]) -> Request:
    listing = load(name)
    return request(name, params={listing.name: (listing.parameters | params,)})


def test_the_same_run_planned_twice_has_one_identity() -> None:
    assert only(request(SEARCHES)) == only(request(SEARCHES))


@pytest.mark.parametrize(
    "changed",
    [
        with_params(SEARCHES, {"search_k": 1}),
        with_params(SEARCHES, {"n_trees": 50}),
        request(SEARCHES, blas_kernel="SkylakeX"),
        request(SEARCHES, wrap="time"),
        request(SEARCHES, first_start=True),
        request(SEARCHES, variables={"FAISS_OPT_LEVEL": "generic"}),
        request(SEARCHES, repeats=1, params={"searches": ({"n_trees": [0.5]},)}),
        request(SEARCHES, repeats=1, params={"searches": ({"n_trees": [0, 5]},)}),
    ],
)
def test_whatever_could_change_the_figures_changes_the_identity(changed: Request) -> None:
    assert only(changed).run_id != only(request(SEARCHES)).run_id


def test_minus_one_and_one_stay_apart() -> None:
    runs = [only(with_params(SEARCHES, {"search_k": value})) for value in (-1, 1, [0.5], [0, 5])]
    assert len({run.run_id for run in runs}) == 4


def test_other_points_are_another_run() -> None:
    (run,) = plan(request(SEARCHES), replace(WORKLOAD, content_hash="beef"), "17")
    assert run.run_id != only(request(SEARCHES)).run_id


def test_a_local_and_a_cluster_run_stay_apart() -> None:
    local = only(request(SPARK))
    cluster = only(request(SPARK, master="spark://host:7077"))
    assert (local.master, cluster.master) == ("local[2,4]", "spark://host:7077")
    assert local.run_id != cluster.run_id


def test_a_java_is_part_of_the_identity_only_where_it_is_needed() -> None:
    for name, alike in ((SEARCHES, True), (SPARK, False)):
        first, second = (plan(request(name), WORKLOAD, java)[0].run_id for java in ("17", "21"))
        assert (first == second) is alike


def test_threads_are_swept_only_where_a_strategy_takes_them() -> None:
    runs = plan(request(SEARCHES, THREADS, threads=(1, 2)), WORKLOAD, "17")
    assert sorted((run.listing.name, run.threads) for run in runs) == [
        ("searches", 1),
        ("takes_threads", 1),
        ("takes_threads", 2),
    ]


def test_the_cores_of_a_local_master_are_its_threads() -> None:
    one_core = request(SPARK, master="local[1]", threads=(1, 2))
    assert [run.threads for run in plan(one_core, WORKLOAD, "17")] == [1]


def test_repeats_are_interleaved_in_an_order_that_the_seed_decides() -> None:
    repeated = request(SEARCHES, THREADS, fake("sleeps"), repeats=8)
    names = [run.listing.name for run in plan(repeated, WORKLOAD, "17")]
    assert names == [run.listing.name for run in plan(repeated, WORKLOAD, "17")]
    rounds = [tuple(names[i : i + 3]) for i in range(0, 24, 3)]
    assert all(len(set(one)) == 3 for one in rounds)
    assert len(set(rounds)) > 1


def test_each_repeat_of_a_randomized_strategy_has_a_seed_of_its_own_but_one_series() -> None:
    runs = plan(request(SEARCHES, repeats=3), WORKLOAD, "17")
    assert [run.params["seed"] for run in runs] == [0, 1, 2]
    assert len({run.series_id for run in runs}) == 1
    assert len({run.run_id for run in runs}) == 3


def test_a_seed_that_the_user_set_stays() -> None:
    pinned = {"searches": frozenset({"seed"})}
    runs = plan(request(SEARCHES, repeats=2, pinned=pinned), WORKLOAD, "17")
    assert [run.params["seed"] for run in runs] == [0, 0]


def test_what_is_measured_is_not_planned_again_and_what_failed_is() -> None:
    runs = plan(request(SEARCHES, fake("sleeps")), WORKLOAD, "17")
    rows = [row(run_id=runs[0].run_id), row(run_id=runs[1].run_id, status="crashed")]
    assert list(already_measured(runs, rows, Limits())) == [runs[0].run_id]


def test_the_row_names_where_answers_lie_in_the_end_and_the_strategy_where_to_write_them() -> None:
    run = only(request(SPARK, neighbors_to="/x/.draft", neighbors_at="/x/a"))
    assert (run.places["neighbors_to"], run.final_places["neighbors_to"]) == ("/x/.draft", "/x/a")
    assert only(request(SEARCHES, neighbors_to="/x/.draft", neighbors_at="/x/a")).final_places == {}
