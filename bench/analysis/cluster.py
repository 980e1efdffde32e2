"""What a strategy on Spark would take on a cluster: fixed costs apart from work, measured from assumed."""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from bench.analysis import cluster_terms
from bench.analysis.cluster_terms import Hosts, Part, Phases, Told
from bench.analysis.curves import Curve, Setting
from bench.analysis.prediction import Interval
from bench.analysis.shipping import ShippingCost, shipping_costs

if TYPE_CHECKING:
    from bench.results import Measurement

_SECONDS_PER_HOUR = 3600.0
_NOTHING_MORE = 1.1
"""Within this factor of the shortest time, more slots bring nothing."""
_MOST_SLOTS = 1 << 20

Planner = Callable[[int, int], Phases]
"""(n, slots) -> jobs and tasks of each phase of a query; empty where its tasks ask an index."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """What is to be had."""

    executors: int
    cores: int = 1
    """Of each executor."""
    memory_bytes: float | None = None
    """Of each executor's host."""
    price: float | None = None
    """Of one core for one hour."""
    bandwidth: float = 2.0**30
    """Bytes a second into a host, and out of the driver's: assumed."""

    @property
    def slots(self) -> int:
        """Cores in all."""
        return self.executors * self.cores


@dataclass(frozen=True, slots=True)
class Term:
    """One part of the wall time."""

    name: str
    seconds: Interval
    told: Told
    """Whether its law was learned from rows, or it was put in."""


@dataclass(frozen=True, slots=True)
class Ceiling:
    """From where on more slots bring nothing."""

    slots: int
    """The fewest whose wall time is within a tenth of the shortest there is."""
    wall_seconds: float
    """On so many slots."""
    set_by: str
    """The longest term there of those that slots do not share."""


@dataclass(frozen=True, slots=True)
class OnCluster:
    """What n points would take."""

    n: int
    wall_seconds: Interval
    core_hours: Interval
    """Of all cores, for as long as the run lasts."""
    money: Interval | None
    terms: tuple[Term, ...]
    """In the order in which they come; their medians add up to about the wall time's."""
    ways: tuple[ShippingCost, ...]
    """Each way to ship the index: network, memory a host, and how far it goes."""
    ceiling: Ceiling
    phases: Mapping[str, tuple[int, int]]
    """Jobs and tasks of each phase, where they are planned."""
    driver_cpu_seconds: Interval | None
    """Of the driver's Python in fit and query; None where no row tells."""


def spark_curves(curves: Iterable[Curve]) -> list[Curve]:
    """Put the runs of Spark's strategies together whatever their master: the cores' work is the same."""
    by_setting: dict[Setting, list[Measurement]] = defaultdict(list)
    labels: dict[Setting, str] = {}
    for curve in curves:
        if curve.setting.master is None:
            continue
        setting = replace(curve.setting, master=None, params=_without_master(curve.setting), threads=0)
        timed = [row for row in curve.rows if "compute_seconds_sum" in row.details and row.status == "ok"]
        by_setting[setting] += timed
        labels[setting] = setting.strategy
    return [
        Curve(setting, labels[setting], tuple(sorted(rows, key=lambda row: row.workload.n)))
        for setting, rows in by_setting.items()
        if rows
    ]


def _no_phases(_n: int, _slots: int) -> Phases:
    return {}


def on_cluster(curve: Curve, n: int, cluster: Cluster, planner: Planner = _no_phases) -> OnCluster:
    """Predict a run on n points from the rows of ``spark_curves``, at one size or more.

    Work (core-seconds) is shared by all cores; sessions, building, saving and collecting are not; each
    worker loads the index for itself. ``planner`` plans the tasks of a query that has phases. Assumed: that
    cores do not slow each other down, the bandwidth, that at the end a core waits for half a task on average,
    and what it takes to launch a task.
    """

    def phases(slots: int) -> Phases:
        return planner(n, slots)

    parts = cluster_terms.parts(curve, n, cluster.bandwidth, phases)
    here = Hosts(cluster.slots, cluster.executors)
    drawn = [part.seconds(here) for part in parts]
    wall = np.sum(drawn, axis=0)
    hours = wall * cluster.slots / _SECONDS_PER_HOUR
    of_driver = cluster_terms.driver_cpu_seconds(curve, n)
    return OnCluster(
        n=n,
        wall_seconds=Interval.of(wall),
        core_hours=Interval.of(hours),
        money=None if cluster.price is None else Interval.of(hours * cluster.price),
        terms=tuple(
            Term(part.name, Interval.of(seconds), part.told)
            for part, seconds in zip(parts, drawn, strict=True)
        ),
        ways=shipping_costs(curve, n, cluster.executors, cluster.cores, cluster.memory_bytes),
        ceiling=_ceiling(parts, cluster.cores),
        phases=phases(cluster.slots),
        driver_cpu_seconds=None if of_driver is None else Interval.of(of_driver),
    )


def _ceiling(parts: list[Part], cores: int) -> Ceiling:
    """Look at ever more executors of so many cores."""
    tried = {}
    executors = 1
    while executors * cores <= _MOST_SLOTS:
        on = Hosts(executors * cores, executors)
        tried[on.slots] = {part.name: float(np.median(part.seconds(on))) for part in parts}
        executors = max(executors + 1, executors * 5 // 4)
    walls = {slots: sum(terms.values()) for slots, terms in tried.items()}
    least = min(walls.values())
    slots = next(slots for slots, wall in walls.items() if wall <= _NOTHING_MORE * least)
    fixed = [part.name for part in parts if not part.shared]
    return Ceiling(slots, walls[slots], max(fixed, key=lambda name: tried[slots][name]))


def _without_master(setting: Setting) -> str:
    params = {name: value for name, value in json.loads(setting.params).items() if name != "master"}
    return json.dumps(params, sort_keys=True)
