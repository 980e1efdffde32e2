"""``advise``: which setting to use under limits, by the rows there are or by runs on samples."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from bench.analysis.advice import Advice, advise, candidates, hopeless
from bench.analysis.curves import Curve
from bench.analysis.ranking import UserLimits
from bench.experiment import points, selection
from bench.experiment.observer import Observer
from bench.experiment.planning import memory_limit
from bench.experiment.requests import AdviceRequest
from bench.experiment.samples import measure_samples
from bench.experiment.script import without_harness
from bench.experiment.usage import bad_usage
from bench.report import write_report
from bench.report.commands import command_at
from bench.results import Measurement, Store
from bench.workloads import Staged


@dataclass(frozen=True, slots=True)
class AdviceResult:
    """The advice, and how to follow it."""

    advice: Advice
    command: str | None
    """That runs the best setting; None where none fits."""
    script: str | None
    """The same without the harness."""


@dataclass(frozen=True, slots=True)
class _Evidence:
    """What is known of the points asked for."""

    n: int
    rows: list[Measurement]
    curves: list[Curve]
    staged: Staged | None
    """The points, where they were named."""


def advice_on(request: AdviceRequest, observer: Observer) -> AdviceResult:
    """Choose among what is known; raises BadUsageError where nothing is."""
    limits = UserLimits(request.recall, memory_limit(request.memory_bytes), request.seconds or math.inf)
    evidence = _evidence(request, observer)
    failing = hopeless(evidence.rows, evidence.n, limits)
    among = candidates([c for c in evidence.curves if c.setting not in failing], evidence.n)
    with bad_usage():
        if not among:
            raise ValueError(
                f"nothing is known of n = {evidence.n:,}, by a run there or by runs at two sizes: "
                f"`{selection.missing_commands(request.rows, next(iter(evidence.curves), None))}`"
            )
    advice = advise(among, evidence.n, limits)
    if advice.best is None:
        return AdviceResult(advice, None, None)
    row = advice.best.curve.rows[-1]
    return AdviceResult(advice, command_at(row, evidence.n), without_harness(row, evidence.staged))


def _evidence(request: AdviceRequest, observer: Observer) -> _Evidence:
    """Read the rows; where there are none of the points of a file, measure samples of it."""
    rows_request = request.rows
    with bad_usage():
        selection.strategies_of(rows_request)
        if not rows_request.points:
            rows = selection.rows_of(rows_request)
            curves = _of_last_family(selection.curves_of(rows_request, rows))
            if not curves:
                raise ValueError(f"nothing measured: `{selection.missing_commands(rows_request)}`")
            n = rows_request.points.n or max(n for curve in curves for n in curve.sizes)
            return _Evidence(n, rows, curves, None)
        staged = points.stage(rows_request.points, rows_request.places.cache, observer)
        store = Store(rows_request.places.results)
        store.check()
        rows = store.latest()
        curves = selection.curves_of(rows_request, rows)
    if rows_request.points.data is not None and not candidates(curves, staged.id.n):
        if new := measure_samples(request, staged.id.n, observer):
            write_report(rows_request.places.results, plots_of=[row.run_id for row in new])
        rows += new
        curves = selection.curves_of(rows_request, rows)
    return _Evidence(staged.id.n, rows, curves, staged)


def _of_last_family(curves: Sequence[Curve]) -> list[Curve]:
    """Where no points are named, the ones measured last are meant."""
    if not curves:
        return []
    last = max(curves, key=lambda curve: max(row.started_at for row in curve.rows))
    return [curve for curve in curves if curve.setting.family == last.setting.family]
