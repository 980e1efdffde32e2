from bench.analysis.summary import groups
from bench.report.comparisons import MOST_PAIRS, Comparisons, compare_outcomes
from bench.results import Measurement
from tests.report.rows import failed, row


def _compare(*rows: Measurement) -> Comparisons:
    return compare_outcomes(groups(rows)[0])


def _repeated(name: str, seconds: float, repeats: int = 8, **fields: object) -> list[Measurement]:
    """Runs that vary by a few percent, each strategy's in its own way."""
    wobble = [((i * len(name) * 7) % 5 - 2) / 100 for i in range(repeats)]
    return [row(name, seconds=seconds * (1 + w), repeat=i, **fields) for i, w in enumerate(wobble, 1)]


def test_the_faster_of_two_is_named_with_ratio_and_interval() -> None:
    (pair,) = _compare(*_repeated("a", 1.0), *_repeated("bb", 2.0)).pairs
    assert pair.is_distinguishable
    assert pair.words.startswith("a is 2.0")
    assert "x faster than bb [" in pair.words


def test_too_few_repeats_are_said_once() -> None:
    found = _compare(*_repeated("a", 1.0, 3), *_repeated("bb", 1.0, 3))
    assert "Fewer than 6 repeats" in found.caption
    assert found.pairs == []


def test_single_runs_are_not_paired() -> None:
    found = _compare(row("a", seconds=1.0), row("b", seconds=2.0))
    assert found.pairs == []
    assert "single runs" in found.caption
    assert found.command.startswith("allknn-bench run ./a.py ./b.py --workload million")
    assert found.command.endswith("--repeats auto")


def test_the_two_fastest_within_the_limits_are_to_be_repeated() -> None:
    found = _compare(row("a", seconds=1.0, exact=False, recall_low=0.5), row("b"), row("c", seconds=99.0))
    assert found.command.startswith("allknn-bench run ./b.py ./c.py --workload million")


def test_failures_take_no_part() -> None:
    found = _compare(*_repeated("a", 1.0), failed("b", "crashed", "it broke"))
    assert (found.pairs, found.caption, found.command) == ([], "", "")


def test_repeats_until_decided_are_read_more_strictly() -> None:
    def verdicts(asked: str) -> list[bool]:
        found = _compare(
            *_repeated("a", 1.0, 6, repeats_asked=asked), *_repeated("bb", 2.0, 6, repeats_asked=asked)
        )
        return [pair.is_distinguishable for pair in found.pairs]

    assert verdicts("6") == [True]
    assert verdicts("auto") == []


def test_of_many_pairs_those_near_in_rank_are_shown_and_the_rest_counted() -> None:
    found = _compare(*(r for i in range(12) for r in _repeated(f"s{i:02}", 1.0, 6)))
    assert len(found.pairs) == MOST_PAIRS
    assert found.left_out == 12 * 11 // 2 - MOST_PAIRS
    assert found.pairs[0].words.startswith("s00 and s01")
    assert not any("s11" in pair.words and "s00" in pair.words for pair in found.pairs)


def test_a_group_of_failures_alone_has_nothing_to_compare() -> None:
    assert _compare(failed("a", "crashed", "it broke")).caption == ""
