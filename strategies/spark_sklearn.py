"""scikit-learn inside Spark: fitted on the driver, broadcast, each partition asks for its own rows."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from bench.strategy import Entry, Neighbors, Points, Strategy
from strategies import _neighbors, _sklearn, _spark, _waves

if TYPE_CHECKING:
    from pyspark import Broadcast


def search(
    rows: range, k: int, *, model: "Broadcast[Any]", filename: str, per_row: bool
) -> tuple[NDArray[np.int32], NDArray[np.float32], float]:
    """Answer one partition; runs in a Spark task."""
    started = time.perf_counter()
    index = model.value  # unpickled once for each Python worker
    load_seconds = time.perf_counter() - started
    queries = np.load(filename, mmap_mode="r")[rows.start : rows.stop]
    if per_row:
        found = [index.kneighbors(query[None, :], k + 1) for query in queries]
        distances, indices = (np.concatenate(column) for column in zip(*found, strict=True))
    else:
        distances, indices = index.kneighbors(queries, k + 1)
    return *_neighbors.without_self(rows, indices, distances), load_seconds


@dataclass
class SparkSklearn(Strategy):
    """Each Python worker holds a whole copy of the fitted model: memory times cores."""

    algorithm: str = "auto"
    """``auto``, ``ball_tree``, ``brute`` or ``kd_tree``."""
    leaf_size: int = 30
    """Points in a leaf of a tree, 1 or more."""
    n_partitions: int = 0
    """Spark partitions, each one task and one matrix of queries; 0 for as many as suit the cores."""
    per_row: bool = False
    """Ask for one row at a time, as a literal ``map(kneighbors)`` does."""
    driver_memory: str = "2g"
    """Most heap the driver's JVM may take, as Spark writes it."""
    master: str = "local[2,4]"

    def __post_init__(self) -> None:
        _sklearn.check(self.algorithm, self.leaf_size)
        _spark.check(self.master, self.n_partitions, self.driver_memory)

    def start(self) -> None:
        """Import scikit-learn and open the Spark session."""
        _sklearn.start(threads=1)
        self._context = _spark.open_context(self.master, self.driver_memory, imports="sklearn.neighbors")

    def fit(self, points: Points) -> None:
        """Fit on the driver and broadcast the fitted object."""
        self._n_samples, self._filename = len(points), _spark.file_of(points)
        model = _sklearn.fit(points, self.algorithm, self.leaf_size, threads=1)
        started = time.perf_counter()
        self._model = self._context.broadcast(model)
        self.details = {
            **_sklearn.details(model),
            "spark_configuration": _spark.configuration(self._context),
            "broadcast_seconds": time.perf_counter() - started,
            "broadcast_bytes": float(_spark.broadcast_bytes(self._model)),
        }

    def kneighbors(self, k: int) -> Iterator[Neighbors]:
        """Yield one block for each partition."""
        task = partial(search, model=self._model, filename=self._filename, per_row=self.per_row)
        work = _waves.Waves(self._context, self._n_samples, self.n_partitions, k)
        try:
            yield from work.blocks(task)
        finally:  # also where the reader stops early
            self.details = {**self.details, **work.details}

    def close(self) -> None:
        """Stop Spark and its JVM."""
        _spark.close_context()


strategy = Entry(SparkSklearn, exact=True, requires=("scikit-learn", "pyspark", "java"))
