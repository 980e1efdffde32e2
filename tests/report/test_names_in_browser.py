"""Names beside the marks of the chart, in a real browser."""

from pathlib import Path

import pytest

from bench import catalog
from bench.report import write_report
from tests.report.conftest import Show
from tests.report.results import leave
from tests.report.rows import row

pytestmark = pytest.mark.browser

_COVERED = """() => {
  const model = (name) => Bokeh.documents[0].get_model_by_name(name);
  const [plot, marks, labels] = [model("plot"), model("marks").data, model("labels").data];
  const [{ start: left, end: right }, { start: bottom, end: top }] = [plot.x_range, plot.y_range];
  const across = (x) => Math.log(x / left) / Math.log(right / left) * plot.inner_width;
  const down = (y) => (top - y) / (top - bottom) * plot.inner_height;
  const pen = document.createElement("canvas").getContext("2d");
  pen.font = "12px Helvetica, Arial, sans-serif";
  return labels.text.filter((text, i) => {
    const width = pen.measureText(text).width, x = across(labels.x[i]) + labels.dx[i];
    const begin = x - { left: 0, center: width / 2, right: width }[labels.align[i]];
    const middle = down(labels.y[i]) + labels.dy[i];
    return marks.x.some((mark, at) => across(mark) > begin && across(mark) < begin + width
      && Math.abs(down(marks.y[at]) - middle) < 6);
  });
}"""
"""The names that lie over a mark."""


def test_marks_are_named_where_no_name_covers_another_or_a_mark(tmp_path: Path, show: Show) -> None:
    rows = [row(f"strategy_{i}", seconds=2.0**i, exact=False, recall=1 - 2.0**-i) for i in range(1, 8)]
    rows += [row("strategy_7_again", seconds=130.0, exact=False, recall=1 - 2.0**-7)]
    page = show(write_report(leave(tmp_path, rows))).page
    labels = page.evaluate("Bokeh.documents[0].get_model_by_name('labels').data")
    assert sorted(labels["text"]) == sorted(r.strategy for r in rows)
    places = dict(zip(labels["text"], zip(labels["align"], labels["dy"], strict=True), strict=True))
    assert places["strategy_7"] != places["strategy_7_again"]  # two marks side by side


def test_thirty_strategies_are_named_as_far_as_no_name_covers_a_mark(tmp_path: Path, show: Show) -> None:
    names = catalog.names()[:30]
    crowded = [row(name, seconds=1.15**i) for i, name in enumerate(names[:20])]
    apart = [
        row(name, seconds=1.5**i, exact=False, recall=1 - 0.7**i, recall_low=0.0)
        for i, name in enumerate(names[20:], 1)
    ]
    page = show(write_report(leave(tmp_path, [*crowded, *apart]), plots_of=())).page
    assert page.evaluate(_COVERED) == []
    named = page.evaluate("Bokeh.documents[0].get_model_by_name('labels').data.text")
    assert len(named) > 15
