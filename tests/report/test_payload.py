import json

import pytest

from bench.analysis.summary import groups
from bench.report.payload import as_json, payload
from tests.report.rows import every_status, failed, row


@pytest.mark.parametrize(
    "text", ["</script><script>alert(1)</script>", "<!--<script>", "a & b", "\u2028'\"\n"]
)
def test_no_text_ends_the_element_that_json_stands_in(text: str) -> None:
    written = as_json({text: text})
    assert "<" not in written
    assert "&" not in written
    assert json.loads(written) == {text: text}


def test_every_outcome_has_an_entry_and_only_successes_have_figures_to_rank() -> None:
    group = groups(every_status())[0]
    entries = payload(group)["outcomes"]
    assert ["found" in entry for entry in entries] == [outcome.is_ok for outcome in group.outcomes]
    assert json.loads(as_json(payload(group)))["outcomes"][0]["name"] == group.outcomes[0].label


def test_unknown_memory_is_null_and_not_a_number() -> None:
    entry = payload(groups([row(peak_memory_bytes=None)])[0])["outcomes"][0]
    assert entry["found"]["memory"] is None


def test_pairs_are_written_with_their_ratio_and_single_runs_not_at_all() -> None:
    rows = [
        row(name, seconds=s + i / 100, repeat=i) for name, s in (("a", 1.0), ("b", 2.0)) for i in range(1, 9)
    ]
    pairs = payload(groups([*rows, row("c", seconds=9.0), failed("d", "crashed", "it broke")])[0])["pairs"]
    assert list(pairs) == ["0-1"]
    verdict, repeats, ratio, low, high = pairs["0-1"]
    assert (verdict, repeats) == ("different", 8)
    assert 1.9 < low < ratio < high < 2
