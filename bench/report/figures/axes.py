"""Where an outcome stands in a chart, and the ticks of the axes of time and recall."""

import math

from bench.analysis.summary import Outcome
from bench.units import format_seconds

RECALL_TICKS = (0.0, 0.5, 0.9, 0.95, 0.99, 0.999, 1.0)
_TIME_TICKS = (0.001, 0.01, 0.1, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14400, 36000)
_MIDDLE_TICKS = (0.001, 0.01, 0.1, 1, 5, 20, 60, 300, 1200, 3600, 14400, 36000)
_COARSE_TICKS = (0.001, 0.01, 0.1, 1, 10, 60, 600, 3600, 36000, 360_000, 3_600_000)


def nines(recall: float) -> float:
    """Return what an axis of recall is linear in: 0.9 is one, 0.99 two, 0.999 three, and 1 four."""
    return -math.log10(1 - recall * (1 - 1e-4))


def seconds_of(outcome: Outcome) -> float | None:
    """Return the total of a success, of a failure its extrapolated total, how far it came, or its limit."""
    run = outcome.median
    extrapolated = None if outcome.is_ok else run.extrapolated_seconds
    limit = run.time_limit_seconds if run.status == "timeout" else None
    return extrapolated or run.total_seconds or limit or None


def memory_of(outcome: Outcome) -> int | None:
    """Return the peak memory in bytes; of what ran out of memory the limit that it hit."""
    run = outcome.median
    at_limit = run.memory_limit_bytes if run.status == "out_of_memory" else None
    return at_limit or run.peak_memory_bytes


def recall_interval(outcome: Outcome) -> tuple[float, float] | None:
    """Return both ends of the recall's interval, in nines."""
    low, high = outcome.median.recall_low, outcome.median.recall_high
    return None if low is None or high is None else (nines(low), nines(high))


def time_ticks(low: float, high: float) -> dict[float, str]:
    """Choose about seven durations between two, each as people write it."""
    for choice in (_TIME_TICKS, _MIDDLE_TICKS, _COARSE_TICKS):
        ticks = [tick for tick in choice if low <= tick <= high]
        if len(ticks) <= 7:
            break
    return {tick: format_seconds(tick) for tick in ticks}
