"""What a reader takes along: ratios to a reference, Markdown, pictures and rows."""

import csv
import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from markdown_it import MarkdownIt
from playwright.sync_api import Page

from bench.analysis.repeats import compare_series
from bench.analysis.summary import Group, Outcome, groups
from tests.report.conftest import Shown
from tests.report.rows import to_choose_from

pytestmark = pytest.mark.browser

_CLIPBOARD = "navigator.clipboard.writeText = async text => { window.copied = text; }"
_UNKNOWN = "–"  # noqa: RUF001 (the table's dash)


@pytest.fixture(scope="module")
def group() -> Group:
    return groups(to_choose_from())[0]


def _ratio(reference: Outcome, outcome: Outcome) -> str:
    """As Python has it: of the paired repeats with their interval, else of the medians."""
    if reference is outcome:
        return "1.00"
    comparison = compare_series(reference.runs, outcome.runs)
    if comparison.verdict != "too few repeats":
        return f"{comparison.ratio:.2f} [{comparison.low:.2f}, {comparison.high:.2f}]"
    seconds = [one.median.total_seconds or 0.0 for one in (outcome, reference)]
    ratio = seconds[0] / seconds[1]
    return f"{ratio:.2f}" if ratio >= 0.1 else f"{ratio:#.2g}"


@pytest.mark.parametrize("name", ["alike_a", "alike_b", "slower", "too_few", "sklearn_chunked", "quick a=1"])
def test_totals_become_ratios_to_the_reference_as_python_computes_them(
    page: Page, group: Group, name: str
) -> None:
    page.locator("[name=reference]").select_option(label=name)
    (reference,) = [o for o in group.ok if o.label == name]
    labels = page.locator(".results tbody th a").all_inner_texts()
    ratios = page.locator(".results .ratio").all_text_contents()
    expected = {o.label: _ratio(reference, o) for o in group.ok}
    assert dict(zip(labels, ratios, strict=True)) == {label: expected.get(label, "") for label in labels}
    assert page.get_by_role("button", name=f"Total / {name}").is_visible()
    assert any("[" in ratio for ratio in ratios) is (len(reference.runs) == 8)


def test_without_a_reference_totals_are_seconds_again(page: Page) -> None:
    page.locator("[name=reference]").select_option(label="slower")
    page.locator("[name=reference]").select_option(label="none")
    assert not any(page.locator(".results .ratio").all_text_contents())
    assert page.get_by_role("button", name="Total", exact=True).is_visible()


def test_the_copied_markdown_renders_answer_table_command_and_machine(page: Page, group: Group) -> None:
    page.evaluate(_CLIPBOARD)
    page.locator("[name=reference]").select_option(label="alike_a")
    page.get_by_role("searchbox").fill("alike")
    page.get_by_role("button", name="Copy as Markdown").click()
    html = MarkdownIt("commonmark").enable("table").render(page.evaluate("window.copied"))
    root = ET.fromstring(f"<div>{html}</div>")  # noqa: S314 (made by this test)
    table = [["".join(cell.itertext()) for cell in row] for row in root.iter("tr")]
    head, *rows = table
    columns = ["Rank", "Strategy", "Status", "Total", "Total / alike_a", "Recall", "Peak memory"]
    assert head == [*columns, "Start", "Fit", "Query"]
    alike = {o.label: o for o in group.ok if o.label.startswith("alike")}
    assert [row[1] for row in rows] == list(alike)
    assert [row[4] for row in rows] == [_ratio(alike["alike_a"], o) for o in alike.values()]
    assert all(cell and cell != _UNKNOWN for row in rows for cell in row)
    words = " ".join(root.itertext())
    assert all(sentence in words for sentence in page.locator(".answers p").all_text_contents())
    (command,) = root.iter("pre")
    assert "".join(command.itertext()).startswith(f"allknn-bench run ./{next(iter(alike))}.py")
    assert "Processor: Some CPU at 2.00 GHz" in words


def test_the_rows_shown_are_saved_in_their_order_as_csv_and_json(page: Page, tmp_path: Path) -> None:
    page.get_by_role("searchbox").fill("quick")
    page.get_by_role("button", name="Total", exact=True).dblclick()
    for form in ("csv", "json"):
        with page.expect_download() as download:
            page.get_by_role("button", name=f"Rows as {form.upper()}").click()
        download.value.save_as(tmp_path / download.value.suggested_filename)
    saved = json.loads((tmp_path / "million.json").read_text())
    with (tmp_path / "million.csv").open(newline="") as file:
        table = list(csv.DictReader(file))
    assert [row["name"] for row in saved] == [row["name"] for row in table] == ["quick a=2", "quick a=1"]
    assert [row["total_seconds"] for row in saved] == [6.0, 3.0]
    assert [float(row["total_seconds"]) for row in table] == [6.0, 3.0]
    assert table[0].keys() == saved[0].keys()


def test_the_chart_is_saved_as_a_picture_in_both_forms(page: Page, opened: Shown, tmp_path: Path) -> None:
    for form in ("png", "svg"):
        with page.expect_download() as download:
            page.get_by_role("button", name=f"Chart as {form.upper()}").click()
        download.value.save_as(tmp_path / download.value.suggested_filename)
    assert (tmp_path / "million.png").read_bytes().startswith(b"\x89PNG")
    drawing = ET.fromstring((tmp_path / "million.svg").read_text())  # noqa: S314 (made by this page)
    assert any("alike_a" in "".join(text.itertext()) for text in drawing.iter() if text.tag.endswith("text"))
    assert opened.complaints == []
