"""Tables and lines: what was asked for on standard output, what goes on on standard error."""

import json
import sys
from collections.abc import Iterable
from dataclasses import asdict

from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from bench.experiment.results import RunResult
from bench.report.wording import describe_status
from bench.results import Measurement
from bench.units import format_bytes, format_recall, format_seconds, shorten

_STYLES = {
    "ok": "green",
    "partial": "yellow",
    "interrupted": "yellow",
    "unavailable": "dim",
    "skipped": "dim",
}
_WIDTH = 80
"""Where there is no terminal to fit."""
_WIDE_ENOUGH_FOR_PHASES = 76
_REASON_WIDTH = 200


def say(text: str) -> None:
    """One line about what is going on, on standard error."""
    Console(stderr=True, highlight=False, soft_wrap=True).print(text, markup=False)


def print_result(result: RunResult, neighbors_to: str | None, *, as_json: bool) -> None:
    """What came of a run: rows as JSON lines, or a table, what follows, and neighbors that were not saved."""
    if as_json:
        print_lines(json.dumps(asdict(row)) for _, row in result.rows)
        return
    print_table(result.table)
    if result.sentences:
        print_lines(["", *result.sentences])
    if neighbors_to and (failed := [r.status for _, r in result.rows if r.status not in ("ok", "partial")]):
        say(f"{neighbors_to} was not written: the run ended as {failed[0]}")


def print_table(rows: Iterable[tuple[str, Measurement]]) -> None:
    """The final table, a label before each row, and why some did not succeed; it fits 80 columns.

    A terminal too narrow for the phases has the totals alone.
    """
    shown = list(rows)
    console = _console()
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), header_style="bold")
    table.add_column("strategy", overflow="fold")
    phases = ("start", "fit", "query") if console.width >= _WIDE_ENOUGH_FOR_PHASES else ()
    for column in (*phases, "total", "peak", "recall"):
        table.add_column(column, justify="right", no_wrap=True)
    table.add_column("status")
    for label, row in shown:
        total = format_seconds(row.extrapolated_seconds or row.total_seconds)
        table.add_row(
            Text(label),
            *(format_seconds(getattr(row, f"{phase}_seconds")) for phase in phases),
            f"~{total}" if row.extrapolated_seconds is not None else total,
            format_bytes(row.peak_memory_bytes),
            format_recall(row.recall),
            Text(describe_status(row.status), style=_STYLES.get(row.status, "red")),
        )
    console.print(table)
    for label, row in shown:
        if row.first_start_seconds is not None and not row.first_start:
            first = format_seconds(row.first_start_seconds)
            console.print(
                f"{label}: its first start took {first}, not in the total", style="dim", markup=False
            )
    for reason in dict.fromkeys(row.reason for _, row in shown if row.reason):
        labels = [label for label, row in shown if row.reason == reason]
        more = f" and {len(labels) - 1} more" if len(labels) > 1 else ""
        console.print(f"{labels[0]}{more}: {shorten(reason, _REASON_WIDTH)}", style="dim", markup=False)


def print_rich(what: RenderableType) -> None:
    """Print a table or text as wide as the terminal, or 80 columns where there is none."""
    _console().print(what)


def print_lines(lines: Iterable[str]) -> None:
    """Plain lines on standard output."""
    for line in lines:
        sys.stdout.write(f"{line}\n")


def _console() -> Console:
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=_WIDTH)
