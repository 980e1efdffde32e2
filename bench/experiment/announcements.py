"""What is said before the runs start: the points, what is measured already, what is to run, for how long."""

import math
import time
from collections.abc import Iterable, Mapping, Sequence

from bench.experiment.expectations import Expectations
from bench.experiment.observer import Observer
from bench.measure.schedule import PlannedRun
from bench.report.wording import count_queries
from bench.results import Measurement
from bench.units import format_seconds, shorten
from bench.workloads import WorkloadId

_LABEL_WIDTH = 60


def announce_points(workload: WorkloadId, notes: Sequence[str], observer: Observer) -> None:
    """Say which points and which k."""
    observer.say(
        f"{workload.name}: {workload.n:,} points of {workload.d} dimensions, "
        f"k = {workload.k}, {workload.metric}"
        + (f", {count_queries(workload)}" if workload.n_queries is not None else "")
    )
    for note in notes:
        observer.say(f"  {note}")


def announce_runs(
    runs: Sequence[PlannedRun],
    measured: Mapping[str, Measurement],
    expected: Expectations,
    observer: Observer,
) -> None:
    """Say of each series how much of it is measured and what is expected of it."""
    labels = run_labels(runs)
    for series in (run for run in runs if run.repeat == 1):
        repeats = [run for run in runs if run.series_id == series.series_id]
        done = [row for run in repeats if (row := measured.get(run.run_id))]
        states = [f"measured {row.started_at}: {row.status}" for row in done[-1:]]
        missing = len(repeats) - len(done)
        if missing and series.run_id in expected.skipped:
            states.append("skipped")
        elif missing:
            states.append(f"{missing} to run" if len(repeats) > 1 else "to run")
        states += [expected.notes[run.run_id] for run in repeats if run.run_id in expected.notes][:1]
        observer.say(f"  {labels[series.run_id]}: {', '.join(states)}")
    skipped = f", {len(expected.skipped)} skipped (--anyway runs them)" if expected.skipped else ""
    missing = len(runs) - len(measured) - len(expected.skipped)
    observer.say(f"{len(runs)} planned, {len(measured)} measured already{skipped}, {missing} to run")


def announce_duration(seconds: Iterable[float | None], ends: float, observer: Observer) -> None:
    """Say how long the runs will take, as far as anything is known of them; ``ends`` as a session has it."""
    each = [*seconds]
    known = [value for value in each if value is not None]
    words = [f"about {format_seconds(sum(known))} for {len(known)} runs"] if known else []
    if len(known) < len(each):
        words.append(f"unknown for {len(each) - len(known)}")
    if math.isfinite(ends):
        words.append(f"at most {format_seconds(max(ends - time.monotonic(), 0))}, what is left of the budget")
    if each:
        observer.say(f"expected duration: {'; '.join(words)}")


def run_labels(runs: Sequence[PlannedRun]) -> dict[str, str]:
    """Name each run, by run_id: the strategy, what is not its default, its threads where they vary."""
    threads = {run.threads for run in runs if run.listing.takes_threads}
    return {run.run_id: _label(run, with_threads=len(threads) > 1) for run in runs}


def _label(run: PlannedRun, *, with_threads: bool) -> str:
    defaults = run.listing.parameters
    words = [run.listing.name, *(f"{p}={run.params[p]}" for p in defaults if run.params[p] != defaults[p])]
    words += [f"threads={run.threads}"] if with_threads and run.listing.takes_threads else []
    words += [run.blas_kernel] if run.blas_kernel else []
    words += ["first start"] if run.first_start else []
    repeat = [f"#{run.repeat}"] if run.repeat > 1 else []
    return " ".join([shorten(" ".join(words), _LABEL_WIDTH), *repeat])
