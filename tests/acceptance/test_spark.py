"""What Spark's strategies owe at full size: one index in memory, all cores busy."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.acceptance.test_long import bench, rows
from tests.strategies.test_distributed import HERE, Answers, java_environment

pytestmark = [pytest.mark.acceptance, pytest.mark.strategies("spark_sklearn")]

MIB = 1 << 20


def test_two_python_workers_hold_a_mapped_index_once(tmp_path: Path) -> None:
    points = ["--workload", "manifold", "-n", "1000000", "-d", "64", "--truth-rows", "100"]
    sets = {"ship": "file", "algorithm": "kd_tree", "n_partitions": "1000"}
    words = [word for name, value in sets.items() for word in ("--set", f"spark_sklearn.{name}={value}")]
    run = bench(tmp_path, "run", "spark_sklearn", *points, *words, "--stop-after-rows", "20000")
    assert run.wait() == 0
    (row,) = rows(tmp_path)
    index, points_bytes = row.details["index_bytes"], 4 * 64 * row.workload.n
    assert row.details["python_workers"] == 2
    assert row.peak_memory_by_role["python_worker"] <= 1.1 * (index + points_bytes) + 2 * 150 * MIB


def test_partitions_of_very_different_cost_keep_all_cores_busy(tmp_path: Path) -> None:
    points = np.random.default_rng(0).normal(size=(100_000, 8)).astype(np.float32)
    points[50_000:] = points[0]  # a tree looks at all that are equal, for each of them
    np.save(tmp_path / "skewed.npy", points)
    params = {"master": "local[2]", "algorithm": "kd_tree"}
    places = {"points": [str(tmp_path / "skewed.npy")], "out": str(tmp_path / "answer")}
    (tmp_path / "jobs.json").write_text(
        json.dumps([{"strategy": "spark_sklearn", "params": params, "k": 10, **places}])
    )
    command = [sys.executable, HERE / "ask_spark.py", tmp_path / "jobs.json"]
    subprocess.run(command, env=java_environment(tmp_path), check=True)
    told = Answers(tmp_path).details("answer")
    query_seconds = told["first_wave_seconds"] + told["later_waves_seconds"]
    assert told["compute_seconds_sum"] / told["cores"] >= 0.8 * query_seconds
    assert int(told["longest_task"].split()[1]) >= 50_000
