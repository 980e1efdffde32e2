"""Find the neighbors of DataFrames in a Spark session, classic or Connect, and save what comes back.

Usage: ask_frames.py JOB.json, with a Java runtime in the environment: {master or remote, points: an .npy
file, cases, out: directory}. Case NAME leaves NAME.npz with the answer as numbers, or NAME.txt with why not.
"""

import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F  # noqa: N812

from allknn.approximate.parameters import Parameters
from allknn.spark import exact_search, leaves, nearest_neighbors, staging
from allknn.spark.neighbors import by_leaves

K = 10
LEAVES = Parameters(fan_out=3, leaf_size=100)
FEW = 5000
"""Points of the cases that look at every pair."""
QUIET = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.log.level": "OFF",
    "spark.sql.shuffle.partitions": "3",
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
    "spark.connect.grpc.binding.address": "127.0.0.1",
}


def named(number: int) -> str:
    return f"p{number:06d}"


def frame_of(session: SparkSession, points: np.ndarray, n_partitions: int) -> DataFrame:
    """Points with string ids, in no order."""
    order = np.random.default_rng(n_partitions).permutation(len(points))
    rows = pd.DataFrame({"name": [named(i) for i in order], "v": list(points[order].astype(np.float64))})
    return session.createDataFrame(rows).repartition(n_partitions)


def asked(points: np.ndarray) -> np.ndarray:
    """Points that are near to others, some of them equal to one, two to one another."""
    queries = points[:300] + np.float32(0.01) * (np.arange(300) % 7 > 0)[:, None]
    queries[11] = queries[12]
    return queries.astype(np.float32)


def far_apart(points: np.ndarray) -> np.ndarray:
    """Points of which some are so far away that float32 does not hold the square of how far."""
    points = points[:FEW].copy()
    points[::500] = 1e25
    points[::500, 0] += np.arange(len(points[::500])) * np.float32(1e22)
    return points


def vectors(session: SparkSession, points: np.ndarray) -> DataFrame:
    """Points with whole ids, as MLlib's vectors."""
    from pyspark.ml.functions import array_to_vector

    frame = frame_of(session, points, 2)
    number = F.substring("name", 2, 6).cast("long").alias("number")
    return frame.select(number, array_to_vector("v").alias("v"), F.lit("x").alias("more"))


def as_numbers(answer: DataFrame) -> dict[str, np.ndarray]:
    table = answer.toArrow().sort_by("id")
    neighbors = table["neighbors"].combine_chunks()
    ids = neighbors.flatten().field("id").to_pylist()
    shape = len(table), -1
    found = [int(str(i).lstrip("p")) for i in ids]
    return {
        "ids": np.array([int(str(i).lstrip("p")) for i in table["id"].to_pylist()]),
        "indices": np.array(found, np.int32).reshape(shape),
        "distances": neighbors.flatten().field("distance").to_numpy().reshape(shape),
    }


def bad(session: SparkSession, points: np.ndarray) -> DataFrame:
    """A few rows, one of them with the id of another one."""
    rows = [(named(min(i, 18)), row) for i, row in enumerate(points[:20].astype(np.float64).tolist())]
    return session.createDataFrame(rows, "name string, v array<double>").repartition(3)


def cases(session: SparkSession, points: np.ndarray) -> dict[str, Callable[[], DataFrame]]:
    few, names = points[:FEW], {"id": "name", "vector": "v"}

    return {
        "leaves": lambda: by_leaves(frame_of(session, points, 7), K, LEAVES, **names),
        "leaves_again": lambda: by_leaves(frame_of(session, points, 2), K, LEAVES, **names),
        "exact": lambda: nearest_neighbors(vectors(session, few), K, id="number", vector="v"),
        "exact_all": lambda: nearest_neighbors(frame_of(session, points, 5), K, **names),
        "queries": lambda: nearest_neighbors(
            frame_of(session, points, 4), K, **names, queries=frame_of(session, asked(points), 2)
        ),
        "longer": lambda: nearest_neighbors(
            frame_of(session, few, 4), K, **names, queries=frame_of(session, few[:5, :4], 2)
        ),
        "cosine": lambda: nearest_neighbors(frame_of(session, few, 3), K, **names, metric="cosine"),
        "products": lambda: nearest_neighbors(frame_of(session, few, 3), K, **names, metric="inner_product"),
        "product_queries": lambda: nearest_neighbors(
            frame_of(session, few, 2),
            K,
            **names,
            queries=frame_of(session, asked(points), 2),
            metric="inner_product",
        ),
        "far_apart": lambda: nearest_neighbors(
            frame_of(session, far_apart(points), 3), K, **names, recall=0.9
        ),
        "recall": lambda: nearest_neighbors(frame_of(session, points, 4), K, **names, recall=0.97),
        "missing": lambda: nearest_neighbors(vectors(session, few), K, id="number", vector="w"),
        "kind": lambda: nearest_neighbors(vectors(session, few), K, id="number", vector="more"),
        "too_many": lambda: nearest_neighbors(frame_of(session, points[:20], 1), 20, **names),
        "twice": lambda: nearest_neighbors(bad(session, points), 3, **names),
    }


def lose_an_executor(session: SparkSession) -> None:
    """Kill an executor of a cluster on this machine as soon as some stages are done."""
    context = session.sparkContext
    application = context.applicationId.encode()

    def lose() -> None:
        while not any(stage > 12 for stage in context.statusTracker().getActiveStageIds()):
            time.sleep(0.01)
        for path in Path("/proc").glob("[0-9]*/cmdline"):
            words = path.read_bytes()
            if application in words and b"CoarseGrainedExecutorBackend" in words and words.startswith(b"/"):
                os.kill(int(path.parent.name), signal.SIGKILL)
                return

    threading.Thread(target=lose, daemon=True).start()


def cut_small() -> None:
    """Have few points in several parts, ranges and cells, as many are."""
    staging._PART_ROWS, staging._MEETING_ROWS = 2000, 5000
    leaves._RANGE_ROWS, leaves._SMALL_GROUP_ROWS = 2500, 10_000
    exact_search._SMALL_CELL_ROWS = 1500


def main(job: dict[str, Any]) -> None:
    cut_small()
    builder = SparkSession.builder
    builder = builder.remote(job["remote"]) if "remote" in job else builder.master(job["master"])
    for name, value in QUIET.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    out = Path(job["out"])
    try:
        run = cases(session, np.load(job["points"]))
        for case in job["cases"]:
            if case == job.get("lose_executor_in"):
                lose_an_executor(session)
            try:
                answer = run[case]()
            except ValueError as error:
                (out / f"{case}.txt").write_text(str(error))
            else:
                np.savez(out / f"{case}.npz", **as_numbers(answer))
        if "master" in job:
            store = session.sparkContext._jsc.sc().statusStore()
            executors = store.executorList(False)
            lost = sum(not executors.apply(i).isActive() for i in range(executors.size()))
            (out / "lost.txt").write_text(str(lost))
    finally:
        session.stop()


if __name__ == "__main__":
    main(json.loads(Path(sys.argv[1]).read_text()))
