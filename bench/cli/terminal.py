"""What people see: progress on standard error while runs go on, tables on standard output at the end."""

import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn
from rich.table import Table
from rich.text import Text

from bench.measure.schedule import PlannedRun
from bench.measure.session import Display
from bench.report.units import format_bytes, format_recall, format_seconds
from bench.results import Measurement

_PLAIN_EVERY_SECONDS = 15.0
_MARKS = {"ok": "green", "partial": "yellow", "interrupted": "yellow", "unavailable": "dim", "skipped": "dim"}


def display(memory_limit_bytes: int | None) -> Display:
    """A live display on a terminal, plain lines elsewhere."""
    console = Console(stderr=True, highlight=False)
    return _Live(console, memory_limit_bytes) if console.is_terminal else _Plain(console, memory_limit_bytes)


def say(text: str) -> None:
    """One line about what is going on, on standard error."""
    Console(stderr=True, highlight=False, soft_wrap=True).print(text, markup=False)


@dataclass(slots=True)
class Staging:
    """Says how many rows are staged, only where it takes long enough to be worth a word."""

    name: str
    console: Console = field(default_factory=lambda: Console(stderr=True, highlight=False))
    _began: float = field(default_factory=time.perf_counter)
    _told: float = field(default_factory=time.perf_counter)

    def __call__(self, rows: int, of: int) -> None:
        """So many rows are there."""
        now = time.perf_counter()
        if now - self._told > (1.0 if self.console.is_terminal else _PLAIN_EVERY_SECONDS):
            self._told = now
            left = (now - self._began) / max(rows, 1) * max(of - rows, 0)
            end = "\r" if self.console.is_terminal else "\n"
            text = f"staging {self.name}: {rows:,} of {of:,} rows, {format_seconds(left)} left"
            self.console.print(f"{text:<78}", end=end, markup=False)


@dataclass(slots=True)
class _Runs:
    """What both displays say when a run begins and ends."""

    console: Console
    memory_limit_bytes: int | None
    label: str = ""
    n: int = 0

    def begins(self, run: PlannedRun, number: int, of: int) -> None:
        """Remember what is running."""
        self.n = run.workload.n
        self.label = f"[{number}/{of}] {_label(run, with_threads=False)}"

    def ends(self, row: Measurement | None) -> None:
        """Print the run's one line, if it came to have one."""
        if row is None:
            return
        seconds = row.total_seconds
        figures = f"{format_seconds(seconds)}, peak {format_bytes(row.peak_memory_bytes)}"
        if row.extrapolated_seconds is not None:
            figures += f", all rows {format_seconds(row.extrapolated_seconds)} (extrapolated)"
        if row.recall is not None:
            figures += f", recall {format_recall(row.recall)}"
        reason = f" ({_shortened(row.reason)})" if row.reason else ""
        known = "" if seconds is None else f": {figures}"
        self.console.print(f"{self.label} {row.status}{reason}{known}", markup=False, soft_wrap=True)
        for warning in row.warnings:
            self.console.print(f"    warning: {warning}", markup=False, soft_wrap=True)

    def state(self, message: dict[str, Any]) -> str:
        """Phase, rows done, rate, time left and memory, in one short text."""
        words = [message["phase"]]
        seconds, rows, done = (
            message.get("phase_seconds", 0.0),
            message.get("rows", 0),
            message.get("done", 0.0),
        )
        if message["phase"] == "query" and rows and seconds:
            words.append(f"{rows:,}/{self.n:,} rows, {rows / seconds:,.0f}/s")
        if message["phase"] == "query" and done and seconds:
            words.append(f"{format_seconds(seconds / done - seconds)} left")
        elif seconds:
            words.append(format_seconds(seconds))
        if "memory_bytes" in message:
            limit = f"/{format_bytes(self.memory_limit_bytes)}" if self.memory_limit_bytes else ""
            words.append(format_bytes(message["memory_bytes"]) + limit)
        return ", ".join(words)


class _Plain(_Runs):
    """Lines, now and then: for logs."""

    _told = 0.0

    def begins(self, run: PlannedRun, number: int, of: int) -> None:
        super().begins(run, number, of)
        self._told = time.perf_counter()

    def progress(self, message: dict[str, Any]) -> None:
        now = time.perf_counter()
        if now - self._told > _PLAIN_EVERY_SECONDS:
            self._told = now
            self.console.print(f"{self.label} {self.state(message)}", markup=False, soft_wrap=True)


class _Live(_Runs):
    """A bar that moves, with rows done, rate and time left."""

    _task: TaskID
    _bar: Progress

    def begins(self, run: PlannedRun, number: int, of: int) -> None:
        super().begins(run, number, of)
        self._bar = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=16),
            TextColumn("{task.fields[state]}", markup=False),
            console=self.console,
            transient=True,
        )
        self._task = self._bar.add_task(self.label, total=1.0, state="start")
        self._bar.start()

    def progress(self, message: dict[str, Any]) -> None:
        done = message.get("done", 0.0) if message["phase"] == "query" else 0.0
        self._bar.update(self._task, completed=done, state=self.state(message))

    def ends(self, row: Measurement | None) -> None:
        self._bar.stop()
        super().ends(row)


def run_labels(runs: Sequence[PlannedRun]) -> dict[str, str]:
    """A name for each run, by run_id: the strategy, what is not its default, its threads where they vary."""
    threads = {run.threads for run in runs if run.listing.takes_threads}
    return {run.run_id: _label(run, with_threads=len(threads) > 1) for run in runs}


def _label(run: PlannedRun, *, with_threads: bool) -> str:
    defaults = run.listing.parameters
    words = [run.listing.name, *(f"{p}={run.params[p]}" for p in defaults if run.params[p] != defaults[p])]
    words += [f"threads={run.threads}"] if with_threads and run.listing.takes_threads else []
    words += [run.blas_kernel] if run.blas_kernel else []
    return " ".join([_shortened(" ".join(words), 60), *([f"#{run.repeat}"] if run.repeat > 1 else [])])


def print_table(rows: Iterable[tuple[str, Measurement]]) -> None:
    """The final table, a label before each row; it fits 80 columns."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("strategy", overflow="fold", ratio=1)
    for column in ("start", "fit", "query", "total", "peak", "recall"):
        table.add_column(column, justify="right", no_wrap=True)
    table.add_column("status", overflow="fold")
    for label, row in rows:
        total = format_seconds(row.extrapolated_seconds or row.total_seconds)
        table.add_row(
            Text(label),
            format_seconds(row.start_seconds),
            format_seconds(row.fit_seconds),
            format_seconds(row.query_seconds),
            f"~{total}" if row.extrapolated_seconds is not None else total,
            format_bytes(row.peak_memory_bytes),
            format_recall(row.recall),
            f"[{_MARKS.get(row.status, 'red')}]{row.status}[/]",
        )
    print_columns(table)


def print_columns(table: Table) -> None:
    """Print a table as wide as the terminal, or 80 columns where there is none."""
    console = Console(highlight=False)
    console = console if console.is_terminal else Console(highlight=False, width=80)
    console.print(table)


def _shortened(text: str, width: int = 160) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"


def print_lines(lines: Iterable[str]) -> None:
    """Plain lines on standard output."""
    for line in lines:
        sys.stdout.write(f"{line}\n")
