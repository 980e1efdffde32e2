"""A link opens on the question of whoever sent it."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from playwright.sync_api import Page

from bench.report import write_report
from tests.report.conftest import Show, follow_link, set_limits
from tests.report.results import leave
from tests.report.rows import MILLION, row

pytestmark = pytest.mark.browser

_SEEN = """() => ({
  fields: [...document.querySelectorAll(".group :is(input, select)")].map(f => [f.name, f.value, f.checked]),
  sorted: [...document.querySelectorAll("[aria-sort]")].map(th => [th.innerText, th.ariaSort]),
  answers: [...document.querySelectorAll(".answers p")].map(p => p.textContent),
  rows: [...document.querySelectorAll(".ranked > tbody:not([hidden])")].map(b => b.rows[0].innerText),
})"""


def _limits(*limits: Any) -> Callable[[Page], None]:
    return lambda page: set_limits(page, *limits)


def _hide(*names: str) -> Callable[[Page], None]:
    def uncheck(page: Page) -> None:
        for name in names:
            page.get_by_label(name, exact=True).uncheck()

    return uncheck


def _sort(column: str, clicks: int = 1) -> Callable[[Page], None]:
    def click(page: Page) -> None:
        for _ in range(clicks):
            page.get_by_role("button", name=column, exact=True).click()

    return click


def _check(label: str) -> Callable[[Page], None]:
    return lambda page: page.get_by_label(label).check()


def _refer(name: str) -> Callable[[Page], None]:
    return lambda page: page.locator("[name=reference]").select_option(label=name) and None


def _filter(text: str) -> Callable[[Page], None]:
    return lambda page: page.get_by_role("searchbox").fill(text)


def _everything(page: Page) -> None:
    for do in (
        _limits(0.9, (4.5, "GiB"), (2, "h")),
        _hide("liar", "slower"),
        _refer("alike_b"),
        _filter("a"),
        _check("Only within the limits"),
        _check("Mark size shows memory"),
        _sort("Recall", 2),
    ):
        do(page)


_STATES: dict[str, Callable[[Page], None]] = {
    "nothing set": lambda _: None,
    "recall": _limits(0.98, None, None),
    "any recall": _limits(0.0, None, None),
    "memory in GiB": _limits(0.95, (8, "GiB"), None),
    "memory in MiB": _limits(0.95, (600, "MiB"), None),
    "time in s": _limits(0.95, None, (81.5, "s")),
    "time in h": _limits(0.95, None, (2, "h")),
    "all limits": _limits(1.0, (0.5, "GiB"), (3, "min")),
    "a limit of nothing": _limits(0.95, (0, "GiB"), None),
    "reference": _refer("sklearn_chunked"),
    "reference with parameters": _refer("quick a=2"),
    "one hidden": _hide("alike_a"),
    "several hidden": _hide("alike_a", "quick", "liar"),
    "sorted": _sort("Recall"),
    "sorted in reverse": _sort("Peak memory", 2),
    "rank in reverse": _sort("Rank"),
    "filter": _filter("out of memory"),
    "filter of odd letters": _filter("a&b=c #1+%"),
    "only within the limits": _check("Only within the limits"),
    "size shows memory": _check("Mark size shows memory"),
    "everything": _everything,
}


@pytest.fixture(scope="module")
def receiver(choices: Path, show: Show) -> Page:
    """Whoever gets the links, with one page open all the time."""
    return show(choices).page


@pytest.mark.parametrize("state", _STATES)
def test_a_copied_address_restores_every_control(page: Page, receiver: Page, state: str) -> None:
    _STATES[state](page)
    follow_link(receiver, page.evaluate("location.hash"))
    assert receiver.evaluate(_SEEN) == page.evaluate(_SEEN)


def test_a_page_that_is_opened_by_a_link_opens_on_its_question(page: Page, choices: Path, show: Show) -> None:
    _everything(page)
    other = show(choices, fragment=page.evaluate("location.hash"))
    assert other.page.evaluate(_SEEN) == page.evaluate(_SEEN)
    assert other.complaints == []


def test_an_address_names_what_is_set_and_nothing_else(page: Page) -> None:
    page.locator("[name=reference]").select_option(label="sklearn_chunked")
    set_limits(page, 0.98, (8, "GiB"), None)
    words = parse_qs(page.evaluate("location.hash.slice(1)"))
    assert words == {"recall": ["0.98"], "memory": ["8GiB"], "reference": ["sklearn_chunked"]}


def test_an_address_of_another_report_sets_what_there_is(page: Page) -> None:
    follow_link(page, "#recall=0.975&memory=lots&reference=unknown&sort=nothing&else=1")
    assert page.get_by_role("slider").get_attribute("aria-valuetext") == "0.98"
    assert page.locator("[name=memory]").input_value() == ""
    assert page.locator("[name=reference]").input_value() == ""
    assert page.locator("[aria-sort]").inner_text() == "Rank"


def test_in_a_page_of_several_sections_a_link_opens_the_one_it_is_about(tmp_path: Path, show: Show) -> None:
    places = [replace(MILLION, name=name, content_hash=name * 16) for name in ("a", "b", "c")]
    rows = [row(name, workload=place) for place in places for name in ("sklearn_matrix", "annoy_loop")]
    report = write_report(leave(tmp_path, rows))  # three at once: drawn by several processes
    sender = show(report).page
    sender.locator("#b [name=memory]").fill("3")
    sender.locator("#b [name=reference]").select_option(label="annoy_loop")
    address = sender.evaluate("location.hash")
    assert parse_qs(address[1:])["in"] == ["b"]
    opened = show(report, fragment=address)
    assert opened.page.evaluate(_SEEN) == sender.evaluate(_SEEN)
    assert opened.page.evaluate("document.querySelector('#b').getBoundingClientRect().top") < 900
    assert opened.page.locator(".chart .bk-Figure").count() == 3
    assert opened.complaints == []
