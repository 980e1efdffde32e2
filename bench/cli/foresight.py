"""Before the runs: what each is expected to cost; those that cannot keep their limits are not started."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from bench.analysis.forecasts import Forecasts, Obstacle, as_fields, obstacles
from bench.analysis.prediction import Interval, Prediction
from bench.measure.schedule import PlannedRun
from bench.results import Measurement
from bench.units import format_bytes, format_interval, format_seconds

Row = Callable[[PlannedRun, str], Measurement]
"""Makes the row of a run that is not started, for a reason."""


@dataclass(frozen=True, slots=True)
class Ahead:
    """What is to be expected of planned runs."""

    runs: tuple[PlannedRun, ...]
    """All that were given, each with what is predicted of it."""
    skipped: dict[str, Measurement]
    """Rows of those that are not to be started, by ``run_id``."""
    notes: dict[str, str]
    """What to say of a run before it starts, by ``run_id``."""


def look_ahead(
    runs: Iterable[PlannedRun], rows: Sequence[Measurement], make_row: Row, *, anyway: bool
) -> Ahead:
    """Predict each run from the rows there are; skip what even the lower end says will not fit.

    With ``anyway``, nothing is skipped.
    """
    foresight = Forecasts(rows)
    seen, skipped, notes = [], {}, {}
    for run in runs:
        row = make_row(run, "")
        found = foresight.of(row)
        if found is None:
            seen.append(run)
            continue
        seen.append(replace(run, predicted=as_fields(found)))
        ahead = obstacles(found, row)
        notes[run.run_id] = _note(found, ahead)
        if ahead and ahead[0].certain and not anyway:
            skipped[run.run_id] = make_row(seen[-1], _reason(ahead[0]))
    return Ahead(tuple(seen), skipped, notes)


def _note(found: Prediction, ahead: Sequence[Obstacle]) -> str:
    if not ahead:
        return f"predicted {_write(found.total_seconds, 'time')}, {_write(found.peak_memory_bytes, 'memory')}"
    will, fit = "will" if ahead[0].certain else "may", "fit" if ahead[0].kind == "memory" else "finish"
    return f"{will} not {fit}: {_reason(ahead[0])}"


def _reason(obstacle: Obstacle) -> str:
    limit = (format_bytes if obstacle.kind == "memory" else format_seconds)(obstacle.limit)
    return f"predicted {_write(obstacle.predicted, obstacle.kind)} against the limit of {limit}"


def _write(interval: Interval, kind: str) -> str:
    write = format_bytes if kind == "memory" else format_seconds
    return format_interval(interval.median, interval.low, interval.high, write)
