import pytest

from bench.analysis.summary import groups
from bench.report.table_bars import memory_bar, time_bar
from tests.report.rows import GIB, failed, row, unstarted


def test_the_bars_of_time_are_as_long_as_the_times_and_end_to_end() -> None:
    outcomes = groups([row("a", seconds=100.0), row("b", seconds=25.0)])[0].outcomes
    bars = {o.label: time_bar(o, outcomes) for o in outcomes}
    for name, whole in (("a", 100.0), ("b", 25.0)):
        assert len(bars[name]) == 3
        assert sum(span.width for span in bars[name]) == pytest.approx(whole, abs=0.2)
        assert bars[name][1].left == bars[name][0].width


def test_memory_is_split_into_anonymous_and_file_backed() -> None:
    outcomes = groups([row(peak_memory_bytes=4 * GIB, peak_anonymous_bytes=GIB)])[0].outcomes
    first, second = memory_bar(outcomes[0], outcomes)
    assert (first.width, second.left, second.width) == (25.0, 25.0, 75.0)
    assert first.opacity > second.opacity


def test_a_failure_has_one_faint_part_and_what_never_ran_none() -> None:
    rows = [row("a", seconds=10.0), failed("b", "crashed", "it broke", seconds=5.0)]
    outcomes = groups([*rows, unstarted("c", "unavailable", "not installed")])[0].outcomes
    bars = {o.label: time_bar(o, outcomes) for o in outcomes}
    assert [span.width for span in bars["b"]] == [50.0]
    assert bars["b"][0].opacity < min(span.opacity for span in bars["a"])
    assert bars["c"] == []
