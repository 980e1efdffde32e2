"""What a cluster would take for a query of phases, on made-up rows whose laws are known."""

from dataclasses import replace
from typing import Any

import pytest

from bench.analysis.cluster import Cluster, OnCluster, on_cluster, spark_curves
from bench.analysis.curves import Curve, curves
from bench.results import Measurement
from tests.ladders import SIZES, rung

N = 1_000_000
SESSION, OVERHEAD, SKEW = 5.0, 0.05, 1.5
BUSY = {"solve": 200.0, "merge": 36.0}
"""Task seconds a million points."""
DRIVER = {"order": 2.0, "settle": 6.0}
FEW = 12
"""Tasks of the second phase, however many slots there are."""


def planned(_n: int, slots: int) -> dict[str, tuple[int, int]]:
    return {"solve": (1, 10 * slots), "merge": (2, FEW)}


def ran(n: int, slots: int, planner: Any = planned) -> Measurement:
    """A run that obeys the laws."""
    millions = n / 1e6
    phases = planner(n, slots)
    jobs, tasks = (sum(counts) for counts in zip(*phases.values(), strict=True))
    told: dict[str, float | str] = {
        "growth": "near-linear",
        "jobs": float(jobs),
        "n_tasks": float(tasks),
        "cores": float(slots),
        "overhead_seconds": OVERHEAD * (jobs + tasks / slots),
        "driver_cpu_seconds": sum(DRIVER.values()) * millions,
        "compute_seconds_sum": sum(BUSY.values()) * millions,
    }
    for name, seconds in DRIVER.items():
        told[f"driver_{name}_seconds"] = seconds * millions
    for phase, seconds in BUSY.items():
        of_tasks = 0.8 * seconds * millions
        told[f"{phase}_busy_seconds"] = seconds * millions
        told[f"{phase}_tasks"] = float(phases[phase][1])
        told[f"{phase}_task_seconds"] = of_tasks
        told[f"{phase}_longest_task_seconds"] = SKEW * of_tasks / phases[phase][1]
    made = rung("spark_x", n, 1.0, 2**30, master=f"local[{slots}]")
    return replace(made, start_seconds=SESSION, details=told)


@pytest.fixture(scope="module")
def curve() -> Curve:
    (found,) = spark_curves(curves([ran(n, 2) for n in (*SIZES, 300_000, N)]))
    return found


def seconds(found: OnCluster) -> dict[str, float]:
    return {term.name: term.seconds.median for term in found.terms}


def test_work_is_shared_and_what_the_driver_does_is_not(curve: Curve) -> None:
    two, many = (seconds(on_cluster(curve, N, Cluster(n, 8), planned)) for n in (2, 20))
    for phase, busy in BUSY.items():
        assert two[f"{phase}, on all cores"] == pytest.approx(busy / 16, rel=0.1)
        assert many[f"{phase}, on all cores"] == pytest.approx(busy / 160, rel=0.1)
    for name, alone in DRIVER.items():
        assert two[f"driver: {name}"] == many[f"driver: {name}"] == pytest.approx(alone, rel=0.1)


def test_a_phase_lasts_as_long_as_its_longest_task_where_tasks_are_few(curve: Curve) -> None:
    found = seconds(on_cluster(curve, N, Cluster(20, 8), planned))
    longest = {phase: SKEW * BUSY[phase] / planned(N, 160)[phase][1] for phase in BUSY}
    merge = found["merge, on all cores"] + found["merge, the last task"]
    assert merge == pytest.approx(longest["merge"], rel=0.1)
    assert found["solve, the last task"] == pytest.approx(longest["solve"] / 2, rel=0.1)


def test_jobs_and_tasks_are_as_planned_and_each_costs_something(curve: Curve) -> None:
    found = on_cluster(curve, N, Cluster(20, 8), planned)
    assert found.phases == planned(N, 160)
    told = seconds(found)
    assert told["starting jobs and tasks"] == pytest.approx(OVERHEAD * (3 + (1600 + FEW) / 160), rel=0.1)
    assert told["driver: launching tasks"] == pytest.approx(0.001 * (1600 + FEW))


def test_the_drivers_cpu_seconds_grow_with_the_points(curve: Curve) -> None:
    found = on_cluster(curve, 3 * N, Cluster(20, 8), planned).driver_cpu_seconds
    assert found is not None
    assert found.median == pytest.approx(3 * sum(DRIVER.values()), rel=0.1)


def test_the_ceiling_is_where_more_slots_bring_less_than_a_tenth_and_says_what_sets_it(curve: Curve) -> None:
    top = on_cluster(curve, N, Cluster(1, 8), planned).ceiling

    def wall(slots: int) -> float:
        return sum(seconds(on_cluster(curve, N, Cluster(slots // 8, 8), planned)).values())

    assert top.set_by == "driver: settle"
    assert top.wall_seconds == pytest.approx(wall(top.slots), rel=0.01)
    least = min(wall(slots) for slots in (128, 256, 512, 1024))
    assert wall(top.slots // 2) > 1.1 * least > 0.98 * wall(top.slots)


def test_a_strategy_that_is_not_planned_is_taken_for_one_that_asks_an_index(curve: Curve) -> None:
    found = seconds(on_cluster(curve, N, Cluster(20, 8)))
    assert found["search"] == pytest.approx(sum(BUSY.values()) / 160, rel=0.1)
    assert not any(name.startswith("driver") for name in found)
