"""``advise``: which strategy to use under limits, the command that runs it, a script without the harness."""

import json
import math
from argparse import Namespace
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from bench import workloads
from bench.analysis.advice import Advice, Candidate, Miss, advise, candidates, hopeless
from bench.analysis.curves import Curve
from bench.analysis.ranking import UserLimits
from bench.cli import points, script, selection, terminal
from bench.cli.trying import try_on_samples
from bench.cli.values import bad_usage
from bench.measure import environment
from bench.report.commands import compare_command
from bench.results import Measurement, Store
from bench.units import format_bytes, format_interval, format_recall, format_seconds
from bench.workloads import Staged

_MEMORY_SHARE = 0.8


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the advice is about."""

    n: int
    limits: UserLimits
    rows: list[Measurement]
    curves: list[Curve]
    staged: Staged | None
    """The points, where they were named."""


def command(arguments: Namespace) -> int:
    """Print the answer; 0 where none fits too, for that is an answer."""
    with bad_usage():
        asked = _asked(arguments)
        without = hopeless(asked.rows, asked.n, asked.limits)
        among = candidates([c for c in asked.curves if c.setting not in without], asked.n)
        if not among:
            raise ValueError(
                f"nothing is known of n = {asked.n:,}, by a run there or by runs at two sizes: "
                f"`{selection.missing_commands(arguments, next(iter(asked.curves), None))}`"
            )
        advice = advise(among, asked.n, asked.limits)
    text = None if advice.best is None else script.without_harness(advice.best.curve.rows[-1], asked.staged)
    if arguments.json:
        terminal.print_lines([json.dumps(_as_dict(advice, text), allow_nan=False)])
    else:
        terminal.print_lines(_in_words(advice, text))
    return 0


def _asked(arguments: Namespace) -> _Asked:
    selection.strategies(arguments)
    memory = arguments.memory_limit or int(environment.usable_memory_bytes() * _MEMORY_SHARE)
    limits = UserLimits(arguments.recall, memory, arguments.time_limit or math.inf)
    if not selection.names_points(arguments):
        rows = selection.rows_of(arguments)
        curves = _of_last_family(selection.curves_of(arguments, rows))
        if not curves:
            raise ValueError(f"nothing measured: `{selection.missing_commands(arguments)}`")
        n = arguments.n or max(n for curve in curves for n in curve.sizes)
        return _Asked(n, limits, rows, curves, None)
    cache = workloads.cache_directory(arguments.cache)
    staged = points.stage(points.workload(arguments), cache)
    rows = Store(Path(arguments.results)).latest()
    n = staged.id.n
    if arguments.data is not None and not candidates(selection.curves_of(arguments, rows), n):
        try_on_samples(arguments, n)
        rows = Store(Path(arguments.results)).latest()
    return _Asked(n, limits, rows, selection.curves_of(arguments, rows), staged)


def _of_last_family(curves: Sequence[Curve]) -> list[Curve]:
    """Where no points are named, the ones measured last are meant."""
    if not curves:
        return []
    last = max(curves, key=lambda curve: max(row.started_at for row in curve.rows))
    return [curve for curve in curves if curve.setting.family == last.setting.family]


def _in_words(advice: Advice, text: str | None) -> Iterator[str]:
    family = next(c.curve.setting.family for c in _all(advice))
    yield f"{family}, n = {advice.n:,}; {_limits(advice.limits)}"
    if advice.best is None or text is None:
        yield "None fits. The nearest misses:"
        yield from (f"  {_miss(miss, advice.limits)}" for miss in advice.nearest)
        return
    yield f"Use {_named(advice.best)}."
    yield _compared(advice, advice.best)
    yield from ("", "To run it here:", f"  {selection.command_at(advice.best.curve, advice.n)}")
    yield from ("", "Without this harness:", "", *(f"    {line}" for line in text.splitlines()))


def _compared(advice: Advice, first: Candidate) -> str:
    second = advice.runner_up
    if second is None:
        return "Nothing else fits."
    told = f"Next: {_named(second)}. "
    if advice.faster is not None:
        apart = "told apart" if advice.is_distinguishable else "not told apart"
        return (
            f"{told}{apart.capitalize()}: {first.label} is the faster with {advice.faster:.0%} probability."
        )
    if advice.comparison is None or advice.comparison.verdict == "too few repeats":
        rows = [  # without the limits of then, which a budget may have narrowed
            replace(found.measured[0], time_limit_seconds=None, memory_limit_bytes=None)
            for found in (first, second)
        ]
        return f"{told}Single runs tell too little which is faster: `{compare_command(rows)}`"
    return told + advice.comparison.in_words(first.label, second.label) + "."


def _named(candidate: Candidate) -> str:
    """A setting with its figures, and whether they were measured."""
    found = candidate.predicted
    if found is None:
        run = candidate.measured[0]
        figures = f"{format_seconds(candidate.figures.seconds)}, peak {format_bytes(run.peak_memory_bytes)}"
        recall = format_recall(run.recall, run.recall_low, run.recall_high)
        return f"{candidate.label}: {figures}, recall {recall}, as measured"
    time, memory = found.total_seconds, found.peak_memory_bytes
    words = [
        format_interval(time.median, time.low, time.high, format_seconds),
        "peak " + format_interval(memory.median, memory.low, memory.high, format_bytes),
    ]
    if found.recall is not None:
        words.append(f"recall {format_recall(found.recall.median, found.recall.low, found.recall.high)}")
    sizes = ", ".join(f"{n:,}" for n in candidate.curve.sizes)
    return f"{candidate.label}: {', '.join(words)}, predicted from n = {sizes}"


def _limits(limits: UserLimits) -> str:
    words = [f"recall at least {limits.recall:g}", f"memory at most {format_bytes(limits.memory_bytes)}"]
    if math.isfinite(limits.seconds):
        words.append(f"time at most {format_seconds(limits.seconds)}")
    return ", ".join(words)


def _miss(miss: Miss, limits: UserLimits) -> str:
    found, kind = miss.candidate.figures, "measured" if miss.candidate.measured else "predicted"
    told = {
        "recall": f"recall {format_recall(found.recall_low)} is under {limits.recall:g}",
        "memory": f"memory {format_bytes(found.memory_high)}",
        "time": f"time {format_seconds(found.seconds_high)}",
    }
    missed = [
        told[name] + ("" if name == "recall" else f" is {factor:.2f} x the limit")
        for name, factor in miss.factors.items()
    ]
    return f"{miss.candidate.label} ({kind}): {', '.join(missed)}"


def _all(advice: Advice) -> list[Candidate]:
    return [*advice.fitting, *(miss.candidate for miss in advice.nearest)]


def _as_dict(advice: Advice, text: str | None) -> dict[str, Any]:
    limits = {name: value for name, value in asdict(advice.limits).items() if math.isfinite(value)}
    return {
        "n": advice.n,
        "limits": limits,
        "best": _candidate(advice.best),
        "runner_up": _candidate(advice.runner_up),
        "told_apart": advice.is_distinguishable if advice.runner_up else None,
        "fitting": [candidate.label for candidate in advice.fitting],
        "nearest": [_candidate(miss.candidate) | {"misses": miss.factors} for miss in advice.nearest],
        "command": advice.best and selection.command_at(advice.best.curve, advice.n),
        "script": text,
    }


def _candidate(found: Candidate | None) -> dict[str, Any]:
    if found is None:
        return {}
    figures = {name: value for name, value in asdict(found.figures).items() if math.isfinite(value)}
    rows = [row.run_id for row in (found.measured or found.curve.rows)]
    kind = "measured" if found.measured else "predicted"
    return {
        "label": found.label,
        "strategy": found.curve.setting.strategy,
        "by": kind,
        **figures,
        "rows": rows,
    }
