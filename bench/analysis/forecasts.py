"""What a planned run is expected to cost, and whether that is within its limits."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from bench.analysis.curves import Curve, Setting, curves, setting_of
from bench.analysis.prediction import FEWEST_SIZES, Interval, Model, Prediction
from bench.results import Measurement

_KEPT = ("total_seconds", "peak_memory_bytes", "peak_anonymous_bytes")


@dataclass(frozen=True, slots=True)
class Obstacle:
    """A limit that a run is expected to hit."""

    kind: Literal["memory", "time"]
    predicted: Interval
    """Bytes or seconds."""
    limit: float
    certain: bool
    """Whether even the lower end of the interval is above the limit."""


class Forecasts:
    """Predictions of planned runs from earlier rows; each setting is fitted once."""

    def __init__(self, rows: Iterable[Measurement]) -> None:
        self._curves: dict[Setting, Curve] = {
            curve.setting: curve for curve in curves(rows) if len(curve.sizes) >= FEWEST_SIZES
        }
        self._models: dict[Setting, Model] = {}

    def of(self, row: Measurement) -> Prediction | None:
        """Predict a run from its row, which holds only what was planned; None if there are too few rows."""
        setting = setting_of(row)
        if setting not in self._curves:
            return None
        if setting not in self._models:
            self._models[setting] = Model.learn(self._curves[setting])
        return self._models[setting].at(row.workload.n)


def obstacles(prediction: Prediction, row: Measurement) -> list[Obstacle]:
    """List the limits of a planned run that its prediction reaches, the certain ones first.

    Time is no obstacle to a run that is to stop after some rows.
    """
    pairs: list[tuple[Literal["memory", "time"], Interval, float | None]] = [
        ("memory", prediction.peak_anonymous_bytes, row.memory_limit_bytes),
        ("time", prediction.total_seconds, None if row.stop_after_rows else row.time_limit_seconds),
    ]
    reached = [
        Obstacle(kind, predicted, limit, certain=predicted.low > limit)
        for kind, predicted, limit in pairs
        if limit is not None and predicted.high > limit
    ]
    return sorted(reached, key=lambda obstacle: not obstacle.certain)


def as_fields(prediction: Prediction) -> dict[str, float]:
    """Write a prediction as ``Measurement.predicted`` keeps it."""
    return {
        f"{name}{end}": value
        for name in _KEPT
        for end, value in zip(("", "_low", "_high"), _ends(getattr(prediction, name)), strict=True)
    }


def _ends(interval: Interval) -> tuple[float, float, float]:
    return interval.median, interval.low, interval.high
