from dataclasses import replace
from pathlib import Path

from bench.analysis.summary import groups
from bench.report.drawings import Figures
from bench.report.records import Records, read
from bench.report.sections import Section, doubts_about, make_section
from bench.results import Measurement
from tests.report.results import leave
from tests.report.rows import MILLION, every_status, failed, row, unstarted

WEAK = "lib.so runs OpenBLAS's Prescott kernel (SSE) on a CPU that has AVX-512: --fix-blas takes SkylakeX"


def _sections(records: Records) -> list[Section]:
    every = groups(records.rows)
    return [make_section(records, "slug", group, every, Figures([])) for group in every]


def _section(directory: Path, *rows: Measurement) -> Section:
    (section,) = _sections(read([leave(directory, rows)]))
    return section


def test_a_kernel_below_the_cpu_is_named_once_with_all_strategies_that_ran_it(tmp_path: Path) -> None:
    rows = [row(name, seconds=s, warnings=[WEAK]) for name, s in (("b", 1.0), ("a", 2.0))]
    assert _section(tmp_path, *rows, row("c")).weak_kernels == [(WEAK, ["a", "b"])]


def test_a_kind_of_warning_is_counted_over_the_repeats(tmp_path: Path) -> None:
    disturbed = "others used 0.30 cores during the run"
    rows = [
        row(repeat=1, seconds=1.0, warnings=[disturbed]),
        row(repeat=2, seconds=2.0, warnings=["others used 0.50 cores during the run", "of a new kind"]),
        row(repeat=3, seconds=3.0),
    ]
    (outcome,) = _section(tmp_path, *rows).group.outcomes
    first, second = doubts_about(outcome)
    assert (first.mark, first.warning, first.runs) == (
        "disturbed",
        "others used 0.50 cores during the run",
        "2 of 3",
    )
    assert (second.mark, second.runs) == ("warning", "1 of 3")


def test_trouble_counts_failures_and_warnings_apart(tmp_path: Path) -> None:
    rows = [row("a", warnings=["x"]), row("b"), failed("c", "crashed", "it broke", warnings=["x"])]
    (tmp_path / "more").mkdir()
    section = _section(tmp_path, *rows)
    assert section.trouble == "Of 3 runs, 1 did not succeed and 1 has warnings."
    more = _section(tmp_path / "more", *rows, unstarted("d", "unavailable", "not installed"))
    assert more.trouble == "Of 4 runs, 1 did not begin, 1 did not succeed and 1 has warnings."
    assert [outcome.label for outcome in section.warned] == ["a"]


def test_claims_are_checked_at_the_largest_n_of_a_kind_alone(tmp_path: Path) -> None:
    fewer = replace(MILLION, n=1000, content_hash="b" * 16)
    rows = [row("sklearn_matrix"), row("sklearn_matrix", seconds=1.0, workload=fewer)]
    large, small = sorted(_sections(read([leave(tmp_path, rows)])), key=lambda s: -s.group.workload.n)
    assert [claim.verdict for claim in large.claims][:2] == ["holds", "undecided"]
    assert small.claims == []


def test_where_the_rows_say_nothing_of_any_claim_there_is_none(tmp_path: Path) -> None:
    assert _section(tmp_path, row("a"), row("b")).claims == []


def test_what_is_said_of_all_runs_and_of_each_together_is_everything(tmp_path: Path) -> None:
    section = _section(tmp_path, *every_status())
    for run in section.group.rows:
        said = [section.alike, section.alike_by_strategy[run.strategy], section.own(run)]
        names = [name for facts in said for name in facts["All other fields"]]
        assert len(names) == len(set(names))
        assert {"run_id", "machine", "status"} <= set(names)
