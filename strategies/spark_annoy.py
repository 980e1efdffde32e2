"""Annoy inside Spark: the forest saved to a file, the file shipped to the executors, mapped there."""

import hashlib
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from bench.strategy import Entry, Neighbors, Points, Strategy
from strategies import _annoy, _spark, _waves

if TYPE_CHECKING:
    from pyspark import Broadcast


def search(
    rows: range,
    k: int,
    *,
    file_name: str,
    n_features: int,
    search_k: int,
    mapped: "Broadcast[dict[str, Any]]",
) -> tuple[NDArray[np.int32], NDArray[np.float32], float]:
    """Answer one partition; runs in a Spark task.

    ``mapped`` is an empty dict when broadcast. A Python worker keeps its copy from task to task, and so the
    forest it has mapped.
    """
    started = time.perf_counter()
    index = mapped.value.get("forest")
    if index is None:
        from annoy import AnnoyIndex
        from pyspark import SparkFiles

        index = AnnoyIndex(n_features, "euclidean")
        index.load(SparkFiles.get(file_name))
        mapped.value["forest"] = index
    load_seconds = time.perf_counter() - started
    return *_annoy.search(index, rows, k, search_k), load_seconds


@dataclass
class SparkAnnoy(Strategy):
    """Approximate; the workers of one host share the pages of one mapped file."""

    n_trees: int = 8
    """Trees in the forest, 1 or more."""
    search_k: int = -1
    """Candidates to look at for one query; -1 for n_trees * (k + 1)."""
    build_threads: int = 1
    """Threads that grow trees on the driver, 1 or more: the forest differs with it, at the same seed."""
    seed: int = 0
    n_partitions: int = 0
    """Spark partitions, each one task; 0 for as many as suit the cores."""
    driver_memory: str = "2g"
    """Most heap the driver's JVM may take, as Spark writes it."""
    master: str = "local[2,4]"

    def __post_init__(self) -> None:
        _annoy.check(self.n_trees, self.search_k, self.build_threads, self.seed)
        _spark.check(self.master, self.n_partitions, self.driver_memory)

    def start(self) -> None:
        """Import Annoy and open the Spark session."""
        import annoy  # noqa: F401 (imported here so that fit does not pay for it)

        self._context = _spark.open_context(self.master, self.driver_memory, imports="annoy")

    def fit(self, points: Points) -> None:
        """Grow the forest on the driver, save it and ship the file."""
        self._n_samples, self._n_features = points.shape
        index = _annoy.grow(points, self.n_trees, self.build_threads, self.seed)
        started = time.perf_counter()
        unnamed = _spark.scratch_of(self._context) / "forest"
        index.save(str(unnamed))
        index.unload()
        saved = time.perf_counter()
        file = unnamed.rename(unnamed.with_name(f"forest-{_hash(unnamed)}.annoy"))
        self._file_name = file.name
        self._context.addFile(str(file))
        self.details = {
            "index_bytes": float(file.stat().st_size),
            "save_seconds": saved - started,
            "ship_seconds": time.perf_counter() - saved,
            "spark_configuration": _spark.configuration(self._context),
        }

    def kneighbors(self, k: int) -> Iterator[Neighbors]:
        """Yield one block for each partition."""
        task = partial(
            search,
            file_name=self._file_name,
            n_features=self._n_features,
            search_k=self.search_k,
            mapped=self._context.broadcast({}),
        )
        work = _waves.Waves(self._context, self._n_samples, self.n_partitions, k)
        try:
            yield from work.blocks(task)
        finally:  # also where the reader stops early
            self.details = {**self.details, **work.details}

    def close(self) -> None:
        """Stop Spark and its JVM; the file goes only then, for an executor may ask for it until the end."""
        _spark.close_context()


def _hash(file: Path) -> str:
    """Hash a file's content: Spark takes a file's name once only."""
    with file.open("rb") as content:
        return hashlib.file_digest(content, "blake2b").hexdigest()[:16]


strategy = Entry(
    SparkAnnoy,
    exact=False,
    requires=("annoy", "pyspark", "java"),
    ladder=_annoy.LADDER,
)
