"""The figure of memory over time: what the harness saw of each run."""

import math
from collections.abc import Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from bench.analysis.summary import Group, Outcome
from bench.report.drawings import Drawing
from bench.report.figures.palette import color
from bench.report.figures.samples import SAMPLES, phase_ends, read_samples
from bench.report.figures.style import GRID, INK, MUTED, canvas, entitle, save
from bench.report.wording import describe_workload
from bench.units import shorten

_MOST_PANELS = 12
"""Of many outcomes the first, that is the fastest, are drawn; samples of all are kept."""
_PANELS = 4
_SHADES = {"start": 0.4, "load": 0.2, "fit": 0.8}
_UNITS = ((2.0**30, "GiB"), (2.0**20, "MiB"))
_HEADROOM = 1.35
"""Of the axis over the peak, for the names of the phases."""


def draw_over_time(group: Group, homes: Mapping[str, Path]) -> list[Drawing]:
    """Draw memory over time of each outcome's median run whose samples are kept, a few to a figure.

    ``homes`` gives the results directory of each run by its ``run_id``.
    """
    runs = ((o, o.median.run_id) for o in group.outcomes)
    sampled = ((o, read_samples(homes[run_id] / SAMPLES, run_id)) for o, run_id in runs if run_id in homes)
    drawn = list(islice(((o, table) for o, table in sampled if table is not None), _MOST_PANELS))
    if not drawn:
        return []
    size = math.ceil(len(drawn) / math.ceil(len(drawn) / _PANELS))
    return [
        _draw_part(group, drawn[start : start + size], f"-{number}" if number > 1 else "")
        for number, start in enumerate(range(0, len(drawn), size), 1)
    ]


def _draw_part(group: Group, drawn: Sequence[tuple[Outcome, pd.DataFrame]], suffix: str) -> Drawing:
    most = max(table.memory_bytes.max() for _, table in drawn)
    divisor, unit = next((unit for unit in _UNITS if most >= unit[0]), _UNITS[-1])
    with canvas(0.85 + 1.25 * len(drawn), len(drawn)) as (figure, panels):
        for axes, (outcome, table) in zip(panels, drawn, strict=True):
            _draw_panel(axes, outcome, table, divisor)
            axes.set_ylim(0, table.memory_bytes.max() * _HEADROOM / divisor or 1.0)
        figure.supylabel(f"memory ({unit})", fontsize=9, color=MUTED)
        panels[-1].set_xlabel("seconds since the run's start")
        entitle(panels[0], "Memory over time", describe_workload(group.workload), gap=18)
        caption = (
            "Memory held by all processes of each run, the darker part anonymous; bands mark the phases."
        )
        return save(figure, f"memory-over-time{suffix}", "Memory over time", caption)


def _draw_panel(axes: Axes, outcome: Outcome, moments: pd.DataFrame, divisor: float) -> None:
    hue = color(outcome.strategy)
    table = moments.assign(memory=moments.memory_bytes / divisor, anonymous=moments.anonymous_bytes / divisor)
    axes.fill_between(table.seconds, table.anonymous, color=hue, alpha=0.45, linewidth=0)
    axes.fill_between(table.seconds, table.memory, color=hue, alpha=0.2, linewidth=0)
    axes.plot(table.seconds, table.memory, color=hue, linewidth=1.4)
    end = float(table.seconds.iloc[-1])
    _shade_phases(axes, table)
    axes.set(xlabel="", ylabel="", xlim=(0, max(end, 1e-3)))
    axes.grid(visible=False, axis="x")
    place: dict[str, Any] = {"xycoords": "axes fraction", "textcoords": "offset points", "ha": "right"}
    axes.annotate(shorten(outcome.label, 60), (1, 1), (0, 2), color=INK, **place)


def _shade_phases(axes: Axes, moments: pd.DataFrame) -> None:
    """Shade what comes before the query, and name the phases that are wide enough."""
    ends = phase_ends(moments)
    edges = [0.0, *(end for _, end in ends)]
    place: dict[str, Any] = {"xycoords": ("data", "axes fraction"), "textcoords": "offset points"}
    for (phase, right), left in zip(ends, edges, strict=False):
        axes.axvspan(left, right, color=GRID, alpha=_SHADES.get(phase, 0.0), linewidth=0, zorder=0)
        if right - left > 0.07 * edges[-1]:
            axes.annotate(phase, (left, 1), (3, -3), va="top", fontsize=8, color=MUTED, **place)
