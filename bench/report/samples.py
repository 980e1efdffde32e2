"""Memory over time: what the harness saw of each run, and a figure of it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes

from bench.analysis.summary import Group, Outcome
from bench.report.style import GRID, INK, MUTED, Drawing, canvas, color, entitle, save, shorten
from bench.report.wording import describe_workload

MOST_PANELS = 16
_MOST_MOMENTS = 400
_GIB = 2.0**30
_COLUMNS = ("seconds", "phase", "memory_bytes", "anonymous_bytes")


def read_samples(directory: Path, run_id: str) -> pd.DataFrame | None:
    """Read what is kept of a run, all roles together: seconds, phase, memory_bytes and anonymous_bytes.

    None where nothing is kept, or nothing that can be read: a run may have been killed while writing.
    """
    path = directory / f"{run_id}.csv"
    if Path(run_id).name != run_id or not path.is_file():
        return None
    try:
        table = pd.read_csv(path, on_bad_lines="skip").dropna()
    except (OSError, ValueError):
        return None
    if table.empty or not set(_COLUMNS) <= set(table.columns):
        return None
    moments = table.groupby("seconds", sort=True).agg(
        {"phase": "last", "memory_bytes": "sum", "anonymous_bytes": "sum"}
    )
    return _thin(moments.reset_index())


def draw_over_time(group: Group, samples: Mapping[str, pd.DataFrame]) -> Drawing | None:
    """Draw memory over time of each outcome's median run; None where no samples are kept."""
    outcomes = [o for o in group.outcomes if o.median.run_id in samples]
    if not outcomes:
        return None
    drawn = outcomes[:MOST_PANELS]
    with canvas(0.9 + 1.25 * len(drawn), len(drawn)) as (figure, panels):
        for axes, outcome in zip(panels, drawn, strict=True):
            _draw_panel(axes, outcome, samples[outcome.median.run_id])
        top = max(axes.get_ylim()[1] for axes in panels)
        for axes in panels:
            axes.set_ylim(0, top)
        panels[-1].set_xlabel("seconds since the run's start")
        figure.supylabel("memory (GiB)", fontsize=9, color=MUTED)
        entitle(panels[0], "Memory over time", describe_workload(group.workload))
        more = (
            f"; {len(outcomes) - len(drawn)} more are kept as samples" if len(outcomes) > len(drawn) else ""
        )
        caption = (
            "Memory held by all processes of each run, the darker part anonymous; bands mark the phases,"
            f" and each run has its own time axis{more}."
        )
        return save(figure, "memory-over-time", "Memory over time", caption)


def _draw_panel(axes: Axes, outcome: Outcome, moments: pd.DataFrame) -> None:
    hue = color(outcome.strategy)
    table = moments.assign(memory=moments.memory_bytes / _GIB, anonymous=moments.anonymous_bytes / _GIB)
    axes.fill_between(table.seconds, table.anonymous, color=hue, alpha=0.45, linewidth=0)
    axes.fill_between(table.seconds, table.memory, color=hue, alpha=0.2, linewidth=0)
    sns.lineplot(table, x="seconds", y="memory", ax=axes, color=hue, errorbar=None, linewidth=1.4)
    end = float(table.seconds.iloc[-1])
    _shade_phases(axes, table, end)
    axes.set(xlabel="", ylabel="", xlim=(0, max(end, 1e-3)))
    axes.grid(visible=False, axis="x")
    place: dict[str, Any] = {"xycoords": "axes fraction", "textcoords": "offset points", "ha": "right"}
    axes.annotate(shorten(outcome.label, 60), (1, 1), (0, 2), color=INK, **place)


def _shade_phases(axes: Axes, moments: pd.DataFrame, end: float) -> None:
    """Shade every second phase and name those that are wide enough."""
    spells = (moments.phase != moments.phase.shift()).cumsum()
    begins = moments.groupby(spells).agg(phase=("phase", "first"), begin=("seconds", "first"))
    edges = [0.0, *begins.begin.iloc[1:], end]
    for i, phase in enumerate(begins.phase):
        if i % 2 == 0:
            axes.axvspan(edges[i], edges[i + 1], color=GRID, alpha=0.45, linewidth=0, zorder=0)
        if edges[i + 1] - edges[i] > 0.07 * end:
            axes.annotate(
                str(phase), (edges[i], 1), (3, -3), xycoords=("data", "axes fraction"),
                textcoords="offset points", va="top", fontsize=8, color=MUTED,
            )  # fmt: skip


def _thin(moments: pd.DataFrame) -> pd.DataFrame:
    """Keep the moment of most memory in each of many short spans of time, and the last one."""
    if len(moments) <= _MOST_MOMENTS:
        return moments
    edges = np.linspace(moments.seconds.iloc[0], moments.seconds.iloc[-1], _MOST_MOMENTS)
    slots = np.digitize(moments.seconds, edges)
    kept = set(moments.groupby(slots).memory_bytes.idxmax()) | {moments.index[-1]}
    return moments.loc[sorted(kept)]
