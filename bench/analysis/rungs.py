"""The rungs of a ladder: does one reach a recall, what will it cost on all points, can it be the best."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bench.results import Measurement

EXACTLY = 1.0
"""The recall that only an exact strategy can be asked for."""
NEARLY_LINEAR, _QUADRATIC = 1.1, 2.0
"""Powers of n by which fit and query grow."""
_FORECAST_ERROR = 2.0
"""How many times as long as it takes a forecast may say."""
_UNREPEATED = 1.5
"""How many times as long as another one run of a kind may take, where no repeats tell."""
_MOST_ALIKE = 1.05
"""The same where repeats agree better than that: there are few of them."""


@dataclass(frozen=True, slots=True)
class Ladder:
    """A strategy's parameter sets, from fast to accurate."""

    strategy: str
    exact: bool
    rungs: int


@dataclass(frozen=True, slots=True)
class Step:
    """One run: a rung, on all points or on a sample of them."""

    strategy: str
    rung: int
    """0 is the fastest."""
    whole: bool


Rows = Mapping[Step, Measurement]


def reaches(row: Measurement, recall: float) -> bool:
    """Whether a recall is certain: its interval lies above, or the strategy is exact and missed nothing."""
    if row.status != "ok" or row.recall is None or row.recall_low is None:
        return False
    if recall >= EXACTLY:
        return row.exact and row.recall >= EXACTLY
    return row.recall_low >= recall


def best(recall: float, rows: Rows, *, exact: bool | None = None) -> Step | None:
    """Find the quickest run on all points that reaches a recall; of exact or approximate ones, or of all."""
    fitting = {
        step: row.total_seconds or 0.0
        for step, row in rows.items()
        if step.whole and reaches(row, recall) and exact in (None, row.exact)
    }
    return min(fitting, key=lambda step: fitting[step], default=None)


def forecast(step: Step, rows: Rows, times_as_many: float, *, at_most: bool = False) -> float | None:
    """Seconds that a rung will take on all points, so many times as many as the sample has.

    It grows from the sample's seconds by a power of n, set right by what the strategy's last run on all
    points took. ``at_most`` fears the worst: an exact search may be quadratic, whatever is said of it.
    Without a sample, it is what the rung below took. None where nothing like it ran.
    """
    if (row := rows.get(step)) is not None and row.total_seconds is not None:
        return row.total_seconds
    scaled = _scaled(step, rows, times_as_many, at_most=at_most)
    if scaled is None:
        below = [rows.get(Step(step.strategy, rung, whole=True)) for rung in range(step.rung)]
        return next((row.total_seconds for row in reversed(below) if row is not None), None)
    ratios = [
        row.total_seconds / guess
        for done, row in rows.items()
        if done.strategy == step.strategy and done.whole and row.status == "ok" and row.total_seconds
        if (guess := _scaled(done, rows, times_as_many, at_most=at_most))
    ]
    return scaled * ratios[-1] if ratios else scaled


def _scaled(step: Step, rows: Rows, times_as_many: float, *, at_most: bool) -> float | None:
    """What the sample says of a rung; where that was not tried, what the one below says."""
    for rung in range(step.rung, -1, -1):
        row = rows.get(Step(step.strategy, rung, whole=False))
        if row is not None and row.total_seconds is not None:
            quadratic = row.details.get("growth") == "quadratic" or (at_most and row.exact)
            power = _QUADRATIC if quadratic else NEARLY_LINEAR
            start = row.start_seconds or 0.0
            return start + (row.total_seconds - start) * float(times_as_many**power)
    return None


def hopeless(step: Step, recall: float, rows: Rows, times_as_many: float) -> str | None:
    """Say why a run cannot be the quickest to reach a recall any more; None where it can."""
    quickest = best(recall, rows)
    seconds = forecast(step, rows, times_as_many)
    if quickest is None or seconds is None or quickest.strategy == step.strategy:
        return None
    times = margin(rows.values())
    least = rows[quickest].total_seconds or 0.0
    if seconds <= times * least:
        return None
    return (
        f"cannot be the best at recall {recall:g}: about {seconds:.0f} s expected, {quickest.strategy} took "
        f"{least:.0f} s, and {times:.1f} times that is beyond doubt"
    )


def margin(rows: Iterable[Measurement]) -> float:
    """How many times as long as another a run must be forecast to take, to be the slower one for certain."""
    series: dict[str, list[float]] = defaultdict(list)
    for row in rows:
        if row.status == "ok" and row.total_seconds:
            series[row.series_id].append(row.total_seconds)
    ratios = [max(seconds) / min(seconds) for seconds in series.values() if len(seconds) > 1]
    return _FORECAST_ERROR * (max(_MOST_ALIKE, *ratios) if ratios else _UNREPEATED)
