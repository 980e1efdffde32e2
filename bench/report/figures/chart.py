"""The interactive chart: recall against total time, drawn by Bokeh in the page.

Here marks, axes and tooltips are placed; the page's script shows, hides, fades and names them.
"""

from collections.abc import Sequence
from typing import Any

from bokeh import __version__ as bokeh_version
from bokeh.document import Document
from bokeh.models import (
    BooleanFilter,
    BoxZoomTool,
    CDSView,
    ColumnDataSource,
    FixedTicker,
    HoverTool,
    PanTool,
    Range1d,
    ResetTool,
    Span,
    TapTool,
    WheelZoomTool,
)
from bokeh.plotting import figure

from bench.analysis.summary import Group, Outcome
from bench.report.figures.axes import RECALL_TICKS, memory_of, nines, recall_interval, seconds_of, time_ticks
from bench.report.figures.palette import color, marker
from bench.report.own_settings import describe_own
from bench.report.wording import describe_status
from bench.units import format_bytes, format_recall, format_seconds, shorten

_MARKERS = {
    "o": "circle",
    "s": "square",
    "D": "diamond",
    "^": "triangle",
    "v": "inverted_triangle",
    "P": "plus",
    "h": "hex",
    "*": "star",
}
_SIZE, _LEAST_SIZE, _MOST_SIZE = 11, 7, 34
_EDGE = 1.2
"""Failures of the first moments stand where the chart begins, so that they do not crowd what succeeded."""
_TOOLTIPS = [
    ("", "@name"),
    ("ended", "@ending"),
    ("total", "@total"),
    ("recall", "@recall"),
    ("peak memory", "@memory"),
    ("settings", "@settings"),
]


def chart(group: Group) -> dict[str, Any] | None:
    """Describe the chart as Bokeh's script takes it; None where no outcome has a time."""
    timed = [(i, o, s) for i, o in enumerate(group.outcomes) if (s := seconds_of(o)) is not None]
    if not timed:
        return None
    succeeded, failed = ([s for _, o, s in timed if o.is_ok == ok] for ok in (True, False))
    recalls = [nines(o.median.recall) for _, o, _ in timed if o.median.recall is not None]
    bottom = min([*recalls, nines(0.9)]) - 0.25
    strip = 0.3 if len(recalls) < len(timed) else 0.0
    low, high = min(succeeded or failed) / 3, max([*succeeded, *failed]) * 1.6
    marks = ColumnDataSource(_columns(timed, low * _EDGE, bottom - strip / 2), name="marks")
    plot = figure(
        x_axis_type="log",
        x_range=Range1d(low, high),
        y_range=Range1d(bottom - strip, nines(1.0) + 0.3),
        x_axis_label="total time",
        y_axis_label="recall",
        height=440,
        sizing_mode="stretch_width",
        tools=[],
        toolbar_location="above",
        background_fill_alpha=0,
        border_fill_alpha=0,
        outline_line_color=None,
        name="plot",
    )
    _draw(plot, marks)
    _set_axes(plot, low, high, bottom, strip)
    return _item(plot)


def _item(plot: Any) -> dict[str, Any]:
    """Write a plot as ``bokeh.embed.json_item`` does, without its checks, which take as long again."""
    document = Document(title="")
    document.add_root(plot)
    content = document.to_json(deferred=False)
    return {"target_id": None, "root_id": plot.id, "doc": content, "version": bokeh_version}


def _columns(
    timed: Sequence[tuple[int, Outcome, float]], edge: float, unknown: float
) -> dict[str, list[Any]]:
    """One entry a mark, none left of ``edge``; ``unknown`` is the height of those whose recall is."""
    rows = [_mark(i, outcome, seconds, unknown) for i, outcome, seconds in timed]
    for row in rows:
        row["x"] = max(row["x"], edge)
    most = max((row["bytes"] for row in rows), default=0) or 1
    for row in rows:
        row["memory_size"] = max(_LEAST_SIZE, _MOST_SIZE * (row.pop("bytes") / most) ** 0.5)
    return {name: [_short(row[name]) for row in rows] for name in rows[0]}


