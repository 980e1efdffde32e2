"""Where the time of each strategy went: its phases, and what it says of their parts."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bench.analysis.summary import Group, Outcome

MOST_SHOWN = 30
PARTS: Mapping[str, str] = {
    "start": "#5b6470",
    "load": "#a9b1bb",
    "fit": "#de8f05",
    "ship": "#cc78bc",
    "search": "#0173b2",
    "collect": "#029e73",
    "merge": "#b01830",
    "idle": "#d9c27a",
}
"""Each part with its color, in the order in which they follow each other."""
_WITHIN_FIT = ("ship",)
_WITHIN_QUERY = ("collect", "merge", "idle")
"""Seconds that a strategy reports of parts of a phase; the rest of the query is the search."""


@dataclass(frozen=True, slots=True)
class PartOfTime:
    """A part of a bar."""

    name: str
    seconds: float
    left: float
    """Percent of the longest bar, as is the width."""
    width: float


@dataclass(frozen=True, slots=True)
class TimeSpent:
    """The bar of one outcome, of its median run."""

    number: int
    """Of the outcome in its group."""
    outcome: Outcome
    seconds: dict[str, float]
    """Of each part that there is."""
    bar: list[PartOfTime]


def time_spent(group: Group) -> list[TimeSpent]:
    """Split the time of each success, of the fastest ones where there are many."""
    split = [(i, o, _split(o)) for i, o in enumerate(group.outcomes) if o.is_ok][:MOST_SHOWN]
    longest = max((sum(seconds.values()) for _, _, seconds in split), default=0.0)
    return [TimeSpent(i, o, seconds, list(_bar(seconds, longest))) for i, o, seconds in split if seconds]


def _split(outcome: Outcome) -> dict[str, float]:
    run = outcome.median
    fit, ship = _parts(run.fit_seconds or 0.0, _WITHIN_FIT, run.details)
    search, within = _parts(run.query_seconds or 0.0, _WITHIN_QUERY, run.details)
    named = {"start": run.start_seconds or 0.0, "load": run.load_seconds or 0.0, "fit": fit, "search": search}
    named |= ship | within
    return {name: named[name] for name in PARTS if named.get(name)}


def _parts(
    whole: float, names: Iterable[str], details: Mapping[str, object]
) -> tuple[float, dict[str, float]]:
    """Take what a strategy reports off a phase, and never more than the phase took."""
    parts = {}
    for name in names:
        reported = details.get(f"{name}_seconds")
        if isinstance(reported, int | float) and reported > 0:
            parts[name] = min(float(reported), whole)
            whole -= parts[name]
    return whole, parts


def _bar(seconds: Mapping[str, float], longest: float) -> Iterable[PartOfTime]:
    left = 0.0
    for name, value in seconds.items():
        width = 100 * value / longest
        yield PartOfTime(name, value, round(left, 2), round(width, 2))
        left += width
