"""Before the runs: what each is expected to cost; those that cannot keep their limits are skipped."""

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
class Expectations:
    """What planned runs are expected to cost."""

    runs: tuple[PlannedRun, ...]
    """All that were given, each with what is predicted of it."""
    skipped: dict[str, Measurement]
    """Rows of those that are not to be started, by ``run_id``."""
    notes: dict[str, str]
    """What to say of a run before it starts, by ``run_id``."""


def predict_runs(
    runs: Iterable[PlannedRun], rows: Sequence[Measurement], make_row: Row, *, anyway: bool
) -> Expectations:
    """Predict each run from the rows there are; skip what even the lower end says will not fit.

    With ``anyway``, nothing is skipped.
    """
    forecasts = Forecasts(rows)
    predicted, skipped, notes = [], {}, {}
    for run in runs:
        row = make_row(run, "")
        prediction = forecasts.of(row)
        if prediction is None:
            predicted.append(run)
            continue
        predicted.append(replace(run, predicted=as_fields(prediction)))
        limits = obstacles(prediction, row)
        notes[run.run_id] = _note(prediction, limits)
        if limits and limits[0].certain and not anyway:
            skipped[run.run_id] = make_row(predicted[-1], _reason(limits[0]))
    return Expectations(tuple(predicted), skipped, notes)


def _note(prediction: Prediction, limits: Sequence[Obstacle]) -> str:
    if not limits:
        seconds, memory = prediction.total_seconds, prediction.peak_memory_bytes
        return f"predicted {_write(seconds, 'time')}, {_write(memory, 'memory')}"
    will, fit = "will" if limits[0].certain else "may", "fit" if limits[0].kind == "memory" else "finish"
    return f"{will} not {fit}: {_reason(limits[0])}"


def _reason(obstacle: Obstacle) -> str:
    limit = (format_bytes if obstacle.kind == "memory" else format_seconds)(obstacle.limit)
    return f"predicted {_write(obstacle.predicted, obstacle.kind)} against the limit of {limit}"


def _write(interval: Interval, kind: str) -> str:
    write = format_bytes if kind == "memory" else format_seconds
    return format_interval(interval.median, interval.low, interval.high, write)
