"""What is shown while runs go on, on standard error: a live display on a terminal, plain lines elsewhere."""

import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from bench.measure.messages import JUDGING, RunProgress
from bench.measure.schedule import PlannedRun
from bench.measure.session import Display
from bench.results import Measurement
from bench.units import format_bytes, format_recall, format_seconds, shorten

_PLAIN_EVERY_SECONDS = 60.0
_LIVE_EVERY_SECONDS = 1.0
_REASON_WIDTH = 160
_BAR_WIDTHS = (8, 24)


def display(memory_limit_bytes: int | None, labels: Mapping[str, str]) -> Display:
    """Choose how to show a series of runs, whose ``labels`` are by run_id."""
    console = Console(stderr=True, highlight=False)
    live = console.is_terminal and not console.is_dumb_terminal
    return (_Live if live else _Plain)(console, memory_limit_bytes, labels)


@dataclass(slots=True)
class Staging:
    """Says how many rows are staged, only where it takes long enough to be worth a word."""

    name: str
    console: Console = field(default_factory=lambda: Console(stderr=True, highlight=False))
    _began: float = field(default_factory=time.perf_counter)
    _shown_at: float = field(default_factory=time.perf_counter)

    def __call__(self, rows: int, of: int) -> None:
        """So many rows are there."""
        now = time.perf_counter()
        if now - self._shown_at > (_LIVE_EVERY_SECONDS if self.console.is_terminal else _PLAIN_EVERY_SECONDS):
            self._shown_at = now
            seconds = (now - self._began) / max(rows, 1) * max(of - rows, 0)
            left = f", {format_seconds(seconds)} left" if rows else ""
            end = "\r" if self.console.is_terminal else "\n"
            text = f"{self._done(rows, of)}{left}"
            self.console.print(f"{text:<78}", end=end, markup=False)

    def _done(self, rows: int, of: int) -> str:
        return f"staging {self.name}: {rows:,} of {of:,} rows"


class Fetching(Staging):
    """Says how many bytes are fetched, in the same way."""

    def _done(self, rows: int, of: int) -> str:
        whole = f" of {format_bytes(of)}" if of else ""
        return f"fetching {self.name}: {format_bytes(rows)}{whole}"


@dataclass(slots=True)
class _Runs:
    """What both displays say when a run begins and ends."""

    console: Console
    memory_limit_bytes: int | None
    labels: Mapping[str, str]
    label: str = ""
    n: int = 0
    of: int = 0
    expected_seconds: float | None = None
    run_began: float = 0.0
    began: float = field(default_factory=time.perf_counter)
    ended: Counter[str] = field(default_factory=Counter)
    """How many runs ended with each status."""

    def begins(self, run: PlannedRun, number: int, of: int) -> None:
        """Remember what is running."""
        self.n, self.of = run.workload.n_rows, of
        self.label = f"[{number}/{of}] {self.labels[run.run_id]}"
        self.expected_seconds, self.run_began = run.expected_seconds, time.perf_counter()

    def ends(self, row: Measurement | None) -> None:
        """Print the run's one line, if it came to have one."""
        if row is None:
            return
        self.ended[row.status] += 1
        seconds = row.total_seconds
        figures = f"{format_seconds(seconds)}, peak {format_bytes(row.peak_memory_bytes)}"
        if row.extrapolated_seconds is not None:
            figures += f", all rows {format_seconds(row.extrapolated_seconds)} (extrapolated)"
        if row.recall is not None:
            figures += f", recall {format_recall(row.recall)}"
        reason = f" ({shorten(row.reason, _REASON_WIDTH)})" if row.reason else ""
        known = "" if seconds is None else f": {figures}"
        self.console.print(f"{self.label} {row.status}{reason}{known}", markup=False, soft_wrap=True)
        for warning in row.warnings:
            self.console.print(f"    warning: {warning}", markup=False, soft_wrap=True)

    def state(self, progress: RunProgress) -> str:
        """Time left, rate and rows of a query; what is known while a library is silent."""
        seconds, rows, done = progress.phase_seconds, progress.rows, progress.done
        if progress.phase != "query" or not (seconds and (rows or done)):
            return self._silent(progress) if seconds else ""
        words = [f"{format_seconds(seconds / done - seconds)} left"] if done else []
        if rows:
            words.append(f"{rows / seconds:,.0f} rows/s, {rows:,} of {self.n:,}")
        return ", ".join(words)

    def _silent(self, progress: RunProgress) -> str:
        """The seconds of the phase, and those of the run against what it is expected to take."""
        words = format_seconds(progress.phase_seconds)
        if self.expected_seconds and progress.phase != JUDGING:
            so_far = format_seconds(round(time.perf_counter() - self.run_began))
            words += f", {so_far} of about {format_seconds(self.expected_seconds)} in all"
        return words

    def memory(self, progress: RunProgress) -> str:
        """Non-reclaimable memory held now, against the limit."""
        if progress.memory_bytes is None:
            return ""
        limit = f" of {format_bytes(self.memory_limit_bytes)}" if self.memory_limit_bytes else ""
        return format_bytes(progress.memory_bytes) + limit


