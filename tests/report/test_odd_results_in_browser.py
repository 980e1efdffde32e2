"""Pages of results that have little to show, in a real browser."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from bench.report import write_report
from bench.results import Measurement
from tests.report.conftest import Show
from tests.report.results import leave
from tests.report.rows import every_status, row, unstarted

pytestmark = pytest.mark.browser

_FAILURES = [made for made in every_status() if made.status != "ok"]
_ODD = {
    "only failures": _FAILURES,
    "one row": [row()],
    "partial rows": [made for made in _FAILURES if made.status == "partial"],
    "nothing that ran": [unstarted("faiss_flat", "unavailable", "faiss-cpu is not installed")],
}


@pytest.mark.parametrize("rows", _ODD.values(), ids=_ODD)
def test_the_page_answers_shows_each_row_and_can_be_filtered(
    tmp_path: Path, show: Show, rows: Sequence[Measurement]
) -> None:
    shown = show(write_report(leave(tmp_path, rows)))
    page = shown.page
    assert page.locator(".answer").inner_text().endswith(".")
    assert page.locator(".results > tbody:visible").count() == len(rows)
    page.get_by_role("searchbox").fill(rows[0].strategy)
    assert page.locator(".results > tbody:visible").count() == 1
    page.locator(".results tbody:visible th a").click()
    assert page.locator(".opened:visible").count() == 1
    assert shown.complaints == []
