"""Predictions compared with what was then measured."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from bench.analysis.curves import Curve, curves
from bench.analysis.prediction import FEWEST_SIZES, Interval, Model
from bench.results import Measurement

_QUANTITIES = ("total_seconds", "peak_memory_bytes")


@dataclass(frozen=True, slots=True)
class Checked:
    """One quantity of one run: what was predicted, and what was measured."""

    points: str
    label: str
    n: int
    run_id: str
    quantity: str
    """``total_seconds`` or ``peak_memory_bytes``."""
    predicted: Interval
    measured: float
    inside: bool
    error: float
    """Predicted over measured, less 1: 0.3 is 30 % too much."""


@dataclass(frozen=True, slots=True)
class Summary:
    """How good predictions were."""

    pairs: int
    inside: int
    median_error: float
    """Of the absolute errors."""
    median_width: float
    """Of the upper over the lower ends of the intervals."""


def check(curve: Curve, n: int, up_to: int | None = None) -> list[Checked]:
    """Predict each run on n points from those on fewer, ``up_to`` at most; empty where there are too few."""
    smaller = curve.up_to(min(up_to or n - 1, n - 1))
    if smaller is None or len(smaller.sizes) < FEWEST_SIZES:
        return []
    prediction = Model.learn(smaller).at(n)
    return [
        _checked(curve.label, row, quantity, getattr(prediction, quantity))
        for row in curve.at(n)
        for quantity in _QUANTITIES
        if getattr(row, quantity) is not None
    ]


def kept(rows: Iterable[Measurement]) -> list[Checked]:
    """List the predictions that were stored with runs before they started, beside what was measured."""
    rows = list(rows)
    labels = {row.run_id: curve.label for curve in curves(rows) for row in curve.rows}
    return [
        _checked(
            labels.get(row.run_id, row.strategy),
            row,
            quantity,
            Interval(*(row.predicted[f"{quantity}{end}"] for end in ("", "_low", "_high"))),
        )
        for row in rows
        if row.status == "ok"
        for quantity in _QUANTITIES
        if quantity in row.predicted and getattr(row, quantity) is not None
    ]


def summarize(pairs: Sequence[Checked]) -> Summary:
    """Summarize at least one pair."""
    return Summary(
        pairs=len(pairs),
        inside=sum(pair.inside for pair in pairs),
        median_error=float(np.median([abs(pair.error) for pair in pairs])),
        median_width=float(np.median([pair.predicted.high / pair.predicted.low for pair in pairs])),
    )


def _checked(label: str, row: Measurement, quantity: str, predicted: Interval) -> Checked:
    measured: float = getattr(row, quantity)
    return Checked(
        points=row.workload.name,
        label=label,
        n=row.workload.n,
        run_id=row.run_id,
        quantity=quantity,
        predicted=predicted,
        measured=measured,
        inside=predicted.holds(measured),
        error=predicted.median / measured - 1,
    )
