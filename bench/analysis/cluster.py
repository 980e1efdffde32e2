"""What a strategy on Spark would take on a cluster: fixed costs apart from work, measured from assumed."""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from bench.analysis.curves import Curve, Setting
from bench.analysis.fitting import (
    draw_seconds,
    drift_steps,
    fit_seconds,
    growth_of,
    learn_cost,
    learn_time,
    start_seconds,
)
from bench.analysis.prediction import DRAWS, Interval
from bench.analysis.regression import Floats
from bench.analysis.shipping import (
    ShippingCost,
    detail,
    draw_bytes,
    moved_bytes,
    shipped_bytes,
    shipping_costs,
)
from bench.results import Measurement

_SEED = 20160217
_SECONDS_PER_HOUR = 3600.0
_PARTS_PER_SLOT = 8.0
"""Tasks that a core has one after the other: strategies cut their rows into 4 to 16 for each."""
_MANY_TASKS_ROWS = 8192.0
"""Rows of a task where there are very many."""

Told = Literal["measured", "assumed"]


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


def on_cluster(curve: Curve, n: int, cluster: Cluster) -> OnCluster:
    """Predict a run on n points from the rows of ``spark_curves``, at one size or more.

    Work (core-seconds) is shared by all cores; sessions, building, saving and collecting are not; each
    worker loads the index for itself. Assumed: that cores do not slow each other down, the bandwidth, and
    that at the end a core waits for half a task on average.
    """
    law = _Law(curve, n)
    size = draw_bytes(curve, shipped_bytes, np.array([float(n)]))[:, 0]
    answers = 8.0 * n * curve.setting.family.k
    points = 4.0 * n * curve.setting.family.d
    compute = law.draw(_compute_seconds, growth_of(curve))
    build = law.draw(_build_seconds, "near-linear")
    tasks = max(cluster.slots * _PARTS_PER_SLOT, n / _MANY_TASKS_ROWS)
    terms: list[tuple[str, Floats, Told]] = [
        ("session", law.draw(start_seconds, "constant"), "measured"),
        ("build on the driver", build, "measured"),
        ("check hosts, save, hand out", law.draw_cost(_other_fit_seconds), "measured"),
        ("points and index over the network", (points + size) / cluster.bandwidth, "assumed"),
        ("load in each worker", law.draw_cost(_load_a_worker), "measured"),
        ("search", compute / cluster.slots, "measured"),
        ("starting tasks", law.draw(_idle_a_task, "constant") * tasks / cluster.slots, "measured"),
        ("waiting for the last task", compute / tasks / 2 * (cluster.slots > 1), "assumed"),
        ("answers over the network", np.full(DRAWS, answers / cluster.bandwidth), "assumed"),
    ]
    if any(map(moved_bytes, curve.rows)):
        moved = draw_bytes(curve, moved_bytes, np.array([float(n)]))[:, 0]
        sent = moved * (cluster.executors - 1) / cluster.executors**2
        terms.append(("between tasks over the network", sent / cluster.bandwidth, "assumed"))
    wall = np.sum([seconds for _, seconds, _ in terms], axis=0)
    hours = wall * cluster.slots / _SECONDS_PER_HOUR
    return OnCluster(
        n=n,
        wall_seconds=Interval.of(wall),
        core_hours=Interval.of(hours),
        money=None if cluster.price is None else Interval.of(hours * cluster.price),
        terms=tuple(Term(name, Interval.of(seconds), told) for name, seconds, told in terms),
        ways=shipping_costs(curve, n, cluster.executors, cluster.cores, cluster.memory_bytes),
    )


class _Law:
    """Draws values at n of quantities that rows report at several n."""

    def __init__(self, curve: Curve, n: int) -> None:
        self._curve, self._n = curve, n
        self._rng = np.random.default_rng(_SEED)
        self._drift = drift_steps(self._rng, DRAWS)

    def draw(self, value: Callable[[Measurement], float], growth: str) -> Floats:
        """Draw what a row tells by ``value``, with the noise of a single run."""
        relative = np.array([self._n / self._curve.sizes[-1]])
        posterior = learn_time(self._curve, value, growth)
        seconds, noise = draw_seconds(posterior, relative, self._rng, self._drift)
        drawn: Floats = seconds[:, 0] * np.exp(noise * self._rng.standard_normal(DRAWS))
        return drawn

    def draw_cost(self, seconds: Callable[[Measurement], float]) -> Floats:
        """Draw what is a constant and so much a point, in the same way."""
        relative = np.array([self._n / self._curve.sizes[-1]])
        values, noise = learn_cost(self._curve, seconds).draw(relative, self._rng, DRAWS)
        noisy: Floats = np.maximum(values[:, 0], 0.0) * np.exp(noise * self._rng.standard_normal(DRAWS))
        return noisy


def _without_master(setting: Setting) -> str:
    params = {name: value for name, value in json.loads(setting.params).items() if name != "master"}
    return json.dumps(params, sort_keys=True)


def _compute_seconds(row: Measurement) -> float:
    return detail(row, "compute_seconds_sum")


def _build_seconds(row: Measurement) -> float:
    return detail(row, "build_seconds")


def _other_fit_seconds(row: Measurement) -> float:
    return max(fit_seconds(row) - _build_seconds(row), 0.0)


def _load_a_worker(row: Measurement) -> float:
    return detail(row, "load_seconds_sum") / max(1.0, detail(row, "python_workers"))


def _idle_a_task(row: Measurement) -> float:
    """What a core waits for between two of its tasks, on average."""
    tasks = detail(row, "n_partitions") or detail(row, "n_tasks")
    tasks_of_a_core = tasks / max(1.0, detail(row, "cores"))
    return detail(row, "idle_seconds") / max(1.0, tasks_of_a_core)