class _Plain(_Runs):
    """Lines, now and then: for logs."""

    _shown_at = 0.0

    def begins(self, run: PlannedRun, number: int, of: int) -> None:
        super().begins(run, number, of)
        self._shown_at = time.perf_counter()

    def progress(self, progress: RunProgress) -> None:
        now = time.perf_counter()
        if now - self._shown_at > _PLAIN_EVERY_SECONDS:
            self._shown_at = now
            parts = (progress.phase, self.state(progress), self.memory(progress))
            words = ", ".join(part for part in parts if part)
            self.console.print(f"{self.label} {words}", markup=False, soft_wrap=True)


class _Live(_Runs):
    """Three lines that change: the run and its memory; phase, bar and time left; the series."""

    _progress: RunProgress
    _live: Live

    def begins(self, run: PlannedRun, number: int, of: int) -> None:
        super().begins(run, number, of)
        self._progress = RunProgress("start")
        self._live = Live(console=self.console, get_renderable=self._render, transient=True)
        self._live.start()

    def progress(self, progress: RunProgress) -> None:
        self._progress = progress

    def ends(self, row: Measurement | None) -> None:
        self._live.stop()
        super().ends(row)

    def _render(self) -> RenderableType:
        progress = self._progress
        lines = [
            _line(self.label, self.memory(progress), "bold"),
            _bar(progress, self.state(progress), self.console.width),
        ]
        if self.of > 1:
            failed = self.ended.total() - self.ended["ok"]
            words = f"{self.ended.total()} of {self.of} ended, {failed} not ok"
            so_far = format_seconds(round(time.perf_counter() - self.began))
            lines.append(_line(words, f"{so_far} so far", "dim"))
        return Group(*lines)


def _line(left: str, right: str, style: str) -> Table:
    """One line, cut where it is too narrow: what stands to the left, what to the right."""
    line = Table.grid(expand=True, padding=(0, 1))
    line.add_column(ratio=1, no_wrap=True, overflow="ellipsis")
    line.add_column(justify="right", no_wrap=True)
    line.add_row(Text(left, style), Text(right, style))
    return line


def _bar(progress: RunProgress, state: str, width: int) -> Table:
    """The phase, a bar where there is room for one, and how it goes."""
    done = progress.done if progress.phase == "query" else 0.0
    least, most = _BAR_WIDTHS
    room = width - len(progress.phase) - len(state) - 3
    line = Table.grid(padding=(0, 1))
    parts: list[RenderableType] = [Text(progress.phase)]
    if room >= least:
        parts.append(ProgressBar(total=1.0, completed=done, width=min(room, most)))
    line.add_row(*parts, Text(state, no_wrap=True, overflow="ellipsis"))
    return line
