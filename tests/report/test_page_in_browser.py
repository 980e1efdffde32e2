"""The page as a real browser shows it."""

from dataclasses import replace
from pathlib import Path
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from bench.report import write_report
from tests.report.conftest import Show, Shown
from tests.report.results import leave
from tests.report.rows import every_status, failed, row

pytestmark = pytest.mark.browser

_NASTY = "<script>alert(1)</script>"

_SLOW = "libopenblas.so runs OpenBLAS's Prescott kernel (SSE): --fix-blas takes SkylakeX"

_WIDTHS = (400, 768, 1400, 1600)

_TOO_WIDE = """
[...document.querySelectorAll("body *")]
  .filter(e => !e.parentElement.closest(".scroll, svg, .chart, .unseen"))
  .filter(e => e.getBoundingClientRect().right > innerWidth + 1)
  .map(e => e.outerHTML.slice(0, 200))
"""


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    reason = f"{_NASTY} \"quoted\" & 'quoted'\n" * 250
    said = {"a_long_name_of_a_figure_that_a_strategy_gives": 1.5, "index_bytes": 2.0**30}
    repeats = [
        row("sklearn_chunked_by_another", seconds=40.0 + i, repeat=i, details=said, warnings=[_SLOW])
        for i in range(1, 9)
    ]
    rows = [*every_status(), *repeats, failed(_NASTY, "crashed", reason, seconds=3.0)]
    return write_report(leave(tmp_path_factory.mktemp("results"), rows))


@pytest.fixture(scope="module")
def shown(report: Path, show: Show) -> Shown:
    """The page in a wide window, for tests that leave it as it was."""
    return show(report)


def test_no_request_leaves_the_page_and_the_browser_has_no_complaint(report: Path, shown: Shown) -> None:
    assert [url for url in shown.requests if not url.startswith("data:")] == [report.as_uri()]
    assert shown.complaints == []


def test_every_figure_is_drawn(shown: Shown) -> None:
    widths = shown.page.evaluate("[...document.images].map(image => image.complete && image.naturalWidth)")
    assert len(widths) >= 5
    assert all(width > 300 for width in widths)
    assert shown.page.locator(".chart canvas").count() > 0


def _at(page: Page, width: int, scheme: Literal["light", "dark"] = "light") -> Page:
    """The page in a window of a width, all closed; loading it anew for each takes a second."""
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme)
    page.evaluate("document.querySelectorAll('details').forEach(details => details.open = false)")
    return page


@pytest.mark.parametrize("width", _WIDTHS)
def test_the_page_has_no_sideways_scroll(shown: Shown, width: int) -> None:
    page = _at(shown.page, width)
    page.evaluate("document.querySelectorAll('details').forEach(details => details.open = true)")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate(_TOO_WIDE) == []


def test_the_table_fits_a_printed_page(report: Path, show: Show) -> None:
    page = show(report, 718).page  # A4 within the browser's own margins
    page.emulate_media(media="print")
    assert page.evaluate("document.querySelector('.results').scrollWidth") <= 718


def test_text_that_looks_like_markup_stays_text(shown: Shown) -> None:
    page = shown.page
    said = page.evaluate(
        "[...document.scripts].filter(script => script.type !== 'application/json'"
        " && script.textContent.includes('alert(1)')).length"
    )
    assert said == 0
    assert _NASTY in page.inner_text("body")
    assert _NASTY in page.inner_text(".strategies")


def test_a_link_in_the_table_opens_the_run_it_names(report: Path, show: Show) -> None:
    page = show(report).page
    link = page.locator(".results tbody th a").last
    inside = page.locator(link.get_attribute("href") or "")
    assert not inside.is_visible()
    link.click()
    assert inside.is_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [400, 1400])
def test_axe_finds_no_serious_violation(shown: Shown, scheme: Literal["light", "dark"], width: int) -> None:
    page = _at(shown.page, width, scheme)
    assert page.evaluate(f"matchMedia('(prefers-color-scheme: {scheme})').matches")
    page.locator(".more details").first.evaluate("details => details.open = true")
    found = Axe().run(page).response["violations"]
    assert [
        (v["id"], [n["html"][:150] for n in v["nodes"]][:4])
        for v in found
        if v["impact"] in ("serious", "critical")
    ] == []


def test_without_scripts_figures_and_table_are_there_and_no_dead_field(report: Path, show: Show) -> None:
    page = show(report, scripts=False).page
    assert page.locator(".needs-script:visible").count() == 0
    assert page.locator(".figures img:visible").count() >= 4
    assert page.locator(".results tbody:visible").count() == len(every_status()) + 2
    assert page.locator(".rank").first.inner_text() == "1"
    single = page.locator(".more .inside > details:not(:has(details)):has(pre)").first
    single.locator("summary").click()
    assert single.locator("pre").first.is_visible()


def test_points_named_by_markup_are_shown_by_their_name(tmp_path: Path, show: Show) -> None:
    points = replace(row().workload, name=_NASTY)
    shown = show(write_report(leave(tmp_path, [row(workload=points), row("annoy_loop", workload=points)])))
    assert _NASTY in shown.page.inner_text("body")
    assert shown.complaints == []
