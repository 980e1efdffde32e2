"""Memory over time of one run, as a small drawing inside the page."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from bench.report.figures.samples import SAMPLES, phase_ends, read_samples
from bench.results import Measurement
from bench.units import format_bytes, format_seconds

_WIDTH, _HEIGHT, _HEADROOM = 360, 100, 12
_MOST_MOMENTS = 40


@dataclass(frozen=True, slots=True)
class PhaseBand:
    """A phase's part of the time axis."""

    name: str
    left: int
    width: int


@dataclass(frozen=True, slots=True)
class MemoryCurve:
    """Paths and bands in a box of 360 by 100."""

    memory: str
    """The area under all memory, as an SVG path."""
    anonymous: str
    phases: list[PhaseBand]
    most: str
    """The highest reading, in words."""
    end: str
    """The last reading's time, in words."""


def draw_memory_curve(results: Path, run: Measurement) -> MemoryCurve | None:
    """Draw what was sampled of a run; None where nothing was kept."""
    moments = read_samples(results / SAMPLES, run.run_id, _MOST_MOMENTS)
    if moments is None:
        return None
    end = float(moments.seconds.iloc[-1]) or 1.0
    most = float(moments.memory_bytes.max()) or 1.0
    x = [round(_WIDTH * s / end) for s in moments.seconds]
    scale = (_HEIGHT - _HEADROOM) / most
    return MemoryCurve(
        memory=_area(x, [_HEIGHT - round(scale * b) for b in moments.memory_bytes]),
        anonymous=_area(x, [_HEIGHT - round(scale * b) for b in moments.anonymous_bytes]),
        phases=_bands(moments, end),
        most=format_bytes(most),
        end=format_seconds(end),
    )


def _area(x: Sequence[int], y: Sequence[int]) -> str:
    """Write steps as relative lines, which are short."""
    steps = zip(x, y, x[1:], y[1:], strict=False)
    lines = "".join(f"l{right - left} {low - high}" for left, high, right, low in steps)
    return f"M{x[0]} {_HEIGHT}V{y[0]}{lines}V{_HEIGHT}z".replace(" -", "-")


def _bands(moments: pd.DataFrame, end: float) -> list[PhaseBand]:
    ends = [(phase, round(_WIDTH * seconds / end)) for phase, seconds in phase_ends(moments)]
    starts = [0, *(right for _, right in ends)]
    return [
        PhaseBand(phase, left, right - left)
        for (phase, right), left in zip(ends, starts, strict=False)
        if right > left
    ]
