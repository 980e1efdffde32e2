from dataclasses import replace

from bench.analysis.summary import fastest, groups
from tests.report.rows import MILLION, failed, row, unstarted


def test_rows_of_unlike_machines_workloads_and_k_are_never_in_one_group() -> None:
    rows = [
        row(),
        row(machine="another"),
        row(workload=replace(MILLION, k=20)),
        row(workload=replace(MILLION, content_hash="b", n=500)),
        row(workload=replace(MILLION, metric="cosine")),
    ]
    assert [len(group.rows) for group in groups(rows)] == [1] * 5


def test_the_group_measured_last_comes_first() -> None:
    rows = [row(machine="old", started_at="2024-01-01"), row(machine="new", started_at="2025-01-01")]
    assert [group.machine for group in groups(rows)] == ["new", "old"]


def test_of_rows_of_the_same_run_the_last_one_counts() -> None:
    first = row(seconds=9.0)
    (group,) = groups([first, replace(first, total_seconds=5.0)])
    assert [run.total_seconds for run in group.rows] == [5.0]


def test_repeats_fold_into_one_outcome_with_their_median_run_and_spread() -> None:
    rows = [row(seconds=s, repeat=i) for i, s in enumerate((7.0, 3.0, 5.0), 1)]
    (outcome,) = groups(rows)[0].outcomes
    assert outcome.median.total_seconds == 5.0
    assert outcome.spread(lambda run: run.total_seconds) == (3.0, 7.0)


def test_of_an_even_number_of_repeats_the_faster_middle_run_is_the_median() -> None:
    (outcome,) = groups([row(seconds=s, repeat=i) for i, s in enumerate((4.0, 3.0, 2.0, 1.0), 1)])[0].outcomes
    assert outcome.median.total_seconds == 2.0


def test_a_seed_that_counts_the_repeats_makes_no_outcomes_of_its_own() -> None:
    rows = [
        row("annoy_loop", params={"n_trees": 9, "seed": i - 1}, repeat=i, series_id="s") for i in (1, 2, 3)
    ]
    assert [outcome.label for outcome in groups(rows)[0].outcomes] == ["annoy_loop"]


def test_seeds_that_were_swept_are_outcomes_told_apart_by_their_label() -> None:
    rows = [row("annoy_loop", params={"seed": seed}, seconds=10.0 + seed) for seed in (1, 2)]
    labels = [outcome.label for outcome in groups(rows)[0].outcomes]
    assert labels == ["annoy_loop seed=1", "annoy_loop seed=2"]


def test_a_series_of_one_run_is_not_named_by_its_seed_beside_one_whose_seeds_count_repeats() -> None:
    repeated = [row("annoy_loop", params={"n": 1, "seed": i}, repeat=i + 1, series_id="s") for i in (0, 1)]
    single = row("annoy_loop", params={"n": 2, "seed": 0}, seconds=99.0)
    labels = {outcome.label for outcome in groups([*repeated, single])[0].outcomes}
    assert labels == {"annoy_loop n=1", "annoy_loop n=2"}


def test_rows_without_a_series_stand_alone() -> None:
    rows = [row(repeat=i, series_id="", started_at=f"2025-01-0{i}") for i in (1, 2)]
    assert [len(outcome.runs) for outcome in groups(rows)[0].outcomes] == [1, 1]


def test_an_option_is_named_where_only_one_of_two_has_it() -> None:
    rows = [
        row("faiss_flat", seconds=s, blas_kernel=kernel) for s, kernel in ((2.0, None), (1.0, "SkylakeX"))
    ]
    labels = [outcome.label for outcome in groups(rows)[0].outcomes]
    assert labels == ["faiss_flat blas_kernel=SkylakeX", "faiss_flat"]


def test_a_first_start_is_named_beside_a_later_one() -> None:
    rows = [row("x", seconds=s, first_start=first) for s, first in ((2.0, True), (1.0, False))]
    assert [outcome.label for outcome in groups(rows)[0].outcomes] == ["x", "x start=first"]


def test_a_label_names_only_the_settings_that_differ() -> None:
    rows = [
        row("annoy_loop", params={"n_trees": n, "search_k": 5}, threads=t, seconds=float(n * t))
        for n in (10, 20)
        for t in (1, 2)
    ]
    assert groups(rows)[0].outcomes[0].label == "annoy_loop n_trees=10 threads=1"


def test_settings_that_look_alike_stay_apart() -> None:
    rows = [row(params={"a": value}, seconds=float(i)) for i, value in enumerate((1, -1, "1", True), 1)]
    assert len(groups(rows)[0].outcomes) == 4


def test_a_repeat_that_failed_is_an_outcome_of_its_own() -> None:
    rows = [
        row(seconds=5.0, repeat=1),
        row(seconds=6.0, repeat=2),
        failed("sklearn_matrix", "timeout", "too slow", repeat=3),
    ]
    assert [outcome.median.status for outcome in groups(rows)[0].outcomes] == ["ok", "timeout"]


def test_the_same_setting_run_by_other_versions_is_not_a_repeat() -> None:
    old, new = (
        row(started_at=f"{year}-01-01", run_id=f"r{year}", series_id=f"s{year}") for year in (2024, 2025)
    )
    labels = {outcome.label for outcome in groups([old, new])[0].outcomes}
    assert labels == {"sklearn_matrix (2024-01-01)", "sklearn_matrix (2025-01-01)"}


def test_only_successes_that_reach_the_recall_can_be_the_fastest() -> None:
    rows = [
        row("quick", seconds=1.0, recall=0.5, exact=False),
        row("good", seconds=3.0, recall=0.96, exact=False),
        row("exact", seconds=4.0, recall=1.0, exact=True),
        failed("liar", "wrong", "repeats an id", seconds=0.5, recall=1.0),
        unstarted("absent", "unavailable", "not installed"),
    ]
    (group,) = groups(rows)
    good, exact = fastest(group.outcomes, recall=0.95), fastest(group.outcomes, exact=True)
    assert good is not None
    assert exact is not None
    assert (good.strategy, exact.strategy) == ("good", "exact")
    assert fastest(group.outcomes, recall=1.1) is None
