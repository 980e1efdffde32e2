"""The page of many rows, in a real browser."""

from pathlib import Path

import pytest

from bench.report import write_report
from tests.report.conftest import Show, Shown
from tests.report.many import leave_many

pytestmark = pytest.mark.browser

_ROWS = 500
_MOST_BYTES = 4_000_000


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_report(leave_many(tmp_path_factory.mktemp("results"), _ROWS))


@pytest.fixture(scope="module")
def shown(report: Path, show: Show) -> Shown:
    return show(report)


def test_five_hundred_rows_that_differ_in_everything_stay_under_four_megabytes(report: Path) -> None:
    assert report.stat().st_size < _MOST_BYTES


def test_they_are_all_in_the_table_and_the_chart_and_nothing_is_complained_of(
    report: Path, shown: Shown
) -> None:
    page = shown.page
    assert page.locator(".results > tbody").count() == _ROWS
    marks = page.evaluate("Bokeh.documents[0].get_model_by_name('marks').data.outcome.length")
    assert marks == _ROWS
    assert [url for url in shown.requests if not url.startswith("data:")] == [report.as_uri()]
    assert shown.complaints == []


def test_a_row_far_down_opens_to_its_own_run(shown: Shown) -> None:
    page = shown.page
    body = page.locator(".results > tbody", has=page.get_by_text("n_trees=321 ")).first
    body.locator("th a").click()
    opened = body.locator(".opened")
    opened.locator("pre").first.wait_for()
    said = opened.inner_text()
    for words in ("annoy_loop.n_trees=321", "Memory over time", "6.1.320", "step 29 took"):
        assert words in said
    assert page.locator(".opened:not(:empty)").count() == 1


def test_the_limits_and_the_filter_answer(shown: Shown) -> None:
    page = shown.page
    assert "is sure to meet your limits" not in page.locator(".answer").inner_text()
    page.get_by_role("slider").press("End")
    assert "is sure to meet your limits" in page.locator(".answer").inner_text()
    page.get_by_role("searchbox").fill("n_trees=77 ")
    assert page.locator(".results > tbody:visible").count() == 1


def test_without_scripts_the_page_says_what_it_takes_to_open_a_row(report: Path, show: Show) -> None:
    page = show(report, scripts=False).page
    assert page.locator("noscript p").is_visible()
    assert page.locator(".results > tbody:visible").count() == _ROWS
