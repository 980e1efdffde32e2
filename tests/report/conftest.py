"""A real browser without a network, for the tests of pages; pytest says at its head where there is none."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

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

    def open_file(path: Path, width: int = 1400, *, scripts: bool = True, **options: object) -> Shown:
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
        shown.page.goto(path.as_uri())
        if scripts:
            shown.page.wait_for_selector("html[data-ready=chart]")
        return shown

    yield open_file
    for context in contexts:
        context.close()
