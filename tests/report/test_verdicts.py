from pathlib import Path

from bench.analysis.claims import Figure
from bench.analysis.prediction import Interval
from bench.report import write_report
from bench.report.verdicts import describe_figure
from tests.report.results import leave
from tests.report.rows import row


def test_a_figure_is_written_with_its_unit_and_its_interval() -> None:
    assert describe_figure(Figure("a", 95.24, "seconds")) == "a: 95.2 s"
    assert describe_figure(Figure("a", 2.0**20, "bytes")) == "a: 1 MiB"
    assert describe_figure(Figure("a", 0.9, "recall")) == "a: 0.900"
    assert describe_figure(Figure("a", 1.514, "ratio")) == "a: 1.51"
    assert describe_figure(Figure("a", 45, "lines")) == "a: 45"
    interval = Interval(90.0, 80.0, 100.0)
    assert describe_figure(Figure("a", 90.0, "seconds", interval)) == "a: 90 s (80 to 100)"


def test_the_page_shows_each_verdict_with_figures_and_links_to_its_runs(tmp_path: Path) -> None:
    rows = [row("sklearn_matrix"), row("sklearn_chunked", seconds=101.0)]
    page = write_report(leave(tmp_path, rows)).read_text()
    assert page.count('<dt><span class="chip') == 7
    claims = page.partition('<dl class="claims">')[2].partition("</dl>")[0]
    assert "query of sklearn_matrix: 83.6 s" in claims
    assert all(f'<a href="#run-{made.run_id}">{made.strategy}</a>' in claims for made in rows)
    assert "Missing: runs of annoy_loop." in claims
