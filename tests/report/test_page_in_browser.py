"""The page as a real browser shows it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.report import write_report
from tests.report.browser import Page, open_browser
from tests.report.results import leave
from tests.report.rows import every_status, failed, row

_NASTY = "<script>alert(1)</script>"

_SLOW = "libopenblas.so runs OpenBLAS's Prescott kernel (SSE): --fix-blas takes SkylakeX"

_WIDTHS = (400, 768, 1400, 1600)

_TOO_WIDE = """
[...document.querySelectorAll("body *")]
  .filter(e => !e.parentElement.closest(".scroll, svg") && e.getBoundingClientRect().right > innerWidth + 1)
  .map(e => e.outerHTML.slice(0, 200))
"""

_CONTRASTS = """
(() => {
  const light = color => {
    const [r, g, b] = color.match(/[\\d.]+/g).map(v => v / 255)
      .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const back = e => {
    for (; e; e = e.parentElement) {
      const color = getComputedStyle(e).backgroundColor;
      if (color !== "rgba(0, 0, 0, 0)") return color;
    }
  };
  return [...document.querySelectorAll("p, li, td, th, dt, dd, a, .chip, .small, figcaption, summary, code")]
    .map(e => {
      const [a, b] = [light(getComputedStyle(e).color), light(back(e))];
      return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    });
})()
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
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    with open_browser(tmp_path_factory.mktemp("profile")) as page:
        yield page


def test_no_request_leaves_the_page_and_the_browser_has_no_complaint(report: Path, page: Page) -> None:
    page.show(report, 1400)
    outward = [url for url in page.requests() if not url.startswith("data:")]
    assert outward == [report.as_uri()]
    assert page.complaints() == []


def test_every_figure_is_drawn(report: Path, page: Page) -> None:
    page.show(report, 1400)
    widths = page.evaluate("[...document.images].map(image => image.complete && image.naturalWidth)")
    assert len(widths) >= 5
    assert all(width > 300 for width in widths)


@pytest.mark.parametrize("width", _WIDTHS)
def test_the_page_has_no_sideways_scroll(report: Path, page: Page, width: int) -> None:
    page.show(report, width)
    page.evaluate("document.querySelectorAll('details').forEach(details => details.open = true)")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate(_TOO_WIDE) == []


def test_the_table_fits_a_printed_page(report: Path, page: Page) -> None:
    page.show(report, 718)  # A4 within the browser's own margins
    page.call("Emulation.setEmulatedMedia", media="print")
    assert page.evaluate("document.querySelector('.results').scrollWidth") <= 718
    page.call("Emulation.setEmulatedMedia", media="")


def test_text_that_looks_like_markup_stays_text(report: Path, page: Page) -> None:
    page.show(report, 1400)
    assert page.evaluate("document.scripts.length") == 0
    assert page.evaluate(f"document.body.innerText.includes({_NASTY!r})")


def test_a_link_in_the_table_opens_the_run_it_names(report: Path, page: Page) -> None:
    page.show(report, 1400)
    link = "document.querySelector('.results tbody a')"
    assert page.evaluate(f"!document.querySelector({link}.hash).parentElement.open")
    page.evaluate(f"{link}.click()")
    assert page.evaluate(f"document.querySelector({link}.hash).parentElement.open")


@pytest.mark.parametrize("dark", [False, True])
def test_text_has_enough_contrast_in_light_and_dark(report: Path, page: Page, dark: bool) -> None:
    page.show(report, 1400, dark=dark)
    assert page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches") is dark
    assert min(page.evaluate(_CONTRASTS)) >= 4.5
