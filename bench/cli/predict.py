"""``predict``: what runs at growing n say of another n, with intervals."""

import json
from argparse import Namespace
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
from bench.cli import predict_cluster, selection, terminal
from bench.cli.values import bad_usage
from bench.units import format_bytes, format_interval, format_recall, format_seconds

TARGET = 1_000_000
_NOTE = "90 % intervals; what the model is and what it cannot know: docs/predictions.md"


def command(arguments: Namespace) -> int:
    """Print predictions, with ``--check`` what became of them, with ``--executors`` those for a cluster."""
    sizes = arguments.n or (TARGET,)
    with bad_usage():
        on = predict_cluster.cluster(arguments)
        rows = selection.rows_of(arguments)
        if on is not None:
            predict_cluster.predict(
                arguments, _known(arguments, selection.curves_of(arguments, rows)), sizes, on
            )
            return 0
        curves = selection.predictable(arguments, rows)
        if arguments.check:
            return _check(arguments, curves, sizes)
        models = [Model.learn(curve) for curve in _known(arguments, curves)]
    if arguments.json:
        terminal.print_lines(json.dumps(_as_dict(model, n)) for model in models for n in sizes)
        return 0
    for family in dict.fromkeys(model.curve.setting.family for model in models):
        of_family = [model for model in models if model.curve.setting.family == family]
        for n in sizes:
            terminal.print_lines([f"{family}, n = {n:,}:"])
            terminal.print_rich(_table(of_family, n))
        terminal.print_lines([*_learned_from(of_family), ""])
    terminal.print_lines([_NOTE])
    return 0


def _known(arguments: Namespace, curves: Sequence[Curve]) -> list[Curve]:
    """Leave out what ``--up-to`` leaves out."""
    return [found for curve in curves if (found := curve.up_to(arguments.up_to or curve.sizes[-1]))]


def _table(models: Sequence[Model], n: int) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("strategy", overflow="fold", ratio=1)
    for column in ("total", "peak", "recall", "grows as"):
        table.add_column(column, no_wrap=True)
    predicted = [(model, model.at(n)) for model in models]
    for model, found in sorted(predicted, key=lambda pair: pair[1].total_seconds.median):
        table.add_row(
            Text(model.curve.label),
            _interval(found.total_seconds, format_seconds),
            _interval(found.peak_memory_bytes, format_bytes),
            format_recall(None if found.recall is None else found.recall.median),
            f"n^{scaling(model)[0].exponent.median:.2f}",
        )
    return table


def _learned_from(models: Sequence[Model]) -> list[str]:
    """Say from which n, one line for all settings that have the same; ~ marks what was extrapolated."""
    labels: dict[str, list[str]] = defaultdict(list)
    for model in models:
        marks = {row.workload.n for row in model.curve.rows if row.status != "ok"}
        sizes = ", ".join(f"{n:,}{'~' if n in marks else ''}" for n in model.curve.sizes)
        labels[sizes].append(model.curve.label)
    if len(labels) == 1:
        return [f"  from runs at n = {next(iter(labels))}"]
    return [f"  {', '.join(names)}: from runs at n = {sizes}" for sizes, names in labels.items()]


def _interval(found: Interval, write: Callable[[float], str]) -> str:
    return format_interval(found.median, found.low, found.high, write)


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
        "exponents": {found.quantity: asdict(found.exponent) for found in scaling(model)},
        **asdict(model.at(n)),
    }


def _check(arguments: Namespace, curves: Sequence[Curve], sizes: Sequence[int]) -> int:
    """Predict what was measured already from what was measured on fewer points."""
    found = [pair for n in sizes for curve in curves for pair in check(curve, n, arguments.up_to)]
    if not found:
        asked = ", ".join(f"{n:,}" for n in sizes)
        raise ValueError(
            f"--check: no setting was measured at n = {asked} and at two smaller sizes: "
            f"`{selection.command_at(curves[0], sizes[0])}`"
        )
    if arguments.json:
        lines = [*(asdict(pair) for pair in found), asdict(summarize(found))]
        terminal.print_lines(map(json.dumps, lines))
        return 0
    terminal.print_rich(_checked(found))
    told = summarize(found)
    terminal.print_lines(
        [
            "",
            f"{told.inside} of {told.pairs} inside their 90 % interval ({told.inside / told.pairs:.0%})",
            f"median absolute error {told.median_error:.0%}",
            f"median upper / lower end {told.median_width:.2f}",
        ]
    )
    return 0


def _checked(found: Sequence[Checked]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("points", "strategy", "quantity", "predicted", "measured", "inside", "error"):
        table.add_column(column, overflow="fold")
    for pair in found:
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
