"""What ``predict`` prints: a table of predictions, or these beside what was measured."""

import json
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

from rich.table import Table
from rich.text import Text

from bench.analysis.calibration import Checked, check, summarize
from bench.analysis.curves import Curve
from bench.analysis.prediction import Interval, Model
from bench.analysis.scaling import scaling
from bench.cli import terminal
from bench.report.commands import command_at
from bench.units import format_bytes, format_interval, format_recall, format_seconds

TARGET = 1_000_000
_NOTE = "90 % intervals; what the model is and what it cannot know: docs/predictions.md"


def show(models: Sequence[Model], sizes: Sequence[int], *, as_json: bool) -> None:
    """Print predictions, a table for each family of points and each n."""
    if as_json:
        terminal.print_lines(json.dumps(_as_dict(model, n)) for model in models for n in sizes)
        return
    for family in dict.fromkeys(model.curve.setting.family for model in models):
        of_family = [model for model in models if model.curve.setting.family == family]
        for n in sizes:
            terminal.print_lines([f"{family}, n = {n:,}:"])
            terminal.print_rich(_table(of_family, n))
        terminal.print_lines([*_sizes_in_words(of_family), ""])
    terminal.print_lines([_NOTE])


def up_to(curves: Sequence[Curve], n: int | None) -> list[Curve]:
    """Leave out what was measured on more than n points; None: nothing."""
    return [shorter for curve in curves if (shorter := curve.up_to(n or curve.sizes[-1]))]


def _table(models: Sequence[Model], n: int) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("strategy", overflow="fold", ratio=1)
    for column in ("total", "peak", "recall", "grows as"):
        table.add_column(column, no_wrap=True)
    predicted = [(model, model.at(n)) for model in models]
    for model, prediction in sorted(predicted, key=lambda pair: pair[1].total_seconds.median):
        table.add_row(
            Text(model.curve.label),
            _interval(prediction.total_seconds, format_seconds),
            _interval(prediction.peak_memory_bytes, format_bytes),
            format_recall(None if prediction.recall is None else prediction.recall.median),
            f"n^{scaling(model)[0].exponent.median:.2f}",
        )
    return table


def _sizes_in_words(models: Sequence[Model]) -> list[str]:
    """Say from which n, one line for all settings with the same; ~ marks what was extrapolated."""
    labels: dict[str, list[str]] = defaultdict(list)
    for model in models:
        marks = {row.workload.n for row in model.curve.rows if row.status != "ok"}
        sizes = ", ".join(f"{n:,}{'~' if n in marks else ''}" for n in model.curve.sizes)
        labels[sizes].append(model.curve.label)
    if len(labels) == 1:
        return [f"  from runs at n = {next(iter(labels))}"]
    return [f"  {', '.join(names)}: from runs at n = {sizes}" for sizes, names in labels.items()]


def _interval(interval: Interval, write: Callable[[float], str]) -> str:
    return format_interval(interval.median, interval.low, interval.high, write)


def _as_dict(model: Model, n: int) -> dict[str, Any]:
    curve = model.curve
    return {
        "strategy": curve.setting.strategy,
        "label": curve.label,
        "params": json.loads(curve.setting.params),
        "threads": curve.setting.threads,
        "master": curve.setting.master,
        "points": asdict(curve.setting.family),
        "measured_n": curve.sizes,
        "extrapolated_rows": [row.run_id for row in curve.rows if row.status != "ok"],
        "rows": [row.run_id for row in curve.rows],
        "exponents": {growth.quantity: asdict(growth.exponent) for growth in scaling(model)},
        **asdict(model.at(n)),
    }


def show_check(curves: Sequence[Curve], sizes: Sequence[int], n: int | None, *, as_json: bool) -> None:
    """Predict what was measured already from what was measured on fewer points, at most n.

    Raises ValueError where there is nothing to check.
    """
    pairs = [pair for size in sizes for curve in curves for pair in check(curve, size, n)]
    if not pairs:
        raise ValueError(
            f"--check: no setting was measured at n = {', '.join(f'{size:,}' for size in sizes)} and at two "
            f"smaller sizes: `{command_at(curves[0].rows[-1], sizes[0])}`"
        )
    summary = summarize(pairs)
    if as_json:
        terminal.print_lines(map(json.dumps, [*map(asdict, pairs), asdict(summary)]))
        return
    terminal.print_rich(_checked(pairs))
    inside = summary.inside / summary.pairs
    terminal.print_lines(
        [
            "",
            f"{summary.inside} of {summary.pairs} inside their 90 % interval ({inside:.0%})",
            f"median absolute error {summary.median_error:.0%}",
            f"median upper / lower end {summary.median_width:.2f}",
        ]
    )


def _checked(pairs: Sequence[Checked]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("points", "strategy", "quantity", "predicted", "measured", "inside", "error"):
        table.add_column(column, overflow="fold")
    for pair in pairs:
        write = format_bytes if pair.quantity == "peak_memory_bytes" else format_seconds
        table.add_row(
            f"{pair.points} {pair.n:,}",
            Text(pair.label),
            "memory" if write is format_bytes else "time",
            _interval(pair.predicted, write),
            write(pair.measured),
            "yes" if pair.inside else "no",
            f"{pair.error:+.0%}",
        )
    return table
