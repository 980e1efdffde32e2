"""How time and memory grow with the number of points: a figure and a table for each kind of points."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import seaborn as sns
from matplotlib.axes import Axes

from bench.analysis.prediction import Interval
from bench.analysis.scaling import Quantity, Scaling, scalings
from bench.report.labels import Label, label_ends
from bench.report.naming import plain
from bench.report.places import time_ticks
from bench.report.style import Drawing, canvas, color, entitle, marker, save
from bench.results import Measurement
from bench.units import format_bytes, format_interval, format_seconds, shorten

MOST_LINES = 12
_NAMES_ROOM = 12
"""Times the largest n, for the names at the right."""
_N_TICKS = [float(f"{digit}e{power}") for power in range(2, 10) for digit in (1, 3)]


@dataclass(frozen=True, slots=True)
class Growth:
    """What the runs of one setting say of its growth, in words."""

    label: str
    strategy: str
    sizes: str
    """The numbers of points measured."""
    time: str
    """Exponent of fit and query, with its interval."""
    memory: str
    expected: str
    """Time and memory at the last n of the lines, with their intervals."""


@dataclass(frozen=True, slots=True)
class Growths:
    """The settings of one kind of points on one machine."""

    slug: str
    title: str
    last_n: str
    rows: list[Growth]
    drawing: Drawing


def growths(rows: Iterable[Measurement]) -> list[Growths]:
    """Describe and draw each kind of points that was measured at two numbers of points or more."""
    found: dict[tuple[Hashable, str], list[tuple[Scaling, Scaling]]] = defaultdict(list)
    each = scalings(rows)
    for time, memory in zip(each[::2], each[1::2], strict=True):
        found[time.curve.setting.family, time.curve.setting.machine].append((time, memory))
    machines = {machine for _, machine in found}
    titles = [f"{family}, {machine}" if len(machines) > 1 else str(family) for family, machine in found]
    slugs = [plain(title) for title in titles]
    return [
        _growths(f"{slug}-{i}" if slugs.count(slug) > 1 else slug, title, pairs)
        for i, (slug, title, pairs) in enumerate(zip(slugs, titles, found.values(), strict=True), 1)
    ]


def _growths(slug: str, title: str, pairs: Sequence[tuple[Scaling, Scaling]]) -> Growths:
    quickest = sorted(pairs, key=lambda pair: pair[0].line[-1].figure.median)
    last = max(pair[0].line[-1].n for pair in pairs)
    return Growths(slug, title, f"{last:,}", [_growth(*pair) for pair in quickest], _draw(title, quickest))


def _growth(time: Scaling, memory: Scaling) -> Growth:
    seconds, size = time.line[-1].figure, memory.line[-1].figure
    return Growth(
        label=time.curve.label,
        strategy=time.curve.setting.strategy,
        sizes=", ".join(f"{n:,}" for n in time.curve.sizes),
        time=_exponent(time.exponent),
        memory=_exponent(memory.exponent),
        expected=f"{_written(seconds, 'total_seconds')}; {_written(size, 'peak_memory_bytes')}",
    )


def _exponent(found: Interval) -> str:
    return f"{found.median:.2f} ({found.low:.2f} to {found.high:.2f})"


def _written(found: Interval, quantity: Quantity) -> str:
    write = format_seconds if quantity == "total_seconds" else format_bytes
    return format_interval(found.median, found.low, found.high, write)


def _draw(title: str, pairs: Sequence[tuple[Scaling, Scaling]]) -> Drawing:
    shown = pairs[:MOST_LINES]
    with canvas(6.8, 2) as (figure, [times, memories]):
        for axes, part, name in ((times, 0, "total time"), (memories, 1, "peak memory")):
            _draw_panel(axes, [pair[part] for pair in shown], name)
        memories.set_xlabel("points")
        entitle(times, "Scaling", title)
        left_out = f"; {len(pairs) - len(shown)} more are in the table" if len(shown) < len(pairs) else ""
        caption = (
            "Marks are runs, lines what is expected: dashed beyond what was measured, in the band with 90 %"
            f" within it. All axes are logarithmic{left_out}."
        )
        return save(figure, "scaling", "Scaling", caption)


def _draw_panel(axes: Axes, lines: Sequence[Scaling], name: str) -> None:
    labels = []
    for line in lines:
        hue, n = color(line.curve.setting.strategy), np.array([place.n for place in line.line])
        middle, low, high = (
            np.array([getattr(place.figure, end) for place in line.line]) for end in ("median", "low", "high")
        )
        split = sum(place.measured for place in line.line)
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
    sizes = [place.n for line in lines for place in line.line]
    least, most = min(sizes), max(sizes)
    values = [value for line in lines for _, value in line.measured]
    values += [place.figure.median for line in lines for place in line.line]
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
