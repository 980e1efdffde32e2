"""Figures of one mark an outcome: recall against total time, and peak memory against total time."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import seaborn as sns
from matplotlib.axes import Axes

from bench.analysis.summary import Group, Outcome
from bench.report.drawings import Drawing
from bench.report.figures.axes import RECALL_TICKS, memory_of, nines, recall_interval, seconds_of, time_ticks
from bench.report.figures.labels import Label, place_labels
from bench.report.figures.palette import color, marker
from bench.report.figures.style import GRID, SURFACE, canvas, entitle, save
from bench.report.wording import describe_status, describe_workload
from bench.units import format_bytes, shorten

_MOST_LABELS = 14
"""Of more marks one of each strategy is named, where there is room."""


@dataclass(frozen=True, slots=True)
class _Mark:
    outcome: Outcome
    seconds: float
    height: float
    label: str
    interval: tuple[float, float] | None = None
    """Of its height."""


def draw_recall(group: Group) -> Drawing | None:
    """Draw recall against total time; None where no recall is known.

    The vertical axis is the logarithm of what is missing to a recall of 1.
    """
    known_recalls = [nines(o.median.recall) for o in group.outcomes if o.median.recall is not None]
    if not known_recalls:
        return None
    top = nines(1.0) + 0.25
    bottom = min(*known_recalls, nines(0.9)) - 0.25
    strip = 0.16 * (top - bottom) if len(known_recalls) < len(group.outcomes) else 0.0
    recalls = [None if (r := o.median.recall) is None else nines(r) for o in group.outcomes]
    marks = [
        mark
        for outcome, height in zip(group.outcomes, recalls, strict=True)
        if (
            mark := _mark(outcome, bottom - strip / 2 if height is None else height, recall_interval(outcome))
        )
    ]
    if not marks:
        return None
    with canvas(4.2) as (figure, [axes]):
        axes.set(ylim=(bottom - strip, top), ylabel="recall")
        ticks = [tick for tick in RECALL_TICKS if nines(tick) >= bottom]
        heights, names = [nines(tick) for tick in ticks], [f"{tick:g}" for tick in ticks]
        if strip:
            axes.axhspan(bottom - strip, bottom, color=GRID, alpha=0.5, linewidth=0, zorder=0)
            heights, names = [bottom - strip / 2, *heights], ["unknown", *names]
        axes.set_yticks(heights, names)
        _draw_intervals(axes, marks)
        entitle(axes, "Recall against total time", describe_workload(group.workload))
        _draw_marks(axes, marks)
        caption = "Better is higher and further left; open marks are failed runs."
        return save(figure, "recall-time", "Recall against total time", caption)


def draw_memory_time(group: Group) -> Drawing | None:
    """Draw peak memory against total time; None where no run has both."""
    heights = [(outcome, height) for outcome in group.outcomes if (height := memory_of(outcome))]
    marks = [mark for outcome, height in heights if (mark := _mark(outcome, height))]
    if not marks:
        return None
    with canvas(3.8) as (figure, [axes]):
        low = min(mark.height for mark in marks) / 1.5
        high = max(mark.height for mark in marks) * 1.5
        axes.set_yscale("log", base=2)
        axes.set(ylim=(low, high), ylabel="peak memory")
        ticks = [2.0**i for i in range(math.ceil(math.log2(low)), math.floor(math.log2(high)) + 1)]
        axes.set_yticks(ticks, [format_bytes(tick) for tick in ticks])
        entitle(axes, "Memory against total time", describe_workload(group.workload))
        _draw_marks(axes, marks)
        caption = "Better is lower and further left; open marks are failed runs."
        return save(figure, "memory-time", "Memory against total time", caption)


def _mark(outcome: Outcome, height: float, interval: tuple[float, float] | None = None) -> _Mark | None:
    """Say where an outcome stands: a failure at the limit that it hit, or as far as it came."""
    seconds = seconds_of(outcome)
    if seconds is None:
        return None
    word = describe_status(outcome.median.status)
    is_extrapolated = outcome.median.extrapolated_seconds is not None
    ending = "" if outcome.is_ok else f" ({word}, extrapolated)" if is_extrapolated else f" ({word})"
    return _Mark(outcome, seconds, height, shorten(outcome.label, 40) + ending, interval)


def _draw_intervals(axes: Axes, marks: Sequence[_Mark]) -> None:
    intervals = [
        (m.seconds, *m.interval, color(m.outcome.strategy))
        for m in marks
        if m.interval and m.interval[0] < m.interval[1]
    ]
    if intervals:
        seconds, lows, highs, colors = zip(*intervals, strict=True)
        axes.vlines(seconds, lows, highs, colors=colors, linewidth=1.2, zorder=2)


def _draw_marks(axes: Axes, marks: Sequence[_Mark]) -> None:
    """Draw the marks with their labels, on a logarithmic axis of time."""
    _set_time_axis(axes, [mark.seconds for mark in marks])
    _draw_successes(axes, [mark for mark in marks if mark.outcome.is_ok])
    for mark in marks:
        name = mark.outcome.strategy
        if not mark.outcome.is_ok:
            look: dict[str, Any] = {"mfc": SURFACE, "mec": color(name), "mew": 1.4, "zorder": 3}
            axes.plot([mark.seconds], [mark.height], marker(name), **look)
        elif spread := mark.outcome.spread(lambda run: run.total_seconds):
            axes.plot(spread, [mark.height] * 2, color=color(name), linewidth=1.2, zorder=2)
    few = len(marks) <= _MOST_LABELS
    labelled = marks if few else _first_of_each(marks)
    labels = [Label(mark.seconds, mark.height, mark.label, color(mark.outcome.strategy)) for mark in labelled]
    covered = [place for mark in marks for place in _covered(mark)]
    place_labels(axes, labels, covered, all_of_them=few)


def _covered(mark: _Mark) -> list[tuple[float, float]]:
    """Where a mark is, its line from the fastest to the slowest run, and its interval."""
    places = [(mark.seconds, mark.height)]
    spread = mark.outcome.spread(lambda run: run.total_seconds) if mark.outcome.is_ok else None
    if spread and spread[0] > 0:
        places += [(float(seconds), mark.height) for seconds in np.geomspace(*spread, 12)]
    if mark.interval:
        places += [(mark.seconds, float(height)) for height in np.linspace(*mark.interval, 12)]
    return places


def _draw_successes(axes: Axes, marks: Sequence[_Mark]) -> None:
    if not marks:
        return
    strategies = [mark.outcome.strategy for mark in marks]
    sns.scatterplot(
        x=[mark.seconds for mark in marks],
        y=[mark.height for mark in marks],
        hue=strategies,
        style=strategies,
        palette={name: color(name) for name in strategies},
        markers={name: marker(name) for name in strategies},
        s=55,
        linewidth=0,
        clip_on=False,
        legend=False,
        zorder=3,
        ax=axes,
    )


def _set_time_axis(axes: Axes, seconds: Sequence[float]) -> None:
    low, high = min(seconds) / 1.6, max(seconds) * 1.6
    ticks = time_ticks(low, high)
    axes.set_xscale("log")
    axes.set(xlim=(low, high), xlabel="total time")
    axes.set_xticks([], minor=True)
    axes.set_xticks(list(ticks), list(ticks.values()))


def _first_of_each(marks: Sequence[_Mark]) -> list[_Mark]:
    """Leave one mark a strategy, the first, where there are too many to name."""
    return list({mark.outcome.strategy: mark for mark in reversed(marks)}.values())
