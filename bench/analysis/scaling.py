"""How time and memory grow with the number of points: exponents with intervals, and the lines to draw."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from bench.analysis.curves import Curve, curves
from bench.analysis.prediction import FEWEST_SIZES, Interval, Model
from bench.analysis.regression import Floats
from bench.results import Measurement

Quantity = Literal["total_seconds", "peak_memory_bytes"]
Draw = Callable[[Floats], Floats]
_DECADE = 10.0
_STEPS_PER_DECADE = 8


@dataclass(frozen=True, slots=True)
class LinePoint:
    """A point of a line in a plot of a quantity over n."""

    n: int
    figure: Interval
    """What the quantity is expected to be, and where it is with 90 %, the noise of single runs left out."""
    measured: bool
    """Whether n lies within what was measured; else it is predicted, and drawn dashed."""


@dataclass(frozen=True, slots=True)
class Scaling:
    """One quantity of one curve over n."""

    curve: Curve
    quantity: Quantity
    exponent: Interval
    """The slope in a log-log plot over the largest decade that was measured: of fit and query, without the
    start, which does not grow; of the whole peak."""
    measured: tuple[tuple[int, float], ...]
    """(n, value) of each run, by growing n; totals of partial runs are extrapolated."""
    line: tuple[LinePoint, ...]


def scalings(rows: Iterable[Measurement], to_n: int | None = None) -> list[Scaling]:
    """Describe each setting that was measured at two sizes or more, time and then memory.

    The lines go on to ``to_n`` points, by default to ten times the largest n measured.
    """
    described = []
    for curve in curves(rows):
        if len(curve.sizes) >= FEWEST_SIZES:
            described += scaling(Model.learn(curve), to_n)
    return described


def scaling(model: Model, to_n: int | None = None) -> list[Scaling]:
    """Describe one setting, time and then memory."""
    curve, largest = model.curve, model.largest
    end = max(to_n or 10 * largest, largest)
    steps = 2 + int(np.log10(end / curve.sizes[0]) * _STEPS_PER_DECADE)
    between = np.geomspace(curve.sizes[0], end, steps).round()
    sizes = np.unique(np.append(between, largest))
    ends = np.array([max(largest / _DECADE, curve.sizes[0]), largest])
    return [
        Scaling(
            curve=curve,
            quantity=quantity,
            exponent=_slope(grows(ends), ends),
            measured=tuple(
                (row.workload.n, value) for row in curve.rows if (value := _value(row, quantity)) is not None
            ),
            line=tuple(
                LinePoint(int(n), Interval.of(draws), n <= largest)
                for n, draws in zip(sizes, draw(sizes).T, strict=True)
            ),
        )
        for quantity, draw, grows in _quantities(model)
    ]


def _quantities(model: Model) -> list[tuple[Quantity, Draw, Draw]]:
    return [("total_seconds", model.totals, model.work), ("peak_memory_bytes", model.peaks, model.peaks)]


def _slope(draws: Floats, ends: Floats) -> Interval:
    return Interval.of(np.diff(np.log(draws), axis=1)[:, 0] / np.log(ends[1] / ends[0]))


def _value(row: Measurement, quantity: Quantity) -> float | None:
    if quantity == "total_seconds":
        return row.full_seconds
    return row.peak_memory_bytes
