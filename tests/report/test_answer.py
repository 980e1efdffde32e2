from bench.analysis.summary import groups
from bench.report.answer import answer
from bench.results import Measurement
from tests.report.rows import failed, row, unstarted


def _answer(*rows: Measurement) -> str:
    return " ".join(answer(groups(rows)[0]))


def test_the_fastest_with_good_recall_and_the_fastest_exact_one_are_named_with_figures() -> None:
    said = _answer(
        row("annoy_loop", seconds=20.0, recall=0.97),
        row("sklearn_matrix", seconds=95.2, recall=1.0),
        row("sloppy", seconds=5.0, recall=0.5, exact=False),
    )
    assert "Of the 3 strategies measured, annoy_loop was the fastest to reach a recall of 0.95: 20 s" in said
    assert "The fastest exact one was sklearn_matrix: 95.2 s at recall 1.000, with 512 MiB" in said


def test_single_runs_are_not_called_a_comparison() -> None:
    assert "no comparison was made" in _answer(row("a", seconds=1.0), row("b", seconds=2.0))


def test_repeats_are_compared_by_a_test() -> None:
    rows = [
        row(name, seconds=s + i / 100, repeat=i) for name, s in (("a", 1.0), ("b", 2.0)) for i in range(1, 9)
    ]
    assert "a is 1.9" in _answer(*rows)
    assert "too few repeats" in _answer(*[r for r in rows if r.repeat < 4])


def test_where_none_reaches_the_recall_the_best_is_named() -> None:
    said = _answer(
        row("a", seconds=1.0, recall=0.7, exact=False), row("b", seconds=2.0, recall=0.9, exact=False)
    )
    assert "none is known to reach a recall of 0.95; the best was b" in said


def test_strategies_that_never_ran_are_not_counted_as_measured() -> None:
    assert "the only one measured" in _answer(row(), unstarted("b", "unavailable", "no Java"))


def test_only_failures_are_said_to_be_failures() -> None:
    said = _answer(
        failed("a", "timeout", "too slow"), failed("b", "partial", "limit", extrapolated_seconds=7200.0)
    )
    assert said.startswith("No run gave complete and right answers: ")
    assert "b would take about 2 h, extrapolated" in said
