"""Figures of one bar a strategy: runtime by phase, and peak memory."""

from collections.abc import Collection, Sequence

from matplotlib.axes import Axes
from matplotlib.patches import Patch

from bench.analysis.summary import Group, Outcome
from bench.report.drawings import Drawing
from bench.report.figures.palette import color
from bench.report.figures.style import GRID, INK, MUTED, SURFACE, canvas, entitle, save
from bench.report.table_bars import FILE_BACKED, PHASES, Parts, memory_parts, time_parts
from bench.report.wording import describe_ending, describe_status, describe_workload
from bench.results import Measurement
from bench.units import format_bytes, shorten

MOST_BARS = 30
_TIME_UNITS = ((3 * 3600.0, 3600.0, "hours"), (180.0, 60.0, "minutes"), (0.0, 1.0, "seconds"))
_GIB = 2.0**30
_LIMIT_BESIDE_BARS = 2.5
"""A limit farther from the longest bar than this many times its length is not drawn, only named."""


def draw_runtime(group: Group) -> Drawing | None:
    """Draw start, fit and query of each outcome; None where no run has a time."""
    outcomes = [o for o in group.outcomes if o.median.total_seconds is not None][:MOST_BARS]
    if not outcomes:
        return None
    longest = max(o.runs[-1].total_seconds or 0.0 for o in outcomes)
    divisor, unit = next((size, name) for least, size, name in _TIME_UNITS if longest >= least)
    with canvas(_height(outcomes)) as (figure, [axes]):
        for y, outcome in enumerate(outcomes):
            _label(axes, y, outcome, describe_ending(outcome.median))
            spread = outcome.spread(lambda row: row.total_seconds) if outcome.is_ok else None
            _draw_bar(axes, y, outcome, time_parts(outcome), spread, divisor)
        _finish(axes, len(outcomes), f"total time ({unit})", list(PHASES.items()))
        entitle(axes, "Runtime by phase", describe_workload(group.workload))
        of = _repeat_words(outcomes)
        caption = f"Start, fit and query of each {of}, fastest first{_left_out(group, outcomes)}."
        return save(figure, "runtime", "Runtime by phase", caption)


def draw_memory(group: Group) -> Drawing | None:
    """Draw the peak memory of each outcome with limit and baseline; None where none was measured."""
    outcomes = [o for o in group.outcomes if o.median.peak_memory_bytes is not None][:MOST_BARS]
    if not outcomes:
        return None
    limits = {b for o in outcomes if (b := o.median.memory_limit_bytes) is not None}
    most = max(o.median.peak_memory_bytes or 0 for o in outcomes)
    drawn = {limit for limit in limits if limit <= _LIMIT_BESIDE_BARS * most}
    with canvas(_height(outcomes)) as (figure, [axes]):
        for limit in drawn:
            axes.axvline(limit / _GIB, color=MUTED, linestyle=(0, (4, 3)), linewidth=1.2, zorder=1)
        for y, outcome in enumerate(outcomes):
            run = outcome.median
            _label(axes, y, outcome, _memory_words(run))
            spread = outcome.spread(lambda row: row.peak_memory_bytes)
            _draw_bar(axes, y, outcome, memory_parts(outcome), spread, _GIB)
            if run.baseline_memory_bytes is not None:
                axes.plot(
                    [run.baseline_memory_bytes / _GIB] * 2, [y - 0.2, y + 0.28], color=INK, linewidth=1.4
                )
            if run.status == "out_of_memory" and (hit := run.memory_limit_bytes or 0) in drawn:
                axes.plot(hit / _GIB, y, "o", mfc=SURFACE, mec=color(run.strategy))
        shades = [("anonymous", 1.0), ("file-backed", FILE_BACKED)]
        _finish(axes, len(outcomes), "peak memory (GiB)", shades)
        entitle(axes, "Peak memory", describe_workload(group.workload))
        caption = (
            "Peak memory of all processes of a run together"
            f"{_limit_words(limits)}{_left_out(group, outcomes)}."
        )
        return save(figure, "memory", "Peak memory", caption)


def _memory_words(run: Measurement) -> str:
    size = format_bytes(run.peak_memory_bytes)
    return size if run.status == "ok" else f"{describe_status(run.status)}, {size}"


def _limit_words(limits: Collection[int]) -> str:
    return f"; the limit was {' or '.join(map(format_bytes, sorted(limits)))}" if limits else ""


def _height(outcomes: Sequence[Outcome]) -> float:
    return 1.35 + 0.46 * len(outcomes)


def _label(axes: Axes, y: int, outcome: Outcome, words: str) -> None:
    """Write the name above the left end of a bar, and what it says above the right end."""
    name = (0, "left", shorten(outcome.label, 36), INK)
    figure = (1, "right", shorten(words, 52), INK if outcome.is_ok else MUTED)
    for x, side, text, ink in (name, figure):
        axes.annotate(
            text,
            (x, y - 0.22),
            (0, 1),
            xycoords=("axes fraction", "data"),
            textcoords="offset points",
            ha=side,
            va="bottom",
            color=ink,
            fontsize=9,
            bbox={"facecolor": SURFACE, "linewidth": 0, "pad": 0.5},
        )


def _draw_bar(
    axes: Axes, y: int, outcome: Outcome, parts: Parts, spread: tuple[float, float] | None, unit: float
) -> None:
    """Draw the parts end to end, one hatched bar for a failure, and the range of the repeats."""
    hue, left = color(outcome.strategy), 0.0
    if not outcome.is_ok:
        width = sum(size for size, _ in parts) / unit
        axes.barh(y, width, height=0.4, facecolor=SURFACE, edgecolor=hue, hatch="/////", linewidth=1)
    for size, opacity in parts if outcome.is_ok else ():
        axes.barh(y, size / unit, left=left, height=0.4, color=hue, alpha=opacity, linewidth=0)
        left += size / unit
    if spread:
        axes.plot([end / unit for end in spread], [y, y], color=INK, linewidth=1.2, marker="|")


def _finish(axes: Axes, bars: int, x_label: str, shades: Sequence[tuple[str, float]]) -> None:
    axes.set(ylim=(bars - 0.55, -0.85), xlabel=x_label, yticks=[])
    axes.set_xlim(left=0)
    axes.grid(visible=False, axis="y")
    axes.set_axisbelow(True)
    patches = [Patch(color=MUTED, alpha=alpha, linewidth=0, label=name) for name, alpha in shades]
    patches.append(Patch(facecolor=SURFACE, edgecolor=MUTED, hatch="/////", label="failed"))
    figure = axes.get_figure(root=True)
    assert figure is not None
    figure.legend(
        handles=patches,
        loc="outside lower left",
        ncols=len(patches),
        fontsize=8.5,
        labelcolor=MUTED,
        handlelength=1.2,
    )
    axes.axvline(0, color=GRID, linewidth=1)


def _repeat_words(outcomes: Sequence[Outcome]) -> str:
    repeated = any(len(outcome.runs) > 1 for outcome in outcomes)
    return (
        "strategy's median run, with a thin line from the fastest to the slowest run"
        if repeated
        else "strategy"
    )


def _left_out(group: Group, outcomes: Sequence[Outcome]) -> str:
    missing = len(group.outcomes) - len(outcomes)
    return f"; {missing} more {'is' if missing == 1 else 'are'} in the table" if missing else ""
