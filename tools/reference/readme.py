"""README's table, written from rows."""

from pathlib import Path

from bench.analysis.summary import Group, Outcome, fastest, groups
from bench.report.wording import describe_status
from bench.results import Store
from bench.units import format_bytes, format_recall, format_seconds
from tools.marks import Part

TABLE = Part("reference")
"""What is written into README."""
GOOD_RECALL = 0.9
_HEADER = "| strategy | start | fit | query | total | peak memory | recall |"


def table(results: Path) -> str:
    """Write a sentence on the machine and the points and a line for each strategy, in Markdown.

    A strategy with several settings is shown at the fastest one whose recall is at least ``GOOD_RECALL``.
    """
    store = Store(results)
    group = max(groups(store.rows()), key=lambda group: group.workload.n)
    machine = store.environments()[group.rows[0].environment]["machine"]
    w = group.workload
    shown = [_shown(group, name) for name in dict.fromkeys(o.strategy for o in group.outcomes)]
    description = (
        f"{w.n:,} points of {w.d} dimensions (`{w.name}`), k = {w.k}, on {machine['cores']} cores of"
        f" {_article(machine['cpu'])} with {format_bytes(machine['memory_bytes'])}:"
    )
    lines = [
        description,
        "",
        _HEADER,
        f"|---{'|--:' * (_HEADER.count('|') - 2)}|",
        *(_line(outcome) for outcome in shown),
    ]
    if any(len(outcome.runs) > 1 for outcome in shown):
        lines += ["", "Figures are those of the run with the median total."]
    return "\n".join(lines)


def _article(cpu: str) -> str:
    return f"{'an' if cpu[0] in 'AEIOU' else 'a'} {cpu}"


def _shown(group: Group, strategy: str) -> Outcome:
    own = [outcome for outcome in group.outcomes if outcome.strategy == strategy]
    best = max(own, key=lambda outcome: (outcome.is_ok, outcome.median.recall or 0.0))
    return fastest(own, recall=GOOD_RECALL) or best


def _line(outcome: Outcome) -> str:
    run = outcome.median
    phases = [format_seconds(x) for x in (run.start_seconds, run.fit_seconds, run.query_seconds)]
    total = format_seconds(run.total_seconds) if outcome.is_ok else describe_status(run.status)
    if run.extrapolated_seconds is not None:
        total += f", all rows ~{format_seconds(run.extrapolated_seconds)}"
    cells = [outcome.label, *phases, total, format_bytes(run.peak_memory_bytes), format_recall(run.recall)]
    return f"| {' | '.join(cells)} |"
