"""Verdicts follow the rows: each claim holds on one made-up machine and fails on another."""

from dataclasses import replace

import pytest

from bench.analysis.claims import CHUNKS, NAMED, JudgedClaim, Written, claims
from bench.analysis.summary import groups
from bench.results import Measurement
from tests.ladders import MIB, rung

N = 1_000_000
SIMPLE = {"spark_sklearn": Written(45, ("scikit-learn", "pyspark", "java"))}
SPARK = {
    "compute_seconds_sum": 90.0,
    "build_seconds": 4.0,
    "python_workers": 2.0,
    "n_partitions": 16.0,
    "cores": 2.0,
    "idle_seconds": 1.0,
    "shipped_bytes": 2e8,
}


def trees_win() -> list[Measurement]:
    """Clustered points: exact search takes a minute, Annoy less."""
    return [
        rung("sklearn_matrix", N, 46.0, 650 * MIB),
        rung("sklearn_chunked", N, 50.0, 400 * MIB),
        rung("full_matrix", N, 2.0, 900 * MIB, status="out_of_memory", reason="asked for 3.6 TiB"),
        rung("annoy_loop", N, 30.0, 350 * MIB, recall=0.94, details={"picklable": "no: cannot pickle"}),
        rung("spark_sklearn", N, 48.0, 1500 * MIB, master="local[2,4]", details=SPARK),
    ]


def trees_lose() -> list[Measurement]:
    """Patches: exact search takes hours, Annoy is quicker than that at a poor recall."""
    slow = SPARK | {"compute_seconds_sum": 20_000.0}
    return [
        rung("sklearn_matrix", N, 10_000.0, 700 * MIB),
        rung("sklearn_chunked", N, 10_100.0, 300 * MIB),
        rung("full_matrix", N, 2.0, 900 * MIB, status="out_of_memory"),
        rung("annoy_loop", N, 80.0, 800 * MIB, recall=0.4, details={"picklable": "no: cannot pickle"}),
        rung("spark_sklearn", N, 10_050.0, 1500 * MIB, fit_seconds=5.0, master="local[2,4]", details=slow),
    ]


def verdicts(rows: list[Measurement], written: dict[str, Written] = SIMPLE) -> dict[str, JudgedClaim]:
    (group,) = groups(rows)
    return {verdict.claim: verdict for verdict in claims(group, written)}


def words(rows: list[Measurement]) -> list[str]:
    return [verdict.verdict for verdict in verdicts(rows).values()]


HOLDS, FAILS, UNTOLD = "holds", "does not hold", "undecided"


def test_where_trees_win_four_claims_hold() -> None:
    assert words(trees_win()) == [HOLDS, HOLDS, FAILS, FAILS, FAILS, HOLDS, HOLDS]


def test_where_trees_lose_verdicts_differ_as_the_rows_do() -> None:
    assert words(trees_lose()) == [HOLDS, HOLDS, HOLDS, UNTOLD, HOLDS, HOLDS, HOLDS]


def doctored(names: str, **fields: object) -> list[Measurement]:
    return [replace(row, **fields) if row.strategy in names.split() else row for row in trees_win()]


@pytest.mark.parametrize(
    ("claim", "rows", "verdict"),
    [
        ("C2", doctored("full_matrix", status="ok"), FAILS),
        ("C2", doctored("full_matrix", status="crashed"), UNTOLD),
        ("C3", doctored("sklearn_chunked spark_sklearn", total_seconds=2000.0), HOLDS),
        ("C4", doctored("annoy_loop", total_seconds=400.0), HOLDS),
        ("C4", doctored("annoy_loop", total_seconds=50.0), UNTOLD),
        ("C5", doctored("spark_sklearn", total_seconds=20.0), HOLDS),
        ("C6", doctored("annoy_loop", details={"picklable": "yes"}), FAILS),
    ],
)
def test_a_doctored_row_flips_its_claim_and_no_other(
    claim: str, rows: list[Measurement], verdict: str
) -> None:
    before, after = verdicts(trees_win()), verdicts(rows)
    assert after[claim].verdict == verdict
    assert {c for c in before if before[c].verdict != after[c].verdict} == {claim}


def test_a_fit_longer_than_the_query_is_not_as_claimed() -> None:
    rows = [replace(row, fit_seconds=500.0, total_seconds=551.0) for row in trees_win()]
    assert verdicts(rows)["C1"].verdict == FAILS


def test_a_full_matrix_that_was_not_started_counts_by_what_was_predicted() -> None:
    skipped = {"status": "skipped", "memory_limit_bytes": 1000 * MIB}
    sure = doctored("full_matrix", **skipped, predicted={"peak_anonymous_bytes_low": 2000.0 * MIB})
    unsure = doctored("full_matrix", **skipped, predicted={"peak_anonymous_bytes_low": 900.0 * MIB})
    assert (verdicts(sure)["C2"].verdict, verdicts(unsure)["C2"].verdict) == (HOLDS, UNTOLD)


@pytest.mark.parametrize(
    "written", [Written(500, SIMPLE["spark_sklearn"].requires), Written(45, ("scikit-learn", "annoy"))]
)
def test_many_lines_or_another_package_are_not_as_claimed(written: Written) -> None:
    assert verdicts(trees_win(), {"spark_sklearn": written})["C7"].verdict == FAILS


def test_what_cannot_be_told_for_want_of_rows_names_the_strategies_to_run() -> None:
    found = verdicts([rung("spark_annoy", N, 1.0, MIB)], {})
    assert {verdict.verdict for verdict in found.values()} == {UNTOLD}
    assert set(found["C4"].missing) == {"sklearn_matrix", "annoy_loop"}
    assert all(set(verdict.missing) <= set(NAMED) for verdict in found.values())


def test_partial_rows_count_with_what_all_rows_would_take() -> None:
    part = {"status": "partial", "rows_answered": 10_000, "total_seconds": 60.0, "query_seconds": 58.0}
    rows = doctored("sklearn_chunked", **part, extrapolated_seconds=5000.0)
    found = verdicts(rows)["C3"]
    assert found.verdict == HOLDS
    assert any(figure.what == f"total of {CHUNKS}" and figure.value == 5000.0 for figure in found.figures)


def test_the_minutes_of_a_cluster_are_predicted_with_an_interval() -> None:
    figures = [f for f in verdicts(trees_lose())["C5"].figures if f.interval is not None]
    assert len(figures) == 1
    assert figures[0].interval is not None
    assert figures[0].interval.low < 20_000 / 160 < figures[0].interval.high
    assert "20 executors of 8 cores" in figures[0].what


def test_the_script_without_the_harness_is_counted_beside_the_file() -> None:
    written = Written(45, SIMPLE["spark_sklearn"].requires, script_lines=19)
    figures = {f.what: f.value for f in verdicts(trees_win(), {"spark_sklearn": written})["C7"].figures}
    assert figures["lines of spark_sklearn"] == 45
    assert figures["lines of its script without the harness"] == 19
