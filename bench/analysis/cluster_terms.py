"""The parts of a Spark run's wall time, each as a function of how many slots a cluster has."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import median
from typing import Literal

import numpy as np

from bench.analysis.curves import Curve
from bench.analysis.fitting import (
    draw_seconds,
    drift_steps,
    fit_seconds,
    growth_of,
    learn_cost,
    learn_time,
    start_seconds,
)
from bench.analysis.prediction import DRAWS
from bench.analysis.regression import Floats
from bench.analysis.shipping import detail, draw_bytes, moved_bytes, shipped_bytes
from bench.results import Measurement

Told = Literal["measured", "assumed"]
Phases = Mapping[str, tuple[int, int]]
"""Jobs and tasks of each phase of a query."""

_SEED = 20160217
_PARTS_PER_SLOT = 8.0
"""Tasks that a core has one after the other: strategies cut their rows into 4 to 16 for each."""
_MANY_TASKS_ROWS = 8192.0
"""Rows of a task where there are very many."""
_LAUNCH_SECONDS = 1e-3
"""For the driver to launch a task and to take note of its end: assumed."""
_DRIVER, _SECONDS = "driver_", "_seconds"
_ALL_OF_DRIVER = "driver_cpu_seconds"


@dataclass(frozen=True, slots=True)
class Hosts:
    """How many slots a cluster has, on how many executors."""

    slots: int
    executors: int


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the wall time: (DRAWS,) seconds on some hosts."""

    name: str
    told: Told
    seconds: Callable[[Hosts], Floats]
    shared: bool = False
    """Whether twice the slots take half of it."""


def parts(curve: Curve, n: int, bandwidth: float, phases: Callable[[int], Phases]) -> list[Part]:
    """Return all parts, in the order in which they come; ``phases`` are those on so many slots, if any."""
    law = Law(curve, n)
    size = draw_bytes(curve, shipped_bytes, np.array([float(n)]))[:, 0]
    points, answers = 4.0 * n * curve.setting.family.d, 8.0 * n * curve.setting.family.k
    search = _of_phases if phases(1) and driver_terms(curve) else _of_an_index
    before, during = search(curve, n, law, phases)
    found = [
        _fixed("session", "measured", law.draw(start_seconds, "constant")),
        *before,
        _fixed("points and index over the network", "assumed", (points + size) / bandwidth),
        *during,
        _fixed("answers over the network", "assumed", np.full(DRAWS, answers / bandwidth)),
    ]
    if any(map(moved_bytes, curve.rows)):
        moved = draw_bytes(curve, moved_bytes, np.array([float(n)]))[:, 0] / bandwidth
        name = "between tasks over the network"
        sent = Part(name, "assumed", lambda on: moved * _leaving(on.executors), shared=True)
        found.append(sent)
    return found


def driver_terms(curve: Curve) -> list[str]:
    """Name the details that tell what the driver computes, whatever the slots; all rows have them."""
    told = (set(row.details) for row in curve.rows)
    names = set.intersection(*told)
    return sorted(name for name in names if name.startswith(_DRIVER) and name != _ALL_OF_DRIVER)


def _of_an_index(
    curve: Curve, n: int, law: "Law", _phases: Callable[[int], Phases]
) -> tuple[list[Part], list[Part]]:
    """Parts before and during the query where tasks ask an index for their rows."""
    compute = law.draw(_detail("compute_seconds_sum"), growth_of(curve))
    build = law.draw(_build_seconds, "near-linear")
    idle = law.draw(_idle_a_task, "constant")

    def tasks(on: Hosts) -> float:
        return max(on.slots * _PARTS_PER_SLOT, n / _MANY_TASKS_ROWS)

    before = [
        _fixed("build on the driver", "measured", build),
        _fixed("check hosts, save, hand out", "measured", law.draw_cost(_other_fit_seconds)),
    ]
    during = [
        _fixed("load in each worker", "measured", law.draw_cost(_load_a_worker)),
        Part("search", "measured", lambda on: compute / on.slots, shared=True),
        Part("starting tasks", "measured", lambda on: idle * tasks(on) / on.slots),
        Part("waiting for the last task", "assumed", lambda on: compute / tasks(on) / 2 * (on.slots > 1)),
    ]
    return before, during


