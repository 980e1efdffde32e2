"""What more cores are predicted to take of the driver, tried with more slots than there are cores."""

import json
import subprocess
import sys
from dataclasses import replace
from typing import Any

import pytest

from bench import catalog, workloads
from bench.analysis.cluster import Cluster, on_cluster, spark_curves
from bench.analysis.curves import curves
from tests.ladders import rung
from tests.strategies.test_distributed import HERE, Answers, java_environment

STRATEGIES = ["spark_leaf_join", "spark_blocked_exact"]
pytestmark = [pytest.mark.acceptance, pytest.mark.strategies(*STRATEGIES)]

SIZES, D, K = (20_000, 60_000), 64, 10
N, FEW, MANY = SIZES[-1], 2, 8


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> Answers:
    directory = tmp_path_factory.mktemp("slots")
    cache = workloads.cache_directory(None)
    staged = {n: workloads.stage(workloads.preset("manifold", n=n, d=D), cache).path for n in SIZES}
    jobs = [
        {
            "strategy": name,
            "params": {"master": f"local[{slots}]"},
            "k": K,
            "points": [str(staged[n])],
            "out": str(directory / f"{name}_{n}_{slots}"),
        }
        for name in STRATEGIES
        for n, slots in (*((n, FEW) for n in SIZES), (N, MANY))
    ]
    (directory / "jobs.json").write_text(json.dumps(jobs))
    command = [sys.executable, HERE / "ask_spark.py", directory / "jobs.json"]
    subprocess.run(command, env=java_environment(directory), check=True, start_new_session=True)
    return Answers(directory)


@pytest.mark.parametrize("name", STRATEGIES)
def test_jobs_tasks_and_the_drivers_cpu_seconds_are_as_predicted_from_few_slots(
    answers: Answers, name: str
) -> None:
    rows = [row(name, n, answers.details(f"{name}_{n}_{FEW}")) for n in SIZES]
    (curve,) = spark_curves(curves(rows))
    found = on_cluster(curve, N, Cluster(1, MANY), catalog.planner(name, {}, D, K))
    told = answers.details(f"{name}_{N}_{MANY}")
    jobs, tasks = (sum(counts) for counts in zip(*found.phases.values(), strict=True))
    assert jobs == pytest.approx(told["jobs"], rel=0.25)
    assert tasks == pytest.approx(told["n_tasks"], rel=0.25)
    assert found.driver_cpu_seconds is not None
    assert found.driver_cpu_seconds.median == pytest.approx(told["driver_cpu_seconds"], rel=0.25)


@pytest.mark.parametrize("name", STRATEGIES)
def test_more_slots_give_the_same_bytes(answers: Answers, name: str) -> None:
    assert answers.bytes(f"{name}_{N}_{MANY}") == answers.bytes(f"{name}_{N}_{FEW}")


def row(name: str, n: int, details: dict[str, Any]) -> Any:
    seconds = details.pop("seconds")
    made = rung(name, n, 1.0, 2**30, master=f"local[{FEW}]")
    workload = replace(made.workload, d=D, k=K)
    return replace(
        made, workload=workload, details=details, start_seconds=seconds["start"], fit_seconds=seconds["fit"]
    )
