"""A real browser without a network, for the tests of pages; pytest says at its head where there is none."""

import itertools
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from bench.report import write_report
from bench.report.payload import RECALLS
from tests.report.results import leave
from tests.report.rows import to_choose_from

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")

collect_ignore = [] if CHROMIUM else [path.name for path in Path(__file__).parent.glob("*_in_browser.py")]


def pytest_report_header() -> str:
    return f"browser: {CHROMIUM or 'no Chromium, the page is not tested in one'}"


@dataclass
class Shown:
    """A page in a browser, with everything it asked for and complained of."""

    page: Page
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)


Show = Callable[..., Shown]


UNITS = {"MiB": 2**20, "GiB": 2**30, "s": 1, "min": 60, "h": 3600}
Quantity: TypeAlias = tuple[float, str] | None


def set_limits(page: Page, recall: float, memory: Quantity, time: Quantity) -> None:
    """Move the controls of a page to limits."""
    page.locator("[name=recall]").fill(str(RECALLS.index(recall)))
    for name, quantity in (("memory", memory), ("time", time)):
        page.locator(f"[name={name}]").fill(f"{quantity[0]:g}" if quantity else "")
        if quantity:
            page.locator(f"[name={name}-unit]").select_option(label=quantity[1])


@pytest.fixture(scope="session")
def choices(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page with much to choose from."""
    return write_report(leave(tmp_path_factory.mktemp("results"), to_choose_from()))


@pytest.fixture(scope="module")
def opened(choices: Path, show: "Show") -> Shown:
    return show(choices)


def follow_link(page: Page, fragment: str) -> None:
    """Follow a link into the open page, and wait until the page has; it must be another than the last."""
    page.evaluate(
        """async hash => {
          const followed = new Promise(done => addEventListener("hashchange", done, { once: true }));
          location.hash = hash;
          await followed;
        }""",
        fragment,
    )


_AS_OPENED = """() => {
  for (const details of document.querySelectorAll("details")) details.open = false;
  Bokeh.documents[0].get_model_by_name("marks").selected.indices = [];
}"""


@pytest.fixture
def page(opened: Shown, count: Iterator[int]) -> Page:
    """The page with much to choose from and nothing set; tests share it, for loading takes a second."""
    follow_link(opened.page, f"#recall=0.95&test={next(count)}")
    opened.page.evaluate(_AS_OPENED)
    return opened.page


@pytest.fixture(scope="session")
def count() -> Iterator[int]:
    return itertools.count()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def show(browser: Browser) -> Iterator[Show]:
    """Open a file in a window of a width, with the network off, and wait until its chart is drawn."""
    contexts = []

    def open_file(
        path: Path, width: int = 1400, *, scripts: bool = True, fragment: str = "", **options: object
    ) -> Shown:
        context = browser.new_context(
            viewport={"width": width, "height": 900}, offline=True, java_script_enabled=scripts, **options
        )
        contexts.append(context)
        shown = Shown(context.new_page())
        shown.page.on("request", lambda request: shown.requests.append(request.url))
        shown.page.on("pageerror", lambda error: shown.complaints.append(str(error)))
        shown.page.on(
            "console",
            lambda said: shown.complaints.append(said.text) if said.type in ("error", "warning") else None,
        )
        shown.page.goto(path.as_uri() + fragment)
        if scripts:
            shown.page.wait_for_selector("html[data-ready=chart]")
        return shown

    yield open_file
    for context in contexts:
        context.close()
