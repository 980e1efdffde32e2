"""The figure of time and memory against the number of points."""

from collections.abc import Sequence

import numpy as np
import seaborn as sns
from matplotlib.axes import Axes

from bench.analysis.prediction import LEVEL
from bench.analysis.scaling import Scaling
from bench.report.drawings import Drawing
from bench.report.figures.axes import time_ticks
from bench.report.figures.labels import Label, label_ends
from bench.report.figures.palette import color, marker
from bench.report.figures.style import canvas, entitle, save
from bench.units import format_bytes, shorten

MOST_LINES = 12
_NAMES_ROOM = 12
"""Times the largest n, for the names at the right."""
_N_TICKS = [float(f"{digit}e{power}") for power in range(2, 10) for digit in (1, 3)]


def draw_scaling(title: str, pairs: Sequence[tuple[Scaling, Scaling]]) -> Drawing:
    """Draw the time and the memory of each setting, the first ones where there are many."""
    shown = pairs[:MOST_LINES]
    with canvas(6.8, 2) as (figure, [times, memories]):
        for axes, part, name in ((times, 0, "total time"), (memories, 1, "peak memory")):
            _draw_panel(axes, [pair[part] for pair in shown], name)
        memories.set_xlabel("points")
        entitle(times, "Scaling", title)
        left_out = f"; {len(pairs) - len(shown)} more are in the table" if len(shown) < len(pairs) else ""
        caption = (
            "Marks are runs; lines are predictions, dashed beyond what was measured, with bands of"
            f" {100 * LEVEL:g} % intervals{left_out}."
        )
        return save(figure, "scaling", "Scaling", caption)


def _draw_panel(axes: Axes, lines: Sequence[Scaling], name: str) -> None:
    labels = []
    for line in lines:
        hue, n = color(line.curve.setting.strategy), np.array([point.n for point in line.line])
        middle, low, high = (
            np.array([getattr(point.figure, end) for point in line.line]) for end in ("median", "low", "high")
        )
        split = sum(point.measured for point in line.line)
        sns.lineplot(x=n[:split], y=middle[:split], ax=axes, color=hue, errorbar=None, linewidth=1.6)
        beyond = slice(max(split - 1, 0), None)
        axes.plot(n[beyond], middle[beyond], color=hue, linestyle=(0, (4, 3)), linewidth=1.4)
        axes.fill_between(n[beyond], low[beyond], high[beyond], color=hue, alpha=0.12, linewidth=0)
        if line.measured:
            x, y = zip(*line.measured, strict=True)
            axes.plot(x, y, marker(line.curve.setting.strategy), color=hue, markersize=5)
        labels.append(Label(float(n[-1]), float(middle[-1]), shorten(line.curve.label, 28), hue))
    _set_axes(axes, lines, name)
    label_ends(axes, labels, max(label.x for label in labels) * 1.15)


def _set_axes(axes: Axes, lines: Sequence[Scaling], name: str) -> None:
    sizes = [point.n for line in lines for point in line.line]
    least, most = min(sizes), max(sizes)
    values = [value for line in lines for _, value in line.measured]
    values += [point.figure.median for line in lines for point in line.line]
    low, high = min(values) / 1.6, max(values) * 1.6
    axes.set(xscale="log", yscale="log", ylabel=name, xlabel="")
    axes.set(xlim=(least / 1.3, most * _NAMES_ROOM), ylim=(low, high))
    if name == "total time":
        heights = time_ticks(low, high)
    else:
        powers = range(int(np.log2(low)), int(np.log2(high)) + 1)
        heights = {2.0**power: format_bytes(2.0**power) for power in powers[:: 1 + len(powers) // 8]}
    axes.set_yticks([], minor=True)
    axes.set_yticks(list(heights), list(heights.values()))
    ticks = [tick for tick in _N_TICKS if least / 1.3 <= tick <= most * 1.3]
    axes.set_xticks([], minor=True)
    axes.set_xticks(ticks, [f"{tick:,.0f}" for tick in ticks], rotation=0)
