"""``run``: measure strategies on a workload, store the rows, rebuild the report."""

import itertools
import json
from argparse import Namespace
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bench import catalog, workloads
from bench.analysis.compare import LOOKS
from bench.analysis.repeats import undecided
from bench.answers import Answers
from bench.catalog import Listing
from bench.cli import INTERRUPTED, points, terminal
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
        keep = points.saver(arguments, request)
        cache = workloads.cache_directory(arguments.cache)
    with writable_directory(arguments.results) as results:
        with bad_usage():
            staged = points.stage(workload, cache)
        return _measure(arguments, request, limits, staged, keep, Places(results, cache))


def _measure(
    arguments: Namespace,
    request: Request,
    limits: Limits,
    staged: Staged,
    keep: Callable[[Answers], None] | None,
    places: Places,
) -> int:
    found = java.find()
    java_version = found if isinstance(found, str) else found.version
    runs = plan(request, staged.id, java_version)
    store = Store(places.results)
    anew = arguments.fresh or keep is not None
    measured = {} if anew else already_measured(runs, store.rows(), limits)
    to_run = [run for run in runs if run.run_id not in measured]
    _announce(runs, measured, staged.notes)
    if arguments.dry_run:
        return 0
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
    display = terminal.display(limits.memory_bytes)
    session = Session(runner, store, display, arguments.quiet_runs, keep)
    if arguments.repeats == AUTO_REPEATS:
        rows = session.measure_until(runs, list(measured.values()), undecided, arguments.budget)
    else:
        rows = session.measure(to_run)
    _describe(staged, store, places.cache)
    return _finish(arguments, places.results, [*measured.values(), *rows], runs)


def _describe(staged: Staged, store: Store, cache: Path) -> None:
    """Keep how hard the points are beside the rows, for the report."""
    if staged.id.content_hash not in store.workloads():
        cores = environment.machine().cores
        found = describe_staged(staged.path, staged.id.content_hash, staged.id.k, cache, cores)
        store.describe_workload(staged.id.content_hash, asdict(found) | {"notes": staged.notes})


def _finish(
    arguments: Namespace, results: Path, rows: Sequence[Measurement], runs: Sequence[PlannedRun]
) -> int:
    """Print what was asked for, in the order of the plan, and rebuild the report."""
    latest = {row.run_id: row for row in rows}
    shown = [(terminal.run_label(run), latest[run.run_id]) for run in runs if run.run_id in latest]
    if arguments.json:
        terminal.print_lines(json.dumps(asdict(row)) for _, row in shown)
    else:
        terminal.print_table(shown)
    if torn := Store(results).torn_lines():
        terminal.say(f"{torn} lines that a crash had cut were set aside in {results / TORN}")
    terminal.say(f"report: {write_report(results)}")
    return INTERRUPTED if any(row.status == "interrupted" for row in rows) else 0


def _request(arguments: Namespace) -> Request:
    listings = [catalog.load(name) for name in arguments.strategies or catalog.names()]
    values = settings(arguments.set, listings)
    kernel = threads.right_kernel(environment.machine().flags) if arguments.fix_blas else None
    if arguments.fix_blas and kernel is None:
        terminal.say("--fix-blas: this CPU has neither AVX2 nor AVX-512, OpenBLAS's own choice stays")
    return Request(
        strategies=tuple(listings),
        params={listing.name: _sweep(listing, values[listing.name]) for listing in listings},
        pinned={name: frozenset(set_values) for name, set_values in values.items()},
        threads=arguments.threads or (environment.machine().cores,),
        master=arguments.master,
        repeats=LOOKS[-1] if arguments.repeats == AUTO_REPEATS else arguments.repeats,
        repeats_asked=str(arguments.repeats),
        blas_kernel=kernel,
        wrap=arguments.wrap,
    )


def _sweep(listing: Listing, values: dict[str, list[Any]]) -> tuple[dict[str, Any], ...]:
    """Every combination of the values set, over the defaults; the strategy itself may refuse one."""
    sets = [dict(zip(values, chosen, strict=True)) for chosen in itertools.product(*values.values())]
    for chosen in sets:
        try:
            listing.entry.factory(**listing.defaults | chosen)
        except ValueError as error:
            raise ValueError(f"{listing.name}: {error}") from error
    return tuple(listing.parameters | chosen for chosen in sets)


def _limits(arguments: Namespace) -> Limits:
    memory = arguments.memory_limit or int(environment.usable_memory_bytes() * _MEMORY_SHARE)
    return Limits(arguments.time_limit, memory, arguments.stop_after_rows)


def _announce(runs: Sequence[PlannedRun], measured: dict[str, Measurement], notes: Sequence[str]) -> None:
    workload = runs[0].workload
    terminal.say(
        f"{workload.name}: {workload.n:,} points of {workload.d} dimensions, "
        f"k = {workload.k}, {workload.metric}"
    )
    for note in notes:
        terminal.say(f"  {note}")
    for series in {run.series_id: run for run in reversed(runs)}.values():
        repeats = [run for run in runs if run.series_id == series.series_id]
        done = [row for run in repeats if (row := measured.get(run.run_id))]
        states = [f"measured {row.started_at}: {row.status}" for row in done[-1:]]
        missing = len(repeats) - len(done)
        states += [f"{missing} to run" if len(repeats) > 1 else "to run"] if missing else []
        terminal.say(f"  {terminal.run_label(series)}: {', '.join(states)}")
    terminal.say(f"{len(runs)} planned, {len(measured)} measured already, {len(runs) - len(measured)} to run")
