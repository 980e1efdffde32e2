"""What is said before the runs start: the points, what is measured already, what is to run, for how long."""

import math
import time
from collections.abc import Iterable, Sequence

from bench.cli import terminal
from bench.cli.foresight import Ahead
from bench.measure.schedule import PlannedRun
from bench.results import Measurement
from bench.units import format_seconds
from bench.workloads import WorkloadId


def announce(
    runs: Sequence[PlannedRun], measured: dict[str, Measurement], ahead: Ahead, notes: Sequence[str]
) -> None:
    """Say it of each series of runs."""
    announce_points(runs[0].workload, notes)
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


def announce_points(workload: WorkloadId, notes: Sequence[str]) -> None:
    """Say which points and which k."""
    terminal.say(
        f"{workload.name}: {workload.n:,} points of {workload.d} dimensions, "
        f"k = {workload.k}, {workload.metric}"
    )
    for note in notes:
        terminal.say(f"  {note}")


def announce_duration(seconds: Iterable[float | None], ends: float) -> None:
    """Say how long the runs will take, as far as anything is known of them; ``ends`` as a session has it."""
    each = [*seconds]
    known = [value for value in each if value is not None]
    words = [f"about {format_seconds(sum(known))} for {len(known)} runs"] if known else []
    if len(known) < len(each):
        words.append(f"nothing is known yet of {len(each) - len(known)}")
    if math.isfinite(ends):
        words.append(f"at most {format_seconds(max(ends - time.monotonic(), 0))}, what is left of the budget")
    if each:
        terminal.say(f"expected duration: {'; '.join(words)}")
