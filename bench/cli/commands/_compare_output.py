"""What ``compare`` prints: what became of each strategy, in tables or as one JSON line."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.table import Table
from rich.text import Text

from bench.analysis.before_after import BeforeAfter, Change, endings, median_run
from bench.cli import terminal
from bench.report.changes import (
    caveats,
    describe_ratio,
    describe_verdict,
    difference_lines,
    own_differences,
    summarize,
)
from bench.report.wording import describe_workload
from bench.results import Measurement
from bench.units import format_seconds

_COLORS = {"slower": "red", "fails now": "red", "faster": "green", "works now": "green"}


def print_comparison(comparison: BeforeAfter, a: Path, b: Path, *, same: bool) -> None:
    """Print a table for each workload, and what the two directories do not share."""
    lines = [f"A: {a}", f"B: {b}", *caveats(comparison, same=same)]
    if everywhere := difference_lines(comparison.differences_everywhere):
        lines += ["differences in every pair:", *(f"  {line}" for line in everywhere)]
    terminal.print_lines(lines)
    for workload in dict.fromkeys(change.workload for change in comparison.changes):
        changes = [change for change in comparison.changes if change.workload == workload]
        terminal.print_lines(["", f"{workload.name}: {describe_workload(workload)}"])
        terminal.print_rich(_table(changes))
        for change in changes:
            if own := own_differences(comparison, change):
                terminal.print_lines([f"{change.label}: differs in {'; '.join(own)}"])
    terminal.print_lines(["", *summarize(comparison)])


def _table(changes: list[Change]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("strategy", overflow="fold", ratio=1)
    for column in ("A", "B", "B / A"):
        table.add_column(column, justify="right", no_wrap=True)
    table.add_column("verdict", max_width=22)
    for change in changes:
        table.add_row(
            Text(change.label),
            _total(change.before),
            _total(change.after),
            describe_ratio(change),
            Text(describe_verdict(change), style=_COLORS.get(change.verdict, "")),
        )
    return table


def _total(runs: tuple[Measurement, ...]) -> str:
    run = median_run(runs)
    return format_seconds(run.total_seconds if run else None)


def as_dict(comparison: BeforeAfter, a: str, b: str, worse: list[Change]) -> dict[str, Any]:
    """All of it, fit for JSON."""
    return {
        "a": a,
        "b": b,
        "alpha": comparison.alpha,
        "shared_rows": comparison.shared_rows,
        "unlike_everywhere": comparison.differences_everywhere,
        "changes": [_change(change) | {"worse": change in worse} for change in comparison.changes],
    }


def _change(change: Change) -> dict[str, Any]:
    seconds = change.seconds
    has_interval = seconds.finding != "too few repeats"
    one = (*change.before, *change.after)[0]
    return {
        "label": change.label,
        "strategy": change.strategy,
        "params": one.params,
        "workload": asdict(change.workload),
        "verdict": change.verdict,
        "ratio": seconds.ratio if seconds.ratio > 0 else None,
        "low": seconds.low if has_interval else None,
        "high": seconds.high if has_interval else None,
        "more_needed": seconds.more_needed,
        "recall_fell": change.recall_fell,
        "unlike": change.differences,
        **{name: _side(runs) for name, runs in (("a_runs", change.before), ("b_runs", change.after))},
    }


def _side(runs: tuple[Measurement, ...]) -> dict[str, Any]:
    run = median_run(runs)
    return {
        "runs": len(runs),
        "total_seconds": run.total_seconds if run else None,
        "recall": run.recall if run else None,
        "peak_memory_bytes": run.peak_memory_bytes if run else None,
        "failed": dict(endings(runs)),
    }
