"""What the page's script is given: the figures of every outcome, once, as compact JSON."""

import itertools
import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

from bench.analysis.compare import Comparison
from bench.analysis.ranking import figures
from bench.analysis.repeats import compare_series
from bench.analysis.summary import Group, Outcome
from bench.report.answer import OPENING, is_choice, names_of, phrases, worst_in_words
from bench.report.commands import repeat_command
from bench.report.figures.axes import nines, seconds_of

RECALLS = (0.0, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.92, 0.94, 0.95, 0.96, 0.97, 0.98, 0.99, 0.995, 0.999, 1.0)
"""The stops of the slider."""


def payload(group: Group) -> dict[str, Any]:
    """Collect what ranking, sorting and drawing a group takes; nothing that is in the table as text."""
    return {
        "phrases": phrases(group),
        "recalls": RECALLS,
        "opening": OPENING.recall,
        "nines": [round(nines(recall), 6) for recall in RECALLS],
        "isChoice": is_choice(group),
        "outcomes": [_outcome(outcome) for outcome in group.outcomes],
        "pairs": _pairs(group.outcomes),
    }


def as_json(value: Mapping[str, Any]) -> str:
    """Write JSON that stands safely inside a script element: no ``<`` can close it or open a comment."""
    text = json.dumps(value, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").replace("&", "\\u0026")


def _outcome(outcome: Outcome) -> dict[str, Any]:
    run, costs = outcome.median, figures(outcome)
    fields: dict[str, Any] = names_of(outcome) | {
        "strategy": outcome.strategy,
        "exact": run.exact,
        "run": run.run_id,
        "sort": {
            "status": run.status,
            "total": _short(seconds_of(outcome)),
            "start": _short(run.start_seconds),
            "fit": _short(run.fit_seconds),
            "query": _short(run.query_seconds),
            "recall": run.recall,
            "memory": run.peak_memory_bytes,
            "anonymous": run.peak_anonymous_bytes,
            "cores": _short(run.cores_used),
        },
    }
    if costs is not None:
        fields |= worst_in_words(costs) | {"command": repeat_command(run)}
        fields["found"] = {
            "seconds": costs.seconds,
            "time": costs.seconds_high,
            "recall": costs.recall_low,
            "memory": None if costs.memory_high == math.inf else costs.memory_high,
        }
    return fields


def _short(value: float | None) -> float | None:
    """Round to what sorting needs."""
    return None if value is None else float(f"{value:.5g}")


def _pairs(outcomes: Sequence[Outcome]) -> dict[str, list[Any]]:
    """What repeats say of each two successes, by ``i-j``; single runs say nothing."""
    ok = [(i, outcome) for i, outcome in enumerate(outcomes) if outcome.is_ok and len(outcome.runs) > 1]
    compared = ((i, j, compare_series(a.runs, b.runs)) for (i, a), (j, b) in itertools.combinations(ok, 2))
    return {f"{i}-{j}": _compact(comparison) for i, j, comparison in compared if comparison.repeats > 1}


def _compact(comparison: Comparison) -> list[Any]:
    """Verdict and repeats, then the ratio of the second's seconds to the first's, with its interval."""
    if comparison.verdict == "too few repeats":
        return [comparison.verdict, comparison.repeats]
    return [comparison.verdict, comparison.repeats, comparison.ratio, comparison.low, comparison.high]
