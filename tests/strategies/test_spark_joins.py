"""The joins of our own on Spark: the bytes of one machine, wherever they run and whatever dies on the way."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from allknn.approximate.buckets import POINTS_A_LEADER, most_points
from allknn.approximate.leaders import plant
from allknn.spark.leaf_tasks import by_region
from bench import catalog, cluster
from tests import clusters
from tests.allknn.ask_frames import far_apart
from tests.strategies.test_distributed import HERE, STALL_SECONDS, Answers, java_environment

pytestmark = [
    pytest.mark.spark,
    pytest.mark.strategies("spark_leaf_join", "spark_blocked_exact", "blocked_exact", "leaf_join"),
]

N, D, K = 12_000, 12, 10
LEAVES = {"fan_out": 3, "leaf_size": 100}


def points() -> np.ndarray[Any, np.dtype[np.float32]]:
    rng = np.random.default_rng(0)
    made = np.tanh(rng.normal(size=(N, 5)) @ rng.normal(size=(5, D))).astype(np.float32)
    made[1000:2000] = made[:10].repeat(100, axis=0)
    return made


def bare_python(directory: Path, *names: str) -> str:
    """A Python that has some packages, and nothing of this project."""
    packages = directory / "packages"
    packages.mkdir()
    for package in Path(np.__file__).parents[1].iterdir():
        if package.name.partition("-")[0].partition(".")[0] in names:
            (packages / package.name).symlink_to(package)
    python = directory / "python"
    python.write_text(f'#!/bin/sh\nPYTHONPATH="{packages}:$PYTHONPATH" exec {sys.executable} -S "$@"\n')
    python.chmod(0o755)
    return str(python)


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Answers]:
    directory = tmp_path_factory.mktemp("joins")
    np.save(directory / "points.npy", points())
    running = clusters.start(directory / "cluster", n_workers=2, cores=1)
    there = {"master": running.master}
    wide = {"points": [str(directory / "far_apart.npy")]}
    np.save(directory / "far_apart.npy", far_apart(points()))
    asked: list[tuple[str, str, dict[str, Any], dict[str, Any]]] = [
        ("leaves", "leaf_join", {"threads": 2, **LEAVES}, {}),
        ("leaves_local", "spark_leaf_join", {"master": "local[1]", **LEAVES}, {}),
        ("leaves_cluster", "spark_leaf_join", there | LEAVES, {"lose_executor_after": 0.0}),
        ("exact", "blocked_exact", {"threads": 2}, {}),
        (
            "exact_cluster",
            "spark_blocked_exact",
            there | {"stretch_rows": 2000},
            {"lose_executor_after": 0.3},
        ),
        ("far_apart", "leaf_join", LEAVES, wide),
        ("far_apart_local", "spark_leaf_join", {"master": "local[1]", **LEAVES}, wide),
    ]
    where = {"k": K, "points": [str(directory / "points.npy")]}
    jobs = [
        {"strategy": strategy, "params": params, "out": str(directory / name), **where, **more}
        for name, strategy, params, more in asked
    ]
    (directory / "jobs.json").write_text(json.dumps(jobs))
    access = cluster.environment(running.master, running.directory)
    try:
        command = [sys.executable, HERE / "ask_spark.py", directory / "jobs.json"]
        environment = java_environment(directory) | access
        environment["PYSPARK_PYTHON"] = bare_python(directory, "numpy")
        subprocess.run(command, env=environment, check=True, start_new_session=True)
        yield Answers(directory)
    finally:
        cluster.stop(running.directory)


@pytest.mark.parametrize(
    ("name", "same_as", "lost"),
    [
        ("leaves_local", "leaves", 0),
        ("far_apart_local", "far_apart", 0),
        ("leaves_cluster", "leaves", 1),
        ("exact_cluster", "exact", 1),
    ],
)
def test_the_bytes_are_those_of_one_machine_on_hosts_without_the_project_though_one_is_lost(
    answers: Answers, name: str, same_as: str, lost: int
) -> None:
    assert answers.bytes(name) == answers.bytes(same_as)
    assert answers.details(name)["lost_executors"] == lost


@pytest.mark.parametrize("name", ["leaves_local", "leaves_cluster"])
def test_tasks_send_one_another_rows_and_lists_and_no_vectors(answers: Answers, name: str) -> None:
    told = answers.details(name)
    assert 0 < told["moved_bytes"] <= 1.3 * LEAVES["fan_out"] * N * (8 + 8 * K)


def test_a_query_of_phases_tells_of_each(answers: Answers) -> None:
    told = answers.details("leaves_local")
    for phase in ("assign", "solve", "merge"):
        assert told[f"{phase}_seconds"] > 0
        assert told[f"{phase}_tasks"] >= 1
        assert told[f"{phase}_longest_task_seconds"] <= told[f"{phase}_task_seconds"]
    query = sum(told[f"{phase}_seconds"] for phase in ("assign", "solve", "merge"))
    assert told["compute_seconds_sum"] <= 1.05 * told["task_seconds_sum"] <= 1.1 * query  # on one core
    assert told["buckets"] >= N / POINTS_A_LEADER * 0.9
    assert told["largest_bucket"] <= most_points(LEAVES["fan_out"])


@pytest.mark.parametrize(
    ("name", "params", "slots"),
    [("leaves_local", LEAVES, 1), ("exact_cluster", {"stretch_rows": 2000}, 2)],
)
def test_details_tell_what_the_driver_computes_and_jobs_and_tasks_are_as_planned(
    answers: Answers, name: str, params: dict[str, int], slots: int
) -> None:
    told = answers.details(name)
    strategy = "spark_leaf_join" if name == "leaves_local" else "spark_blocked_exact"
    phases = catalog.planner(strategy, params, D, K)(N, slots)
    assert {phase: told[f"{phase}_tasks"] for phase in phases} == {
        p: tasks for p, (_, tasks) in phases.items()
    }
    assert told["jobs"] == sum(jobs for jobs, _ in phases.values())
    in_fit = ("ship", "equal_points", "leaders" if name == "leaves_local" else "order")
    of_fit = sum(told[f"driver_{what}_seconds"] for what in in_fit)
    assert of_fit == pytest.approx(told["seconds"]["fit"], rel=0.05, abs=STALL_SECONDS)
    while_tasks_run = sum(told[f"driver_{phase}_seconds"] for phase in phases)
    assert 0 < while_tasks_run < told["driver_cpu_seconds"]
    assert sum(told[f"{phase}_busy_seconds"] for phase in phases) <= told["task_seconds_sum"]


def test_a_group_is_of_buckets_that_lie_together_and_groups_have_about_as_many() -> None:
    tree = plant(points(), np.random.default_rng(0).permutation(N)[:700].astype(np.int32))
    groups = by_region(tree, 7)
    assert (np.diff(groups) >= 0).all()
    assert groups[0] == 0
    is_leader = tree.bias[tree.last :] > -np.inf
    np.testing.assert_array_equal(np.bincount(groups[is_leader]), np.full(7, 100))
    assert by_region(tree, 10_000)[-1] == 699
