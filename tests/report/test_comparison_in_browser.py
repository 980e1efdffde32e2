"""The page of a comparison as a real browser shows it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from bench.analysis.before_after import before_after
from bench.report.compare_page import write_comparison
from tests.analysis.test_before_after import repeated
from tests.report.rows import ENVIRONMENT, every_status, row

pytestmark = pytest.mark.browser

_NASTY = "<script>alert(1)</script>"


@pytest.fixture(scope="module")
def comparison(tmp_path_factory: pytest.TempPathFactory) -> Path:
    other = ENVIRONMENT | {"machine": {**ENVIRONMENT["machine"], "cpu": _NASTY}}
    a = [*every_status(), *repeated("repeated", 10.0), *repeated(_NASTY, 10.0), row("x" * 90)]
    b = [*every_status(), *repeated("repeated", 14.0), *repeated(_NASTY, 10.0), row("breaks")]
    found = before_after(a, b, {"env1": ENVIRONMENT}, {"env1": other})
    path = tmp_path_factory.mktemp("compared") / "compare.html"
    return write_comparison(found, ("before", _NASTY), path, same=False)


@pytest.fixture(params=[(400, "light"), (1400, "dark")], ids=str)
def opened(
    request: pytest.FixtureRequest, browser: Browser, comparison: Path
) -> Iterator[tuple[Page, list[Any]]]:
    """The page, and every request and complaint."""
    width, scheme = request.param
    context = browser.new_context(viewport={"width": width, "height": 900}, offline=True, color_scheme=scheme)
    page, heard = context.new_page(), []
    page.on("request", lambda asked: heard.append(asked.url))
    page.on("console", lambda said: heard.append(said.text))
    page.on("pageerror", lambda error: heard.append(str(error)))
    page.goto(comparison.as_uri())
    yield page, [one for one in heard if not one.startswith(("data:", comparison.as_uri()))]
    context.close()


def test_it_asks_for_nothing_fits_and_can_be_read(opened: tuple[Page, list[Any]]) -> None:
    page, heard = opened
    assert heard == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.evaluate("[...document.images].every(image => image.naturalWidth > 300)")
    assert page.locator("img").count() == 1
    assert page.locator("script").count() == 0
    assert _NASTY in page.inner_text("body")
    assert "The machines differ" in page.inner_text("main")
    found = Axe().run(page).response["violations"]
    assert [(v["id"], v["nodes"][0]["html"]) for v in found if v["impact"] in ("serious", "critical")] == []
