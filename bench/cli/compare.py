"""``compare``: two results directories, before and after or of two machines, strategy by strategy."""

import json
from argparse import Namespace
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.table import Table
from rich.text import Text

from bench.analysis.before_after import BeforeAfter, Change, before_after, endings, median_run
from bench.cli import SLOWER, terminal
from bench.cli.values import bad_usage
from bench.report.changes import (
    caveats,
    describe_ratio,
    describe_verdict,
    difference_lines,
    own_differences,
    summarize,
)
from bench.report.compare_page import write_comparison
from bench.report.wording import describe_workload
from bench.results import ROWS, Measurement, Store
from bench.units import format_seconds

_COLORS = {"slower": "red", "fails now": "red", "faster": "green", "works now": "green"}


def command(arguments: Namespace) -> int:
    """Print and write what became of each strategy; 3 where one is worse by more than is allowed."""
    a, b = Path(arguments.before), Path(arguments.after)
    with bad_usage():
        before, after = _store(a), _store(b)
        found = before_after(before.latest(), after.latest(), before.environments(), after.environments())
        allowed = arguments.fail_if_slower
        if allowed is not None and not any(change.before and change.after for change in found.changes):
            raise ValueError(f"--fail-if-slower: {a} and {b} have no strategy on the same points in common")
        same = a.resolve() == b.resolve()
        page = write_comparison(
            found, (str(a), str(b)), Path(arguments.output or b / "compare.html"), same=same
        )
    worse = [] if allowed is None else [change for change in found.changes if change.is_worse(allowed)]
    if arguments.json:
        terminal.print_lines([json.dumps(_as_dict(found, arguments, worse), allow_nan=False)])
    else:
        _print(found, a, b, same=same)
    terminal.say(f"comparison: {page}")
    if worse:
        terminal.say(f"worse by more than {allowed:.0%}: {', '.join(change.label for change in worse)}")
    return SLOWER if worse else 0


def _store(directory: Path) -> Store:
    store = Store(directory)
    if not store.path.is_file():
        raise ValueError(f"no measurements in {str(directory)!r}: there is no {ROWS}")
    return store


def _print(found: BeforeAfter, a: Path, b: Path, *, same: bool) -> None:
    lines = [f"A: {a}", f"B: {b}", *caveats(found, same=same)]
    if everywhere := difference_lines(found.differences_everywhere):
        lines += ["unlike everywhere:", *(f"  {line}" for line in everywhere)]
    terminal.print_lines(lines)
    for workload in dict.fromkeys(change.workload for change in found.changes):
        changes = [change for change in found.changes if change.workload == workload]
        terminal.print_lines(["", f"{workload.name}: {describe_workload(workload)}"])
        terminal.print_rich(_table(changes))
        for change in changes:
            if own := own_differences(found, change):
                terminal.print_lines([f"{change.label}: unlike in {'; '.join(own)}"])
    terminal.print_lines(["", *summarize(found)])


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


def _as_dict(found: BeforeAfter, arguments: Namespace, worse: list[Change]) -> dict[str, Any]:
    return {
        "a": arguments.before,
        "b": arguments.after,
        "alpha": found.alpha,
        "shared_rows": found.shared_rows,
        "unlike_everywhere": found.differences_everywhere,
        "changes": [_change(change) | {"worse": change in worse} for change in found.changes],
    }


def _change(change: Change) -> dict[str, Any]:
    seconds = change.seconds
    told = seconds.finding != "too few repeats"
    one = (*change.before, *change.after)[0]
    return {
        "label": change.label,
        "strategy": change.strategy,
        "params": one.params,
        "workload": asdict(change.workload),
        "verdict": change.verdict,
        "ratio": seconds.ratio if seconds.ratio > 0 else None,
        "low": seconds.low if told else None,
        "high": seconds.high if told else None,
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
