"""``run``: measure strategies on a workload, store the rows, rebuild the report."""

import json
import math
import os
import time
from argparse import Namespace
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict, replace
from pathlib import Path

from bench import workloads
from bench.analysis.repeats import compared, undecided
from bench.cli import INTERRUPTED, climbing, points, progress, reaching, saving, terminal
from bench.cli.announcing import announce, announce_duration
from bench.cli.foresight import look_ahead
from bench.cli.request import limits, request
from bench.cli.values import bad_usage, writable_directory
from bench.judge.difficulty import describe_staged
from bench.measure import environment, java, probe
from bench.measure.runner import Runner
from bench.measure.schedule import PlannedRun, Request, already_measured, plan
from bench.measure.session import Session
from bench.report import write_report
from bench.report.wording import misunderstood_in_words
from bench.results import AUTO_REPEATS, TORN, Measurement, Store
from bench.workloads import Staged


def command(arguments: Namespace) -> int:
    """Measure, then rebuild the page."""
    code = measure(arguments)
    if not arguments.dry_run and code != INTERRUPTED:
        terminal.say(f"report: {write_report(Path(arguments.results))}")
    return code


def measure(arguments: Namespace) -> int:
    """Measure on one number of points after the other, all within one budget."""
    ends = math.inf if arguments.budget is None else time.monotonic() + arguments.budget
    for n in arguments.n or (None,):
        code = _run(Namespace(**{**vars(arguments), "n": n}), ends)
        if code:
            return code
    return 0


def _run(arguments: Namespace, ends: float) -> int:
    """Check everything, stage the points, measure; ``ends`` is when the budget is spent."""
    with bad_usage():
        asked = request(arguments)
        workload = points.workload(arguments)
        saving.check(arguments, asked)
        cache = workloads.cache_directory(arguments.cache)
        if arguments.master and not arguments.dry_run and any(s.takes_master for s in asked.strategies):
            os.environ.update(reaching.variables(arguments.master, cache))
    with ExitStack() as stack:
        with bad_usage():
            store = Store(stack.enter_context(writable_directory(arguments.results)))
            store.rows()
            staged = points.stage(workload, cache)
            sample = climbing.sample(arguments, staged, cache) if arguments.at_recall else None
            answers = stack.enter_context(saving.saving(arguments, staged))
        asked = replace(asked, neighbors_to=answers.neighbors_to, neighbors_at=answers.neighbors_at)
        display = progress.display(limits(arguments).memory_bytes, {})
        session = Session(
            _runner(arguments, staged, store.directory, cache),
            store,
            display,
            arguments.quiet_runs,
            answers.keep,
        )
        if arguments.at_recall:
            code = climbing.climb(arguments, asked, session, staged, sample, ends)
        else:
            code = _measure(arguments, asked, session, staged, ends)
    if not arguments.dry_run and code != INTERRUPTED:
        _describe(staged, store, cache)
    return code


def _runner(arguments: Namespace, staged: Staged, results: Path, cache: Path) -> Runner:
    found = java.find()
    return Runner(
        results=results,
        cache=cache,
        points=staged.path,
        limits=limits(arguments),
        environment=environment.environment(found if isinstance(found, str) else found.version),
        java=found if isinstance(found, str) else found.environment,
        truth_rows=arguments.truth_rows,
        points_options=points.as_options(arguments),
    )


def _measure(arguments: Namespace, asked: Request, session: Session, staged: Staged, ends: float) -> int:
    """Run what is asked for and is not measured yet."""
    runner, store = session.runner, session.store
    rows = store.rows()
    runs = plan(asked, staged.id, runner.environment.java)
    anew = arguments.fresh or arguments.save_neighbors
    measured = {} if anew else already_measured(runs, rows, runner.limits)
    to_run = [run for run in runs if run.run_id not in measured]
    if to_run:
        warm_up_bytes = probe.warm_up_bytes(environment.usable_memory_bytes())
        runner = replace(runner, warm_up_bytes=warm_up_bytes)
    ahead = look_ahead(to_run, rows, runner.skip, anyway=arguments.anyway)
    to_run = [run for run in ahead.runs if run.run_id not in ahead.skipped]
    if arguments.budget is not None and asked.repeats == 1:
        to_run.sort(key=lambda run: run.predicted.get("total_seconds", 0.0))  # as many as fit
    announce(runs, measured, ahead, staged.notes)
    announce_duration([run.predicted.get("total_seconds") for run in to_run], ends)
    if arguments.dry_run:
        return 0
    for row in ahead.skipped.values():
        store.append(row, asdict(runner.environment))
    measured |= ahead.skipped
    display = progress.display(runner.limits.memory_bytes, terminal.run_labels(runs))
    session = replace(session, runner=runner, display=display)
    if arguments.repeats == AUTO_REPEATS:
        predicted = {run.run_id: run for run in to_run}
        series = [predicted.get(run.run_id, run) for run in runs]
        new = session.measure_until(series, list(measured.values()), undecided, ends)
    else:
        new = session.measure(to_run, ends)
    _show(arguments, [*measured.values(), *new], runs)
    return INTERRUPTED if any(row.status == "interrupted" for row in new) else 0


def _describe(staged: Staged, store: Store, cache: Path) -> None:
    """Keep how hard the points are beside the rows; say what a crash had cut."""
    if staged.id.content_hash not in store.workloads():
        cores = environment.machine().cores
        found = describe_staged(staged.path, staged.id.content_hash, staged.id.k, cache, cores)
        store.describe_workload(staged.id.content_hash, asdict(found) | {"notes": staged.notes})
    if left_out := misunderstood_in_words(store.misunderstood()):
        terminal.say(left_out)
    if torn := store.torn_lines():
        terminal.say(f"{torn} lines that a crash had cut were set aside in {store.directory / TORN}")


def _show(arguments: Namespace, rows: Sequence[Measurement], runs: Sequence[PlannedRun]) -> None:
    """Print what was asked for, in the order of the plan, and what repeats can tell apart."""
    latest = {row.run_id: row for row in rows}
    labels = terminal.run_labels(runs)
    shown = [(labels[run.run_id], latest[run.run_id]) for run in runs if run.run_id in latest]
    if arguments.json:
        terminal.print_lines(json.dumps(asdict(row)) for _, row in shown)
        return
    terminal.print_table(shown)
    if arguments.repeats != 1:
        names = {run.series_id: labels[run.run_id] for run in runs if run.repeat == 1}
        terminal.print_lines(["", *compared(rows, names)])
    if arguments.save_neighbors and any(row.status not in ("ok", "partial") for _, row in shown):
        terminal.say(f"{arguments.save_neighbors} was not written: the run ended as {shown[0][1].status}")
