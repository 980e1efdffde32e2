"""The figure of a comparison: how many times as long each strategy takes in B, with its interval."""

import math
from collections.abc import Sequence

from matplotlib.axes import Axes

from bench.analysis.before_after import Change
from bench.report.changes import describe_ratio
from bench.report.drawings import Drawing
from bench.report.figures.palette import color
from bench.report.figures.style import INK, MUTED, SURFACE, canvas, entitle, save
from bench.report.wording import describe_workload
from bench.units import shorten

_STEPS = (0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 3.0, 15.0)
"""Between the lines of the grid, as a share of A's seconds."""
MOST_LINES = 40
_FARTHEST = 4.0
"""No end of an interval is drawn farther out than 16 times, or a sixteenth."""


def draw_ratios(changes: Sequence[Change]) -> Drawing | None:
    """Draw the ratios of one workload on a log scale; None where there is none."""
    drawn = [change for change in changes if change.seconds.ratio > 0][:MOST_LINES]
    if not drawn:
        return None
    with canvas(1.3 + 0.42 * len(drawn)) as (figure, [axes]):
        for y, change in enumerate(drawn):
            _draw(axes, y, change)
        axes.axvline(0.0, color=MUTED, linewidth=1)
        reach = max(0.1, 1.15 * max(abs(x) for x in axes.dataLim.intervalx))
        axes.set(
            ylim=(len(drawn) - 0.5, -0.9),
            xlim=(-reach, reach),
            yticks=[],
            xlabel="seconds of B / seconds of A",
        )
        step = next(step for step in _STEPS if math.log2(1 + step) >= reach / 4)
        ratios = [
            r for i in range(1, 4) for r in (1 + i * step, 1 / (1 + i * step)) if abs(math.log2(r)) < reach
        ]
        axes.set_xticks([math.log2(r) for r in (1.0, *ratios)], [f"{r:.2f}" for r in (1.0, *ratios)])
        axes.grid(visible=False, axis="y")
        entitle(axes, "B against A", describe_workload(drawn[0].workload))
        left_out = len(changes) - len(drawn)
        more = f"; {left_out} more are in the table" if left_out else ""
        caption = (
            "Seconds of B divided by seconds of A, with the interval: right of 1, B is slower; open marks"
            f" have too few repeats for an interval{more}."
        )
        return save(figure, "ratios", "B against A", caption)


def _draw(axes: Axes, y: int, change: Change) -> None:
    seconds, paint = change.seconds, color(change.strategy)
    has_interval = seconds.finding != "too few repeats"
    if has_interval:
        ends = [max(-_FARTHEST, min(_FARTHEST, math.log2(end))) for end in (seconds.low, seconds.high)]
        axes.plot(ends, [y, y], color=paint, linewidth=2, solid_capstyle="butt")
    axes.plot(
        math.log2(seconds.ratio), y, "o", markersize=7, mec=paint, mfc=paint if has_interval else SURFACE
    )
    sides = (("left", 0, shorten(change.label, 44)), ("right", 1, describe_ratio(change)))
    for side, x, words in sides:
        axes.annotate(
            words,
            (x, y - 0.22),
            xycoords=("axes fraction", "data"),
            ha=side,
            va="bottom",
            color=INK if has_interval else MUTED,
            fontsize=9,
        )
