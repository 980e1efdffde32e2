"""``run``: what is asked for and not measured yet, on one number of points after the other, in one budget."""

import math
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace

from bench.analysis.repeats import compared, undecided
from bench.experiment import reference
from bench.experiment.announcements import announce_duration, announce_points, announce_runs, run_labels
from bench.experiment.at_recall import climb
from bench.experiment.expectations import predict_runs
from bench.experiment.observer import Observer
from bench.experiment.opening import Experiment, bytes_to_warm_up, describe_points, opened
from bench.experiment.requests import RunRequest
from bench.experiment.results import RunResult
from bench.measure.schedule import PlannedRun, already_measured, plan
from bench.results import Measurement
from bench.units import format_seconds


def run(request: RunRequest, observer: Observer) -> Iterator[RunResult]:
    """Measure on each number of points in turn; an interrupted one is the last.

    Raises BadUsageError where something is asked for that cannot be done, before its runs start.
    """
    budget = request.budget_seconds
    ends = math.inf if budget is None else time.monotonic() + budget
    for n in request.sizes:
        at_n = replace(request, points=replace(request.points, n=n))
        with opened(at_n, observer) as experiment:
            result = climb(experiment, ends) if request.recalls else _measure(experiment, ends)
            if not request.dry_run and not result.interrupted:
                describe_points(experiment)
        yield result
        if result.interrupted:
            return


def _measure(experiment: Experiment, ends: float) -> RunResult:
    """Run what is not measured yet; ``ends`` is when the budget is spent."""
    request, store, observer = experiment.request, experiment.store, experiment.observer
    runs, rows = plan(experiment.plan, experiment.staged.id, experiment.java), store.rows()
    runner = experiment.session.runner
    again = request.fresh or request.save.target is not None
    measured = {} if again else already_measured(runs, rows, runner.limits)
    to_run = [run for run in runs if run.run_id not in measured]
    expected = predict_runs(to_run, rows, runner.skip, anyway=request.anyway)
    to_run = [run for run in expected.runs if run.run_id not in expected.skipped]
    if request.budget_seconds is not None and experiment.plan.repeats == 1:
        to_run.sort(key=lambda run: run.predicted.get("total_seconds", 0.0))  # as many as fit
    announce_points(experiment.staged.id, experiment.notes, observer)
    announce_runs(runs, measured, expected, observer)
    by_reference = reference.expect([run for run in to_run if not run.predicted])
    to_run = [_with_expected_seconds(run, by_reference.seconds) for run in to_run]
    announce_duration([run.expected_seconds for run in to_run], ends, observer)
    if by_reference.seconds:
        observer.say(
            f"  as the reference run took, times {by_reference.times:.2f}: "
            "what a probe takes here against what it took there"
        )
    if to_run and (limit := runner.limits.time_seconds):
        observer.say(f"a run that takes longer than {format_seconds(limit)} is ended (--time-limit)")
    if request.dry_run:
        return RunResult()
    for row in expected.skipped.values():
        store.append(row, asdict(runner.environment))
    if to_run:
        experiment = experiment.ready(run_labels(runs), bytes_to_warm_up())
    measured |= expected.skipped
    if request.repeats is None:
        predicted = {run.run_id: run for run in to_run}
        series = [predicted.get(run.run_id, run) for run in runs]
        new = experiment.session.measure_until(series, list(measured.values()), undecided, ends)
    else:
        new = experiment.session.measure(to_run, ends)
    return _result(request, runs, [*measured.values(), *new], interrupted=_is_interrupted(new))


def _with_expected_seconds(run: PlannedRun, by_reference: Mapping[str, float]) -> PlannedRun:
    seconds = run.predicted.get("total_seconds", by_reference.get(run.run_id))
    return replace(run, expected_seconds=seconds)


def _result(
    request: RunRequest, runs: list[PlannedRun], rows: list[Measurement], *, interrupted: bool
) -> RunResult:
    """Put rows in the order of the plan, and say what repeats can distinguish."""
    latest = {row.run_id: row for row in rows}
    labels = run_labels(runs)
    labelled = tuple((labels[run.run_id], latest[run.run_id]) for run in runs if run.run_id in latest)
    sentences: list[str] = []
    if request.repeats != 1:
        names = {run.series_id: labels[run.run_id] for run in runs if run.repeat == 1}
        sentences = compared(rows, names)
    return RunResult(labelled, labelled, tuple(sentences), interrupted)


def _is_interrupted(rows: list[Measurement]) -> bool:
    return any(row.status == "interrupted" for row in rows)
