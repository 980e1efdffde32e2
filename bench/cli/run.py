"""``run``: measure strategies on a workload, store the rows, rebuild the report."""

import itertools
import json
import os
import shlex
import shutil
from argparse import Namespace
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from bench import catalog, cluster, workloads
from bench.analysis.compare import LOOKS
from bench.analysis.repeats import compared, undecided
from bench.answers import Answers
from bench.catalog import Listing
from bench.cli import INTERRUPTED, points, progress, saving, terminal
from bench.cli.foresight import Ahead, look_ahead
from bench.cli.values import bad_usage, settings, writable_directory
from bench.judge.difficulty import describe_staged
from bench.measure import environment, java, probe, threads
from bench.measure.runner import Runner
from bench.measure.schedule import Limits, PlannedRun, Request, already_measured, plan
from bench.measure.session import Session
from bench.report import write_report
from bench.results import AUTO_REPEATS, TORN, Measurement, Store
from bench.workloads import Staged

_MEMORY_SHARE = 0.8


@dataclass(frozen=True, slots=True)
class Places:
    """Where this command may write."""

    results: Path
    cache: Path


def command(arguments: Namespace) -> int:
    """Check everything, stage the points, plan, run, report."""
    with bad_usage():
        request = _request(arguments)
        limits = _limits(arguments)
        workload = points.workload(arguments)
        saving.check(arguments, request)
        cache = workloads.cache_directory(arguments.cache)
        if arguments.master and not arguments.dry_run:
            _reach(arguments.master, cache)
    with ExitStack() as stack:
        with bad_usage():
            results = stack.enter_context(writable_directory(arguments.results))
            rows = Store(results).rows()
            staged = points.stage(workload, cache)
            answers = stack.enter_context(saving.saving(arguments, staged))
        request = replace(request, neighbors_to=answers.neighbors_to)
        return _measure(arguments, request, limits, staged, rows, Places(results, cache), answers.keep)


def _measure(
    arguments: Namespace,
    request: Request,
    limits: Limits,
    staged: Staged,
    rows: Sequence[Measurement],
    places: Places,
    keep: Callable[[Answers], None] | None,
) -> int:
    found = java.find()
    java_version = found if isinstance(found, str) else found.version
    runs = plan(request, staged.id, java_version)
    anew = arguments.fresh or arguments.save_neighbors
    measured = {} if anew else already_measured(runs, rows, limits)
    to_run = [run for run in runs if run.run_id not in measured]
    runner = Runner(
        results=places.results,
        cache=places.cache,
        points=staged.path,
        limits=limits,
        environment=environment.environment(java_version),
        java=found if isinstance(found, str) else found.environment,
        truth_rows=arguments.truth_rows,
        points_options=points.as_options(arguments),
        warm_up_bytes=probe.warm_up_bytes(environment.usable_memory_bytes()) if to_run else 0,
    )
    ahead = look_ahead(to_run, rows, runner.skip, anyway=arguments.anyway)
    to_run = [run for run in ahead.runs if run.run_id not in ahead.skipped]
    _announce(runs, measured, ahead, staged.notes)
    if arguments.dry_run:
        return 0
    display = progress.display(limits.memory_bytes, terminal.run_labels(runs))
    store = Store(places.results)
    for row in ahead.skipped.values():
        store.append(row, asdict(runner.environment))
    measured |= ahead.skipped
    session = Session(runner, store, display, arguments.quiet_runs, keep)
    if arguments.repeats == AUTO_REPEATS:
        predicted = {run.run_id: run for run in to_run}
        series = [predicted.get(run.run_id, run) for run in runs]
        new = session.measure_until(series, list(measured.values()), undecided, arguments.budget)
    else:
        new = session.measure(to_run)
    _show(arguments, [*measured.values(), *new], runs)
    if any(row.status == "interrupted" for row in new):
        return INTERRUPTED
    _describe(staged, store, places.cache)
    if torn := store.torn_lines():
        terminal.say(f"{torn} lines that a crash had cut were set aside in {places.results / TORN}")
    terminal.say(f"report: {write_report(places.results)}")
    return 0


def _describe(staged: Staged, store: Store, cache: Path) -> None:
    """Keep how hard the points are beside the rows, for the report."""
    if staged.id.content_hash not in store.workloads():
        cores = environment.machine().cores
        found = describe_staged(staged.path, staged.id.content_hash, staged.id.k, cache, cores)
        store.describe_workload(staged.id.content_hash, asdict(found) | {"notes": staged.notes})


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