def _of_phases(
    curve: Curve, _n: int, law: "Law", phases: Callable[[int], Phases]
) -> tuple[list[Part], list[Part]]:
    """Parts of a query of several phases, whose tasks are planned; the driver's come one after the other."""
    serial = {name: law.draw_cost(_detail(name)) for name in driver_terms(curve)}
    busy = {phase: law.draw(_detail(f"{phase}_busy_seconds"), growth_of(curve)) for phase in phases(1)}
    skew = {phase: _skew(curve, phase) for phase in busy}
    overhead = law.draw(_overhead, "constant")

    def last(phase: str, on: Hosts) -> Floats:
        """What the longest task takes beyond what all slots do together: half of it, where they are full."""
        longest = busy[phase] * skew[phase] / phases(on.slots)[phase][1]
        return np.maximum(longest / 2, longest - busy[phase] / on.slots) * (on.slots > 1)

    def launching(on: Hosts) -> Floats:
        return np.full(DRAWS, _LAUNCH_SECONDS * n_tasks(phases(on.slots)))

    def of_search(phase: str) -> list[Part]:
        return [
            Part(f"{phase}, on all cores", "measured", lambda on: busy[phase] / on.slots, shared=True),
            Part(f"{phase}, the last task", "assumed", lambda on: last(phase, on)),
        ]

    driver = [_fixed(f"driver: {_words(name)}", "measured", seconds) for name, seconds in serial.items()]
    during = [part for phase in busy for part in of_search(phase)]
    starting = Part(
        "starting jobs and tasks",
        "measured",
        lambda on: overhead * (n_jobs(phases(on.slots)) + n_tasks(phases(on.slots)) / on.slots),
    )
    return driver, [*during, starting, Part("driver: launching tasks", "assumed", launching)]


def n_jobs(phases: Phases) -> int:
    """Jobs of all phases."""
    return sum(jobs for jobs, _ in phases.values())


def n_tasks(phases: Phases) -> int:
    """Tasks of all phases."""
    return sum(tasks for _, tasks in phases.values())


class Law:
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


def driver_cpu_seconds(curve: Curve, n: int) -> Floats | None:
    """Draw the CPU seconds of the driver's process in fit and query; None where rows do not tell."""
    if not all(_ALL_OF_DRIVER in row.details for row in curve.rows):
        return None
    return Law(curve, n).draw_cost(_detail(_ALL_OF_DRIVER))


def _fixed(name: str, told: Told, seconds: Floats) -> Part:
    return Part(name, told, lambda _on: seconds)


def _leaving(executors: int) -> float:
    """What share of the bytes between tasks an executor sends to others."""
    return (executors - 1) / executors**2


def _words(name: str) -> str:
    return name.removeprefix(_DRIVER).removesuffix(_SECONDS).replace("_", " ")


def _detail(name: str) -> Callable[[Measurement], float]:
    return lambda row: detail(row, name)


def _skew(curve: Curve, phase: str) -> float:
    """How much longer the longest task of a phase is than the mean, in the median row."""
    found = [
        detail(row, f"{phase}_longest_task_seconds")
        * detail(row, f"{phase}_tasks")
        / max(detail(row, f"{phase}_task_seconds"), 1e-9)
        for row in curve.rows
    ]
    return max(1.0, median(found))


def _overhead(row: Measurement) -> float:
    """What each job costs, and each task the slot that it runs in; taken to be the same."""
    rounds = detail(row, "jobs") + detail(row, "n_tasks") / max(1.0, detail(row, "cores"))
    return detail(row, "overhead_seconds") / max(1.0, rounds)


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
