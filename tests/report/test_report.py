import json
import os
import re
import subprocess
import sys
from dataclasses import asdict, replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from bench.judge.point_verdicts import PointVerdict
from bench.report import write_report
from bench.results import TORN, Store
from tests.report.results import leave
from tests.report.rows import MILLION, every_status, failed, row, unstarted

_VOID = {"meta", "img", "br", "link", "source", "input"}


class _Elements(HTMLParser):
    """Collects what a page consists of, and that every element is closed."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.words = ""
        self._open: list[str] = []
        self.feed(html)
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in _VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words += data


def _page(path: Path) -> _Elements:
    return _Elements(path.read_text(encoding="utf-8"))


def test_a_results_directory_without_rows_is_refused_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"no measurements in .*measurements\.jsonl") as refusal:
        write_report(tmp_path)
    assert "\n" not in str(refusal.value)
    assert list(tmp_path.iterdir()) == []


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of a row of every status, and of one whose library keeps what it compiles."""
    rows = [*every_status(), row("compiles", seconds=70.0, first_start_seconds=47.0)]
    return write_report(leave(tmp_path_factory.mktemp("results"), rows))


def test_page_and_plots_are_written_for_rows_of_every_status(report: Path) -> None:
    assert report.name == "report.html"
    names = {plot.name for plot in (report.parent / "plots").iterdir()}
    assert {"million-runtime.png", "million-runtime.svg", "million-recall-time.png"} <= names
    page = _page(report)
    for made in every_status():
        assert made.strategy in page.words
        assert made.reason in page.words


def test_the_first_start_of_what_compiles_stands_below_the_later_one(report: Path) -> None:
    assert "1.4 sfirst 47 s" in _page(report).words


def test_the_page_asks_for_nothing_outside_itself(report: Path) -> None:
    page = _page(report)
    for name, value in page.attributes:
        if name in ("src", "href", "srcset", "action"):
            assert value is not None
            assert value.startswith(("data:", "#"))
    assert not [name for name, _ in page.attributes if name == "style" or name.startswith("on")]
    policy = next(v for n, v in page.attributes if n == "content" and v and "default-src" in v)
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy


def test_nothing_in_a_row_becomes_markup(tmp_path: Path) -> None:
    nasty = "<script>alert(1)</script>"
    reason = f"{nasty} \"'\n" * 600
    made = failed(
        nasty,
        "crashed",
        reason,
        workload=replace(MILLION, name=nasty),
        params={nasty: nasty},
        details={nasty: nasty},
        warnings=[nasty],
        memory_method=nasty,
    )
    page = _page(write_report(leave(tmp_path, [made])))
    assert page.tags.count("script") == 5  # three of the page, two of data
    assert reason.strip() in page.words


def test_links_lead_to_what_is_there(report: Path) -> None:
    page = _page(report)
    names = {value for name, value in page.attributes if name == "id"}
    links = {value for name, value in page.attributes if name == "href" and value}
    assert links
    assert {link.removeprefix("#") for link in links} <= names


@pytest.mark.parametrize(
    "rows",
    [
        [unstarted("a", "unavailable", "not installed")],
        [failed("a", "timeout", ""), failed("b", "crashed", "it broke", seconds=None)],
        [row()],
        [failed("a", "partial", "limit", recall=0.9, extrapolated_seconds=1e5, rows_answered=17)],
        [row(recall=None, recall_low=None, recall_high=None, peak_memory_bytes=None)],
        [row(started_at="", machine="", environment="gone", seconds=0.0)],
    ],
    ids=["nothing ran", "failures", "one row", "partial", "little known", "oldest"],
)
def test_a_page_is_made_of_whatever_rows_there_are(tmp_path: Path, rows: list) -> None:
    assert rows[0].strategy in _page(write_report(leave(tmp_path, rows))).words


def test_fields_of_another_version_of_the_schema_are_no_obstacle(tmp_path: Path) -> None:
    leave(tmp_path, [row()])
    path = tmp_path / "measurements.jsonl"
    known = json.loads(path.read_text())
    del known["details"], known["warnings"], known["most_threads"]
    path.write_text(json.dumps(known | {"schema": 0, "a_new_field": [1]}) + "\n")
    assert "sklearn_matrix" in _page(write_report(tmp_path)).words