def _request(arguments: Namespace) -> Request:
    listings = [catalog.load(name) for name in arguments.strategies or catalog.names()]
    names = [listing.name for listing in listings]
    if twice := {name for name in names if names.count(name) > 1}:
        raise ValueError(f"two strategies to run are named {', '.join(sorted(twice))}: name each once")
    if arguments.master and not any(listing.takes_master for listing in listings):
        raise ValueError(f"--master is for Spark's strategies, none of {', '.join(names)} is one")
    if arguments.budget and arguments.repeats != AUTO_REPEATS:
        raise ValueError("--budget is for --repeats auto")
    _check_wrap(arguments.wrap)
    values = settings(arguments.set, listings)
    kernel = threads.right_kernel(environment.machine().flags) if arguments.fix_blas else None
    if arguments.fix_blas and kernel is None:
        terminal.say("--fix-blas: this CPU has neither AVX2 nor AVX-512, OpenBLAS's own choice stays")
    return Request(
        strategies=tuple(listings),
        params={
            listing.name: _sweep(listing, values[listing.name], arguments.master) for listing in listings
        },
        pinned={name: frozenset(set_values) for name, set_values in values.items()},
        threads=arguments.threads or (environment.machine().cores,),
        master=arguments.master,
        repeats=LOOKS[-1] if arguments.repeats == AUTO_REPEATS else arguments.repeats,
        repeats_asked=str(arguments.repeats),
        blas_kernel=kernel,
        wrap=arguments.wrap,
        shared_dir=str(Path(arguments.shared_dir).resolve()) if arguments.shared_dir else "",
    )


def _reach(master: str, cache: Path) -> None:
    """Raise ValueError where nobody answers there; let all that runs in at a cluster of ``make cluster``."""
    cluster.check_reachable(master)
    for place in {cache, workloads.cache_directory(None)}:
        os.environ.update(cluster.environment(master, cluster.directory(place)))


def _check_wrap(text: str | None) -> None:
    if text is not None:
        words = shlex.split(text)
        if not words or shutil.which(words[0]) is None:
            raise ValueError(f"--wrap {text!r}: there is no program {words[0] if words else ''!r}")


def _sweep(listing: Listing, values: dict[str, list[Any]], master: str | None) -> tuple[dict[str, Any], ...]:
    """Every combination of the values set, over the defaults; the strategy itself may refuse one."""
    sets = [dict(zip(values, chosen, strict=True)) for chosen in itertools.product(*values.values())]
    filled = {"master": master} if master and listing.takes_master else {}
    for chosen in sets:
        try:
            listing.entry.factory(**listing.defaults | chosen | filled)
        except ValueError as error:
            raise ValueError(f"{listing.name}: {error}") from error
    return tuple(listing.parameters | chosen for chosen in sets)


def _limits(arguments: Namespace) -> Limits:
    memory = arguments.memory_limit or int(environment.usable_memory_bytes() * _MEMORY_SHARE)
    return Limits(arguments.time_limit, memory, arguments.stop_after_rows)


def _announce(
    runs: Sequence[PlannedRun], measured: dict[str, Measurement], ahead: Ahead, notes: Sequence[str]
) -> None:
    workload = runs[0].workload
    terminal.say(
        f"{workload.name}: {workload.n:,} points of {workload.d} dimensions, "
        f"k = {workload.k}, {workload.metric}"
    )
    for note in notes:
        terminal.say(f"  {note}")
    labels = terminal.run_labels(runs)
    for series in (run for run in runs if run.repeat == 1):
        repeats = [run for run in runs if run.series_id == series.series_id]
        done = [row for run in repeats if (row := measured.get(run.run_id))]
        states = [f"measured {row.started_at}: {row.status}" for row in done[-1:]]
        missing = len(repeats) - len(done)
        if missing and series.run_id in ahead.skipped:
            states.append("skipped")
        elif missing:
            states.append(f"{missing} to run" if len(repeats) > 1 else "to run")
        states += [ahead.notes[run.run_id] for run in repeats if run.run_id in ahead.notes][:1]
        terminal.say(f"  {labels[series.run_id]}: {', '.join(states)}")
    left_out = f", {len(ahead.skipped)} skipped (--anyway runs them)" if ahead.skipped else ""
    missing = len(runs) - len(measured) - len(ahead.skipped)
    terminal.say(f"{len(runs)} planned, {len(measured)} measured already{left_out}, {missing} to run")
