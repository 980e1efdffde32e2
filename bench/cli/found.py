"""What a climb of ladders found: runs on all points, what became of the others, the best at each recall."""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import asdict

from bench.analysis.rungs import EXACTLY, best
from bench.cli import terminal
from bench.cli.way import Way
from bench.units import format_recall, format_seconds


def show(way: Way, labels: Mapping[str, str], *, as_json: bool) -> None:
    """Print it, the answer last; ``labels`` names runs by ``run_id``."""
    on_all = [(labels[run.run_id], way.rows[s]) for s, run in way.runs.items() if s.whole and s in way.rows]
    if as_json:
        terminal.print_lines(json.dumps(asdict(row)) for _, row in on_all)
        return
    terminal.print_table((label, row) for label, row in on_all if row.status != "skipped")
    terminal.print_lines(["", *_failures(way), "", *_answers(way, labels)])


def _failures(way: Way) -> Iterator[str]:
    """Say of the strategies that do not reach a recall why: one line for each reason."""
    recalls: dict[tuple[str, str], list[str]] = defaultdict(list)
    for pair in way.climb.pairs(way.rows):
        if pair.state == "failed":
            alike = pair.reason.partition(", up to ")[0]  # what each would have taken stands in its row
            recalls[alike, pair.strategy].append(f"{pair.recall:g}")
    strategies: dict[str, list[str]] = defaultdict(list)
    for (reason, strategy), missed in recalls.items():
        strategies[reason].append(f"{strategy} ({', '.join(missed)})")
    if strategies:
        yield "not reached, or not confirmed, at recall:"
    for reason, named in strategies.items():
        yield f"  {', '.join(named)}: {reason}"


def _answers(way: Way, labels: Mapping[str, str]) -> Iterator[str]:
    """Name the best approximate and the best exact run at each recall."""
    for recall in way.climb.recalls:
        named = []
        for exact, kind in ((False, "approximate"), (True, "exact")):
            step = best(recall, way.rows, exact=exact)
            if step is not None:
                row = way.rows[step]
                seconds, reached = format_seconds(row.total_seconds), format_recall(row.recall)
                named.append(f"best {kind} {labels[row.run_id]} ({seconds}, recall {reached})")
            elif not (recall >= EXACTLY and not exact):
                named.append(f"no {kind} one")
        yield f"at recall {recall:g}: {'; '.join(named)}"
