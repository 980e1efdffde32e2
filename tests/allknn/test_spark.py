"""Neighbors of a Spark DataFrame: the bytes of one machine in any session; one line where rows are bad."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from allknn import nearest_neighbors
from allknn.answers import Block
from allknn.approximate.leaf_join import LeafJoin
from allknn.exact.join import Join
from bench import cluster
from tests import clusters
from tests.allknn.ask_frames import FEW, LEAVES, K, asked, far_apart
from tests.strategies.test_distributed import java_environment
from tests.strategies.test_spark_joins import bare_python, points

pytestmark = pytest.mark.spark

HERE = Path(__file__).parent
BAD = {
    "missing": "vector names the column 'w', there are number, v, more",
    "kind": "the column 'more' is string, allowed are array<float>, array<double>, VectorUDT",
    "too_many": "k must be at least 1 and below the number of rows, 20, got 20",
    "longer": "queries must have vectors as long as those of df, 12, got 4",
    "twice": "1 rows have the id of another one, the first is that of id 'p000018'",
}
EXACT = ["exact", "cosine", "far_apart", "queries", "products", "product_queries"]
CLASSIC = ["leaves", "leaves_again", *EXACT, "recall", *BAD]
CONNECT = ["leaves", "exact"]
CLUSTER = ["leaves", "exact_all"]


def ask(directory: Path, environment: dict[str, str], **job: Any) -> Path:
    """Run some cases in a session of their own; return the directory of what came back."""
    directory.mkdir()
    np.save(directory / "points.npy", points())
    file = directory / "job.json"
    file.write_text(json.dumps({"points": str(directory / "points.npy"), "out": str(directory), **job}))
    command = [sys.executable, HERE / "ask_frames.py", file]
    more = {"SPARK_LOCAL_IP": "127.0.0.1", "PYSPARK_PYTHON": sys.executable, **environment}
    subprocess.run(command, env=java_environment(directory) | more, check=True, start_new_session=True)
    return directory


@pytest.fixture(scope="module")
def classic(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return ask(tmp_path_factory.mktemp("frames") / "classic", {}, master="local[2]", cases=CLASSIC)


@pytest.fixture(scope="module")
def connect(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return ask(tmp_path_factory.mktemp("frames") / "connect", {}, remote="local[2]", cases=CONNECT)


@pytest.fixture(scope="module")
def on_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    directory = tmp_path_factory.mktemp("frames")
    running = clusters.start(directory / "spark", n_workers=2, cores=1)
    access = cluster.environment(running.master, running.directory)
    access["PYSPARK_PYTHON"] = bare_python(directory, "numpy", "pyarrow")
    try:
        job = {"master": running.master, "cases": CLUSTER, "lose_executor_in": "exact_all"}
        yield ask(directory / "cluster", access, **job)
    finally:
        cluster.stop(running.directory)


def answered(directory: Path, case: str) -> tuple[bytes, bytes]:
    with np.load(directory / f"{case}.npz") as saved:
        assert saved["ids"].tolist() == list(range(len(saved["ids"])))
        return saved["indices"].tobytes(), saved["distances"].tobytes()


def here(join: Any, n: int) -> tuple[bytes, bytes]:
    """The answer of a join in threads."""
    indices, distances = np.empty((n, K), np.int32), np.empty((n, K), np.float32)
    for block in join.run(K):
        if isinstance(block, Block):
            indices[block.rows], distances[block.rows] = block.indices, block.distances
    return indices.tobytes(), distances.tobytes()


@pytest.mark.parametrize(
    ("session", "case"),
    [
        ("classic", "leaves"),
        ("classic", "leaves_again"),
        ("connect", "leaves"),
        pytest.param("on_cluster", "leaves", marks=pytest.mark.acceptance),
    ],
)
def test_leaves_give_the_bytes_of_one_machine_in_any_session_for_any_partitioning(
    request: pytest.FixtureRequest, session: str, case: str
) -> None:
    directory = request.getfixturevalue(session)
    assert answered(directory, case) == here(LeafJoin(points(), LEAVES), len(points()))


@pytest.mark.parametrize("session", ["classic", "connect"])
def test_the_exact_answer_for_vectors_of_mllib_is_that_of_one_machine(
    request: pytest.FixtureRequest, session: str
) -> None:
    assert answered(request.getfixturevalue(session), "exact") == here(Join(points()[:FEW], 1), FEW)


@pytest.mark.acceptance
def test_the_exact_answer_stays_the_same_where_an_executor_is_lost_on_hosts_without_the_project(
    on_cluster: Path,
) -> None:
    assert answered(on_cluster, "exact_all") == here(Join(points(), 2), len(points()))
    assert (on_cluster / "lost.txt").read_text() == "1"


def test_cosine_is_the_exact_answer_of_the_vectors_at_length_one(classic: Path) -> None:
    few = points()[:FEW].astype(np.float64)
    few = (few / np.sqrt((few**2).sum(axis=1))[:, None]).astype(np.float32)
    indices, distances = here(Join(few, 1), FEW)
    found, apart = answered(classic, "cosine")
    assert found == indices
    euclidean = np.frombuffer(distances, np.float32)
    assert np.frombuffer(apart, np.float32) == pytest.approx(euclidean**2 / 2, abs=1e-7)


def test_queries_get_their_nearest_of_the_points_equal_ones_too(classic: Path) -> None:
    few, queries = points().astype(np.float64), asked(points()).astype(np.float64)
    squared = np.stack([((few - query) ** 2).sum(axis=1) for query in queries])
    nearest = np.stack([np.lexsort((np.arange(len(few)), row))[:K] for row in squared])
    indices, distances = answered(classic, "queries")
    assert indices == nearest.astype(np.int32).tobytes()
    exact = np.sqrt(np.take_along_axis(squared, nearest, axis=1))
    assert np.frombuffer(distances, np.float32).reshape(-1, K) == pytest.approx(exact, rel=1e-6, abs=1e-12)


@pytest.mark.parametrize("case", ["products", "product_queries"])
def test_inner_products_give_the_bytes_of_arrays(classic: Path, case: str) -> None:
    queries = asked(points()) if case == "product_queries" else None
    expected = nearest_neighbors(points()[:FEW], K, queries=queries, metric="inner_product")
    assert answered(classic, case) == tuple(array.tobytes() for array in expected)


def test_the_recall_asked_for_is_reached(classic: Path) -> None:
    truth = np.frombuffer(here(Join(points(), 2), len(points()))[1], np.float32).reshape(-1, K)
    found = np.frombuffer(answered(classic, "recall")[1], np.float32).reshape(-1, K)
    assert (found <= truth[:, -1:] * (1 + 1e-5)).mean() >= 0.97


def test_points_whose_squared_distances_float32_cannot_hold_are_answered_exactly(classic: Path) -> None:
    assert answered(classic, "far_apart") == here(Join(far_apart(points()), 1), FEW)


@pytest.mark.parametrize("case", BAD)
def test_bad_rows_and_columns_are_told_in_one_line_that_names_the_first(classic: Path, case: str) -> None:
    assert (classic / f"{case}.txt").read_text() == BAD[case]
