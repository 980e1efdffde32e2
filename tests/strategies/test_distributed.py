"""The same answer to the byte, wherever and in whatever pieces it is computed; what the details add up to."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

from bench import catalog, cluster
from bench.measure import java
from strategies._spark import parquet_parts
from strategies._spark.task_reports import Report, summarize_query
from tests import clusters

pytestmark = [
    pytest.mark.spark,
    pytest.mark.strategies("sklearn_matrix", "sklearn_chunked", "spark_sklearn", "annoy_loop", "spark_annoy"),
]

ROOT = catalog.DIRECTORY.parent
HERE = Path(__file__).parent
N_SAMPLES = 22_000
KD = {"algorithm": "kd_tree"}
CLUSTER = "cluster"
MANY_PARTS = "local_2_of_1k"
"""The run that takes the odd shapes as well."""
SKLEARN = {
    MANY_PARTS: {"master": "local[2]", "n_partitions": 22},
    "local_2_fat_of_22k": {"master": "local[2]", "n_partitions": 1, "tasks": "fat", "ship": "file"},
    "cluster_thin": {"master": CLUSTER, "ship": "path"},
    "cluster_fat": {"master": CLUSTER, "tasks": "fat", "ship": "file"},
}
ANNOY = {"local": {"master": "local[2]"}, "cluster": {"master": CLUSTER, "ship": "path"}}
ODD = {"fewer_than_partitions": (11, 3), "one_feature": (503, 1), "2048_features": (120, 2048)}


@dataclass
class Answers:
    directory: Path

    def bytes(self, name: str, number: int = 0) -> tuple[bytes, bytes]:
        with np.load(self.directory / f"{name}.{number}.npz") as saved:
            assert (saved["indices"] > -2).all()
            return saved["indices"].tobytes(), saved["distances"].tobytes()

    def details(self, name: str) -> dict[str, Any]:
        with np.load(self.directory / f"{name}.0.npz") as saved:
            found: dict[str, Any] = json.loads(str(saved["details"]))
        return found


def java_environment(directory: Path) -> dict[str, str]:
    found = java.find()
    assert isinstance(found, java.Java), found
    return {**os.environ, **found.environment, "PYTHONPATH": str(ROOT), "TMPDIR": str(directory)}


def jobs(directory: Path, master: str) -> Iterator[dict[str, Any]]:
    """All runs; ``master`` is the cluster's."""
    rng = np.random.default_rng(0)
    many = directory / "many.npy"
    np.save(many, rng.normal(size=(N_SAMPLES, 4)).astype(np.float32))
    odd = []
    for name, shape in ODD.items():
        np.save(directory / f"{name}.npy", rng.normal(size=shape).astype(np.float32))
        odd.append(str(directory / f"{name}.npy"))

    def job(out: str, strategy: str, points: list[str], **params: Any) -> dict[str, Any]:
        if params.get("master") == CLUSTER:
            params |= {"master": master, "shared_dir": str(directory)}
        place = str(directory / out)
        return {"strategy": strategy, "params": params, "k": 10, "points": points, "out": place}

    yield job("matrix", "sklearn_matrix", [str(many)], **KD)
    yield job("chunked", "sklearn_chunked", [str(many)], chunk_size=1_000, **KD)
    for name, params in SKLEARN.items():
        points = [str(many), *odd] if name == MANY_PARTS else [str(many)]
        yield job(name, "spark_sklearn", points, **KD, **params)
    yield job("annoy", "annoy_loop", [str(many)], n_trees=2)
    for name, params in ANNOY.items():
        folder = {"neighbors_to": str(directory / "parts")} if name == "local" else {}
        yield job(f"annoy_{name}", "spark_annoy", [str(many)], n_trees=2, **params, **folder)
    yield job("odd", "sklearn_matrix", odd, **KD)


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Answers]:
    directory = tmp_path_factory.mktemp("distributed")
    running = clusters.start(directory / "cluster", n_workers=2, cores=2)
    try:
        todo = list(jobs(directory, running.master))
        on_cluster = [job for job in todo if job["params"].get("master") == running.master]
        access = cluster.environment(running.master, running.directory)
        for name, some, more in (
            ("local", [j for j in todo if j not in on_cluster], {}),
            (CLUSTER, on_cluster, access),
        ):
            (directory / f"{name}.json").write_text(json.dumps(some))
            command = [sys.executable, HERE / "ask_spark.py", directory / f"{name}.json"]
            subprocess.run(
                command, env=java_environment(directory) | more, check=True, start_new_session=True
            )
        yield Answers(directory)
    finally:
        cluster.stop(running.directory)


