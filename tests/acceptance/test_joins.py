"""What our joins owe at full size: the same bytes whatever dies, no bucket too large, busy cores."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from allknn.approximate.buckets import most_points
from bench import cluster, workloads
from bench.cluster import Cluster
from bench.judge import exact_neighbors, sample_rows
from tests.strategies.test_distributed import HERE, Answers, java_environment

pytestmark = [
    pytest.mark.acceptance,
    pytest.mark.strategies("spark_leaf_join", "spark_blocked_exact", "blocked_exact", "leaf_join"),
]

N, K = 1_000_000, 10
FAN_OUT = 4


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("joins")


@pytest.fixture(scope="module")
def pair(directory: Path) -> Iterator[Cluster]:
    yield cluster.start(directory / "cluster", n_workers=2, cores=1, memory="2g")
    cluster.stop(directory / "cluster")


@pytest.fixture(scope="module")
def manifold(directory: Path) -> Path:
    chosen = workloads.preset("manifold", n=N, d=64, latent=12)
    return workloads.stage(chosen, workloads.cache_directory(None)).path


def ask(directory: Path, points: Path, jobs: list[dict[str, Any]], running: Cluster | None = None) -> Answers:
    """Run the jobs one after the other."""
    for job in jobs:
        job |= {"k": K, "points": [str(points)], "out": str(directory / job["out"])}
    (directory / "jobs.json").write_text(json.dumps(jobs))
    access = cluster.environment(running.master, running.directory) if running else {}
    command = [sys.executable, HERE / "ask_spark.py", directory / "jobs.json"]
    subprocess.run(command, env=java_environment(directory) | access, check=True, start_new_session=True)
    return Answers(directory)


def recall(points: NDArray[np.float32], distances: NDArray[np.float32]) -> float:
    rows = sample_rows(len(points), 2000)
    true = exact_neighbors(points, rows, K, threads=2).distances
    return float((distances[rows] <= true[:, -1:] * (1 + 1e-5)).mean())


def distances_of(answers: Answers, name: str) -> NDArray[np.float32]:
    return np.frombuffer(answers.bytes(name)[1], np.float32).reshape(-1, K)


@pytest.fixture(scope="module")
def undisturbed(directory: Path, manifold: Path) -> Answers:
    """The join by leaves on this machine, without Spark, and on one core and two with it."""
    jobs = [
        {"strategy": "leaf_join", "params": {"threads": 2}, "out": "alone"},
        {"strategy": "spark_leaf_join", "params": {"master": "local[1]"}, "out": "one_core"},
        {"strategy": "spark_leaf_join", "params": {"master": "local[2]"}, "out": "two_cores"},
    ]
    return ask(directory, manifold, jobs)


def test_the_join_by_leaves_gives_the_same_bytes_with_and_without_spark(
    undisturbed: Answers, manifold: Path
) -> None:
    assert undisturbed.bytes("one_core") == undisturbed.bytes("alone")
    assert undisturbed.bytes("two_cores") == undisturbed.bytes("alone")
    assert recall(np.load(manifold, mmap_mode="r"), distances_of(undisturbed, "alone")) >= 0.92
    assert undisturbed.details("two_cores")["moved_bytes"] <= 1.3 * FAN_OUT * N * (8 + 8 * K)


@pytest.mark.parametrize("loses_at", [0.0, 0.3, 1.0], ids=["assign", "solve", "merge"])
def test_the_join_by_leaves_gives_the_same_bytes_though_an_executor_is_killed_in_a_phase(
    undisturbed: Answers, directory: Path, manifold: Path, pair: Cluster, loses_at: float
) -> None:
    name = f"killed_at_{loses_at}"
    job = {"strategy": "spark_leaf_join", "params": {"master": pair.master}, "out": name}
    answers = ask(directory, manifold, [job | {"lose_executor_after": loses_at}], pair)
    assert answers.bytes(name) == undisturbed.bytes("alone")
    assert answers.details(name)["lost_executors"] == 1


def test_the_exact_join_gives_the_same_bytes_though_an_executor_is_killed_midway(
    directory: Path, manifold: Path, pair: Cluster
) -> None:
    jobs = [
        {"strategy": "blocked_exact", "params": {"threads": 2}, "out": "exact"},
        {
            "strategy": "spark_blocked_exact",
            "params": {"master": pair.master},
            "out": "exact_killed",
            "lose_executor_after": 0.4,
        },
    ]
    answers = ask(directory, manifold, jobs, pair)
    assert answers.bytes("exact_killed") == answers.bytes("exact")
    assert answers.details("exact_killed")["lost_executors"] == 1


def half_of_them_copies() -> NDArray[np.float32]:
    rng = np.random.default_rng(0)
    points = clustered(N, 500, 0.0)
    points[N // 2 :] = points[rng.integers(1000, size=N - N // 2)]
    return rng.permutation(points)


def clustered(n: int, n_centers: int, exponent: float) -> NDArray[np.float32]:
    """Clusters whose sizes follow a power law."""
    rng = np.random.default_rng(1)
    shares = np.arange(1, n_centers + 1.0) ** -exponent
    which = rng.choice(n_centers, n, p=shares / shares.sum())
    directions = rng.normal(size=(8, 32))
    made = rng.normal(size=(n_centers, 32))[which] + 0.3 * rng.normal(size=(n, 8)) @ directions
    return made.astype(np.float32)


@pytest.mark.parametrize("kind", ["copies", "power_law"])
def test_no_bucket_is_too_large_and_no_core_idle_on_points_that_are_ill_spread(
    directory: Path, kind: str
) -> None:
    points = half_of_them_copies() if kind == "copies" else clustered(N, 2000, 1.2)
    np.save(directory / f"{kind}.npy", points)
    job = {"strategy": "spark_leaf_join", "params": {"master": "local[2]"}, "out": kind}
    answers = ask(directory, directory / f"{kind}.npy", [job])
    told = answers.details(kind)
    assert told["largest_bucket"] <= most_points(FAN_OUT)
    assert recall(points, distances_of(answers, kind)) >= 0.92
    wall = sum(told[f"{phase}_seconds"] for phase in ("assign", "solve", "merge"))
    assert told["task_seconds_sum"] / told["cores"] >= 0.75 * wall
