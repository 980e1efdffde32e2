"""Tables and lines: what was asked for on standard output, what goes on on standard error."""

import sys
from collections.abc import Iterable, Sequence

from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from bench.measure.schedule import PlannedRun
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


def run_labels(runs: Sequence[PlannedRun]) -> dict[str, str]:
    """A name for each run, by run_id: the strategy, what is not its default, its threads where they vary."""
    threads = {run.threads for run in runs if run.listing.takes_threads}
    return {run.run_id: _label(run, with_threads=len(threads) > 1) for run in runs}


def _label(run: PlannedRun, *, with_threads: bool) -> str:
    defaults = run.listing.parameters
    words = [run.listing.name, *(f"{p}={run.params[p]}" for p in defaults if run.params[p] != defaults[p])]
    words += [f"threads={run.threads}"] if with_threads and run.listing.takes_threads else []
    words += [run.blas_kernel] if run.blas_kernel else []
    return " ".join([shorten(" ".join(words), 60), *([f"#{run.repeat}"] if run.repeat > 1 else [])])


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