@pytest.mark.parametrize("name", ["chunked", *SKLEARN])
def test_a_tree_answers_the_same_bytes_in_one_matrix_in_chunks_and_anywhere_on_spark(
    answers: Answers, name: str
) -> None:
    assert answers.bytes(name) == answers.bytes("matrix")


@pytest.mark.parametrize("name", ANNOY)
def test_annoy_answers_the_same_bytes_with_and_without_spark(answers: Answers, name: str) -> None:
    assert answers.bytes(f"annoy_{name}") == answers.bytes("annoy")


@pytest.mark.parametrize("number", range(len(ODD)), ids=list(ODD))
def test_odd_shapes_are_cut_into_parts_that_answer_all(answers: Answers, number: int) -> None:
    assert answers.bytes(MANY_PARTS, 1 + number) == answers.bytes("odd", number)


STALL_SECONDS = 0.3
"""What a busy machine may hold a process up between two steps that are timed."""


@pytest.mark.parametrize("name", [*SKLEARN, "annoy_local"])
def test_what_the_mean_core_did_adds_up_to_the_querys_time(answers: Answers, name: str) -> None:
    told = answers.details(name)
    parts = [told[f"{what}_seconds"] for what in ("load", "compute", "write", "idle")]
    waves = told["first_wave_seconds"] + told["later_waves_seconds"]
    assert min(parts) >= 0
    assert sum(parts) == pytest.approx(waves, rel=0.05)
    assert told["core_seconds"] == pytest.approx(waves * told["cores"], rel=0.05)


@pytest.mark.parametrize("name", [*SKLEARN, "annoy_local"])
def test_what_came_before_the_query_adds_up_as_well(answers: Answers, name: str) -> None:
    told = answers.details(name)
    start = ("import", "session", "workers")
    fit = ("staging", "build", "save", "check", "ship")
    for phase, parts in (("start", start), ("fit", fit)):
        named = sum(told.get(f"{part}_seconds", 0.0) for part in parts)
        assert named == pytest.approx(told["seconds"][phase], rel=0.05, abs=STALL_SECONDS)


def test_details_say_how_it_was_run(answers: Answers) -> None:
    thin, fat = answers.details("cluster_thin"), answers.details("local_2_fat_of_22k")
    assert (thin["executors"], thin["hosts"], thin["cores"], thin["retries"]) == (2, 1, 4, 0)
    assert any(name.endswith("_python_worker_bytes") for name in thin)
    assert (fat["python_workers"], fat["cores"], fat["n_partitions"]) == (1, 2, 1)
    fat_executors = answers.details("cluster_fat")
    assert (fat_executors["python_workers"], fat_executors["executors"], fat_executors["cores"]) == (2, 2, 4)
    assert fat["longest_task"] == f"rows 0 to {N_SAMPLES - 1}"


def test_tasks_write_the_answer_as_a_folder_of_parts(answers: Answers) -> None:
    files = sorted((answers.directory / "parts").iterdir())
    assert all(file.suffix == ".parquet" for file in files)
    table = pq.read_table(answers.directory / "parts").to_pandas().sort_values("row")
    assert table["row"].tolist() == list(range(N_SAMPLES))
    indices = np.stack(table["indices"].to_list()).astype(np.int32)
    assert indices.tobytes() == answers.bytes("annoy")[0]


def test_a_part_written_twice_is_there_once(tmp_path: Path) -> None:
    for _ in range(2):
        parquet_parts.write(
            5, np.zeros((3, 2), np.int32), np.ones((3, 2), np.float32), folder=str(tmp_path / "new")
        )
    (file,) = (tmp_path / "new").iterdir()
    assert pq.read_table(file)["row"].to_pylist() == [5, 6, 7]


def test_the_longest_task_and_the_retries_are_told() -> None:
    reports = {
        part: Report("h", "e", 1, int(part == 2), 0.5, seconds, 0.0, 0, {"jvm": part})
        for part, seconds in enumerate((1.0, 4.0, 1.0, 2.0))
    }
    told = summarize_query(reports, n_samples=100, n_parts=4, cores_per_task=1, slots=2, query_seconds=6.0)
    assert told["longest_task"] == "rows 25 to 49"
    assert told["compute_seconds_longest"] == 4.0
    assert told["compute_seconds_median"] == 1.5
    assert told["retries"] == 1
    assert told["idle_seconds"] == 6.0 - (4 * 0.5 + 8.0) / 2
    assert told["h_jvm_bytes"] == 3