def _short(value: Any) -> Any:
    """Round to what is visible."""
    return float(f"{value:.6g}") if isinstance(value, float) else value


def _mark(i: int, outcome: Outcome, seconds: float, unknown: float) -> dict[str, Any]:
    run = outcome.median
    y = unknown if run.recall is None else nines(run.recall)
    low, high = recall_interval(outcome) or (y, y)
    left, right = (outcome.is_ok and outcome.spread(lambda r: r.total_seconds)) or (seconds, seconds)
    return {
        "outcome": i,
        "x": seconds,
        "y": y,
        "low": low,
        "high": high,
        "left": left,
        "right": right,
        "bytes": memory_of(outcome) or 0,
        "plain_size": _SIZE,
        "size": _SIZE,
        "alpha": 1.0,
        "fill": float(outcome.is_ok),
        "ok": outcome.is_ok,
        "known": run.recall is not None,
        "marker": _MARKERS[marker(outcome.strategy)],
        "color": color(outcome.strategy),
        "name": shorten(outcome.label, 60),
        "ending": shorten(f"{describe_status(run.status)} {run.reason}", 90),
        "total": _with_spread(format_seconds(seconds), left, right),
        "recall": format_recall(run.recall, run.recall_low, run.recall_high),
        "memory": format_bytes(memory_of(outcome)),
        "settings": shorten(describe_own(run), 90) or "defaults",
    }


def _with_spread(words: str, left: float, right: float) -> str:
    return words if left == right else f"{words} ({format_seconds(left)} to {format_seconds(right)})"


def _draw(plot: Any, marks: ColumnDataSource) -> None:
    """Draw intervals under the front under the marks, names above all; only marks answer the pointer."""
    view = CDSView(filter=BooleanFilter(name="shown"))
    thin = {"source": marks, "view": view, "line_color": "color", "line_alpha": "alpha", "line_width": 1.2}
    plot.segment("x", "low", "x", "high", **thin)
    plot.segment("left", "y", "right", "y", **thin)
    front = ColumnDataSource({"x": [], "y": []}, name="front")
    plot.line("x", "y", source=front, line_dash=[6, 4], line_width=1.4, name="ink line")
    drawn = plot.scatter(
        "x",
        "y",
        source=marks,
        view=view,
        size="size",
        marker="marker",
        color="color",
        fill_alpha="fill",
        line_alpha="alpha",
        line_width=1.6,
    )
    drawn.nonselection_glyph = None
    chosen = ColumnDataSource({"x": [], "y": [], "size": []}, name="chosen")
    plot.scatter("x", "y", source=chosen, size="size", fill_alpha=0, line_width=2, name="ink ring")
    columns: dict[str, list[Any]] = {name: [] for name in ("x", "y", "text", "dx", "dy", "align")}
    labels = ColumnDataSource(columns, name="labels")
    beside = {"x_offset": "dx", "y_offset": "dy", "text_align": "align", "text_baseline": "middle"}
    plot.text(source=labels, text_font_size="12px", name="ink text", **beside)
    hover = HoverTool(renderers=[drawn], tooltips=_TOOLTIPS, point_policy="follow_mouse")
    tools = [hover, TapTool(renderers=[drawn]), BoxZoomTool(), WheelZoomTool(), PanTool(), ResetTool()]
    plot.add_tools(*tools)
    plot.toolbar.active_drag = None  # a finger that scrolls the page must not draw a box
    plot.toolbar.logo = None


def _set_axes(plot: Any, low: float, high: float, bottom: float, strip: float) -> None:
    times = time_ticks(low, high)
    plot.xaxis.ticker = FixedTicker(ticks=list(times))
    plot.xaxis.major_label_overrides = times
    heights = {nines(tick): f"{tick:g}" for tick in RECALL_TICKS if nines(tick) >= bottom}
    if strip:
        heights[bottom - strip / 2] = "unknown"
    plot.yaxis.ticker = FixedTicker(ticks=list(heights))
    plot.yaxis.major_label_overrides = heights
    plot.add_layout(Span(dimension="width", location=None, line_dash="dotted", name="recall limit"))
    plot.add_layout(Span(dimension="height", location=None, line_dash="dotted", name="time limit"))
