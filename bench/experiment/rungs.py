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
    if row.exact and row.recall >= EXACTLY:
        return True
    return recall < EXACTLY and row.recall_low >= recall


def best(recall: float, rows: Rows, *, exact: bool | None = None, beyond: float = 1.0) -> Step | None:
    """Find the quickest run on all points that reaches a recall; of exact or approximate ones, or of all.

    ``beyond``: on so many times as many points.
    """
    fitting = {
        step: grown(row, beyond)
        for step, row in rows.items()
        if step.whole and reaches(row, recall) and exact in (None, row.exact)
    }
    return min(fitting, key=lambda step: fitting[step], default=None)


def grown(row: Measurement, times: float, *, at_most: bool = False) -> float:
    """Seconds that a run will take on so many times as many points: all but its start grows by a power of n.

    ``at_most`` fears the worst: an exact search may be quadratic, whatever is said of it.
    """
    total = row.total_seconds or 0.0
    if times == 1:
        return total
    quadratic = row.details.get("growth") == "quadratic" or (at_most and row.exact)
    start = row.start_seconds or 0.0
    return start + (total - start) * float(times ** (_QUADRATIC if quadratic else NEARLY_LINEAR))


def forecast(
    step: Step, rows: Rows, times_as_many: float, *, at_most: bool = False, beyond: float = 1.0
) -> float | None:
    """Seconds that a rung will take on all points, so many times as many as the sample has.

    They are the sample's seconds, grown, and set right by what the strategy's last run on all points took.
    Without a sample, it is what the rung below took. None where nothing like it ran. For ``at_most`` and
    ``beyond`` see above.
    """
    if (row := rows.get(step)) is not None and row.total_seconds is not None:
        return grown(row, beyond)
    scaled = _scaled(step, rows, times_as_many * beyond, at_most=at_most)
    if scaled is None:
        below = [rows.get(Step(step.strategy, rung, whole=True)) for rung in range(step.rung)]
        known = (row for row in reversed(below) if row is not None and row.total_seconds is not None)
        return next((grown(row, beyond) for row in known), None)
    ratios = [
        row.total_seconds / guess
        for done, row in rows.items()
        if done.strategy == step.strategy and done.whole and row.status == "ok" and row.total_seconds
        if (guess := _scaled(done, rows, times_as_many, at_most=at_most))
    ]
    return scaled * ratios[-1] if ratios else scaled


def steepness(step: Step, rows: Rows) -> float:
    """How many times as long as the rung below a rung may take: as many as that one beside its own.

    1 where the rung was run, on the sample at least, or fewer than two below were run on all points.
    """
    if Step(step.strategy, step.rung, whole=False) in rows:
        return 1.0
    below = [rows.get(Step(step.strategy, rung, whole=True)) for rung in range(step.rung)]
    took = [row.total_seconds for row in below if row is not None and row.total_seconds]
    return max(1.0, took[-1] / took[-2]) if len(took) > 1 else 1.0


def _scaled(step: Step, rows: Rows, times: float, *, at_most: bool) -> float | None:
    """What the sample says of a rung; where that was not tried, what the one below says."""
    for rung in range(step.rung, -1, -1):
        row = rows.get(Step(step.strategy, rung, whole=False))
        if row is not None and row.total_seconds is not None:
            return grown(row, times, at_most=at_most)
    return None


def hopeless(
    step: Step,
    recall: float,
    rows: Rows,
    times_as_many: float,
    *,
    beyond: float = 1.0,
    slower_by: float | None = None,
) -> str | None:
    """Say why a run cannot be the quickest to reach a recall any more; None where it can.

    ``slower_by``: how many times as slow as the quickest it must be forecast to be; None: as ``margin`` says.
    """
    quickest = best(recall, rows, beyond=beyond)
    seconds = forecast(step, rows, times_as_many, beyond=beyond)
    if quickest is None or seconds is None or quickest.strategy == step.strategy:
        return None
    times = slower_by or margin(rows.values())
    least = grown(rows[quickest], beyond)
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