def test_groups_that_must_not_be_compared_have_plots_of_their_own(tmp_path: Path) -> None:
    write_report(leave(tmp_path, [row(), row(machine="other")]))
    runtimes = {plot.name for plot in (tmp_path / "plots").glob("*-runtime.png")}
    assert runtimes == {"million-machine1-runtime.png", "million-other-runtime.png"}


def test_plots_that_the_rows_no_longer_give_are_removed_and_other_files_kept(tmp_path: Path) -> None:
    plots = tmp_path / "plots"
    plots.mkdir()
    (plots / "paper-runtime.png").write_text("mine")
    write_report(leave(tmp_path, [row()]))
    (plots / "million-memory.png").write_text("edited since")
    assert (plots / "million-runtime.png").exists()
    Store(tmp_path).append(row(machine="other"))
    write_report(tmp_path)
    assert (plots / "million-other-runtime.png").exists()
    assert not (plots / "million-runtime.png").exists()
    assert (plots / "million-memory.png").read_text() == "edited since"
    assert (plots / "paper-runtime.png").read_text() == "mine"


def test_lines_that_a_crash_cut_are_told(tmp_path: Path) -> None:
    leave(tmp_path, [row()])
    assert "crash" not in _page(write_report(tmp_path)).words
    (tmp_path / TORN).write_text("half\nhalf\n")
    assert (
        "2 lines were cut, or no JSON, and set aside in measurements.torn"
        in _page(write_report(tmp_path)).words
    )


def test_the_points_are_described_where_they_are_known(tmp_path: Path) -> None:
    leave(tmp_path, [row()])
    assert "The points" not in _page(write_report(tmp_path)).words
    known = {"n": 1_000_000, "d": 12, "in_words": ["Trees win."], "notes": ["5 rows were left out"]}
    verdict = PointVerdict("hubness", "watch out", "skew 2.00", "ok up to 1.4, fails beyond 5", "center them")
    known |= {"verdicts": [asdict(verdict)]}
    Store(tmp_path).describe_workload(MILLION.content_hash, known)
    words = _page(write_report(tmp_path)).words
    for said in ("The points", "Trees win.", "5 rows were left out", *asdict(verdict).values()):
        assert said in words


def test_a_kernel_below_the_cpu_is_named_before_the_results(tmp_path: Path) -> None:
    warning = "lib.so runs OpenBLAS's Prescott kernel (SSE) on a CPU that has AVX2: --fix-blas takes Haswell"
    words = _page(write_report(leave(tmp_path, [row("faiss_flat", warnings=[warning])]))).words
    assert words.index("BLAS kernel below the CPU's capability: faiss_flat") < words.index(warning)
    assert words.index(warning) < words.index("Results")


def test_strategies_that_are_not_distinguishable_are_marked_in_the_table(tmp_path: Path) -> None:
    rows = [
        row(name, seconds=1 + ((i * weight) % 5) / 100, repeat=i)
        for name, weight in (("a", 7), ("b", 3))
        for i in range(1, 9)
    ]
    words = _page(write_report(leave(tmp_path, rows))).words
    assert "≈ recommended: not distinguishable" in words
    assert "a and b: not distinguishable" in words or "b and a: not distinguishable" in words


@pytest.mark.slow
def test_making_a_report_writes_nothing_at_home(tmp_path: Path) -> None:
    home, results = tmp_path / "home", tmp_path / "results"
    home.mkdir()
    results.mkdir()
    leave(results, [row()])
    code = f"import pathlib, bench.report as r; r.write_report(pathlib.Path({str(results)!r}))"
    variables = {k: v for k, v in os.environ.items() if not re.match("XDG_|MPL", k)} | {"HOME": str(home)}
    variables["MPLBACKEND"] = "module://matplotlib_inline.no_such_backend"  # as a notebook's shell has it
    subprocess.run([sys.executable, "-c", code], env=variables, check=True, timeout=120)
    assert list(home.rglob("*")) == []
