"""What ``advise`` prints: what to use, the command that runs it, a script without the harness."""

import math
from collections.abc import Iterator
from dataclasses import asdict, replace
from typing import Any

from bench.analysis.advice import Advice, Candidate
from bench.analysis.ranking import Miss, UserLimits
from bench.experiment.advising import AdviceResult
from bench.report.commands import compare_command
from bench.units import format_bytes, format_interval, format_recall, format_seconds


def in_words(result: AdviceResult) -> Iterator[str]:
    """The answer, or what comes nearest."""
    advice = result.advice
    family = next(c.curve.setting.family for c in _all(advice))
    yield f"{family}, n = {advice.n:,}; {_limits(advice.limits)}"
    if advice.best is None:
        yield "None fits. The nearest misses:"
        yield from (f"  {_miss(miss, advice.limits)}" for miss in advice.nearest)
        return
    yield f"Use {_figures(advice.best)}."
    yield _compared(advice, advice.best)
    yield from ("", "To run it here:", f"  {result.command}")
    script = (result.script or "").splitlines()
    yield from ("", "Without this harness:", "", *(f"    {line}" for line in script))


def _compared(advice: Advice, first: Candidate) -> str:
    second = advice.runner_up
    if second is None:
        return "Nothing else fits."
    runner_up = f"Next: {_figures(second)}. "
    if advice.faster is not None:
        verdict = "Distinguishable" if advice.is_distinguishable else "Not distinguishable"
        return f"{runner_up}{verdict}: {first.label} is the faster with {advice.faster:.0%} probability."
    if advice.comparison is None or advice.comparison.verdict == "too few repeats":
        rows = [  # without the limits of then, which a budget may have narrowed
            replace(candidate.measured[0], time_limit_seconds=None, memory_limit_bytes=None)
            for candidate in (first, second)
        ]
        return f"{runner_up}Single runs say too little which is faster: `{compare_command(rows)}`"
    return runner_up + advice.comparison.in_words(first.label, second.label) + "."


def _figures(candidate: Candidate) -> str:
    """A setting with its figures, and whether they were measured."""
    prediction = candidate.predicted
    if prediction is None:
        run = candidate.measured[0]
        figures = f"{format_seconds(candidate.figures.seconds)}, peak {format_bytes(run.peak_memory_bytes)}"
        recall = format_recall(run.recall, run.recall_low, run.recall_high)
        return f"{candidate.label}: {figures}, recall {recall}, as measured"
    time, memory = prediction.total_seconds, prediction.peak_memory_bytes
    words = [
        format_interval(time.median, time.low, time.high, format_seconds),
        "peak " + format_interval(memory.median, memory.low, memory.high, format_bytes),
    ]
    if prediction.recall is not None:
        ends = prediction.recall.low, prediction.recall.high
        words.append(f"recall {format_recall(prediction.recall.median, *ends)}")
    sizes = ", ".join(f"{n:,}" for n in candidate.curve.sizes)
    return f"{candidate.label}: {', '.join(words)}, predicted from n = {sizes}"


def _limits(limits: UserLimits) -> str:
    words = [f"recall at least {limits.recall:g}", f"memory at most {format_bytes(limits.memory_bytes)}"]
    if math.isfinite(limits.seconds):
        words.append(f"time at most {format_seconds(limits.seconds)}")
    return ", ".join(words)


def _miss(miss: Miss[Candidate], limits: UserLimits) -> str:
    figures, kind = miss.candidate.figures, "measured" if miss.candidate.measured else "predicted"
    words = {
        "recall": f"recall {format_recall(figures.recall_low)} is under {limits.recall:g}",
        "memory": f"memory {format_bytes(figures.memory_high)}",
        "time": f"time {format_seconds(figures.seconds_high)}",
    }
    missed = [
        words[name] + ("" if name == "recall" else f" is {factor:.2f} x the limit")
        for name, factor in miss.factors.items()
    ]
    return f"{miss.candidate.label} ({kind}): {', '.join(missed)}"


def _all(advice: Advice) -> list[Candidate]:
    return [*advice.fitting, *(miss.candidate for miss in advice.nearest)]


def as_dict(result: AdviceResult) -> dict[str, Any]:
    """All of it, fit for JSON."""
    advice = result.advice
    limits = {name: value for name, value in asdict(advice.limits).items() if math.isfinite(value)}
    return {
        "n": advice.n,
        "limits": limits,
        "best": _candidate(advice.best),
        "runner_up": _candidate(advice.runner_up),
        "told_apart": advice.is_distinguishable if advice.runner_up else None,
        "fitting": [candidate.label for candidate in advice.fitting],
        "nearest": [_candidate(miss.candidate) | {"misses": miss.factors} for miss in advice.nearest],
        "command": result.command,
        "script": result.script,
    }


def _candidate(candidate: Candidate | None) -> dict[str, Any]:
    if candidate is None:
        return {}
    figures = {name: value for name, value in asdict(candidate.figures).items() if math.isfinite(value)}
    rows = [row.run_id for row in (candidate.measured or candidate.curve.rows)]
    kind = "measured" if candidate.measured else "predicted"
    return {
        "label": candidate.label,
        "strategy": candidate.curve.setting.strategy,
        "by": kind,
        **figures,
        "rows": rows,
    }
