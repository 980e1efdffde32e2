"""Made-up worlds in which ladders are climbed: each rung has its seconds and its recall."""

from dataclasses import dataclass
from typing import Any

from bench.experiment.climb import Climb, Pair
from bench.experiment.rungs import Ladder, Step
from bench.results import Measurement
from tests.rows import row

FOREVER = float("inf")


@dataclass(frozen=True)
class Rung:
    """What a rung costs on the sample and on ten times as many points, and the recall it has there."""

    seconds: tuple[float, float]
    recall: tuple[float, float]
    fields: tuple[tuple[str, Any], ...] = ()


World = dict[str, tuple[Rung, ...]]


def rung(
    seconds: float, recall: float, *, falls: float = 0.0, whole: float | None = None, **fields: Any
) -> Rung:
    on_all = whole or seconds * 10**1.1
    return Rung((seconds, on_all), (recall, recall - falls), tuple(fields.items()))


def climb_of(world: World, *recalls: float, exact: tuple[str, ...] = (), sampled: bool = True) -> Climb:
    ladders = tuple(Ladder(name, name in exact, len(rungs)) for name, rungs in world.items())
    return Climb(ladders, recalls, 10_000, 1_000 if sampled else None)


def measured(world: World, step: Step, exact: tuple[str, ...] = ()) -> Measurement:
    found = world[step.strategy][step.rung]
    recall = found.recall[step.whole]
    known: dict[str, Any] = {
        "run_id": str(step),
        "series_id": str(step),
        "strategy": step.strategy,
        "exact": step.strategy in exact,
        "total_seconds": found.seconds[step.whole],
        "recall": recall,
        "recall_low": recall - 0.002,
    }
    return row(**known | dict(found.fields))


def way_up(
    climb: Climb, world: World, seconds: float = FOREVER, exact: tuple[str, ...] = ()
) -> tuple[list[Step], dict[Step, Measurement], float]:
    """All steps that are taken, in order, their rows, and the seconds that are left."""
    rows: dict[Step, Measurement] = {}
    while step := climb.next(rows, seconds):
        assert step not in rows
        rows[step] = measured(world, step, exact)
        seconds -= rows[step].total_seconds or 0.0
    return list(rows), rows, seconds


def pair(climb: Climb, rows: dict[Step, Measurement], strategy: str, recall: float) -> Pair:
    (found,) = [p for p in climb.pairs(rows) if (p.strategy, p.recall) == (strategy, recall)]
    return found


LADDER = (rung(1, 0.85), rung(2, 0.93), rung(3, 0.97), rung(5, 0.995))
