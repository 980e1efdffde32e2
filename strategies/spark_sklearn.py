"""scikit-learn inside Spark: fitted on the driver, broadcast, each partition asks for its own rows."""

from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.strategy import Entry
from strategies import _neighbors, _sklearn
from strategies._spark.index import Distributed, Index


def search(
    model: Any, points: NDArray[np.float32], rows: range, k: int, threads: int, *, per_row: bool
) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """Answer one partition; runs in a Spark task."""
    import threadpoolctl

    model.n_jobs = threads
    queries = points[rows.start : rows.stop]
    with threadpoolctl.threadpool_limits(threads):
        if per_row:
            found = [model.kneighbors(query[None, :], k + 1) for query in queries]
            distances, indices = (np.concatenate(column) for column in zip(*found, strict=True))
        else:
            distances, indices = model.kneighbors(queries, k + 1)
    return _neighbors.without_self(rows, indices, distances)


@dataclass
class SparkSklearn(Distributed):
    """As the fitted object is broadcast, each Python worker holds a copy; as a file, all share one."""

    ship: str = "broadcast"
    """``broadcast``: each Python worker unpickles a copy; ``file``: an executor fetches a copy, which its
    workers map; ``path``: one file that all hosts see, below --shared-dir, mapped."""
    algorithm: str = "auto"
    """``auto``, ``ball_tree``, ``brute`` or ``kd_tree``."""
    leaf_size: int = 30
    """Points in a leaf of a tree, 1 or more."""
    per_row: bool = False
    """Ask for one row at a time, as a literal ``map(kneighbors)`` does."""

    def __post_init__(self) -> None:
        super().__post_init__()
        _sklearn.check(self.algorithm, self.leaf_size)

    def index(self) -> Index:
        """Fit a tree, or nothing for brute force; saved, its arrays can be mapped."""
        return Index(
            module="sklearn.neighbors",
            requires=("scikit-learn", "scipy", "joblib", "threadpoolctl", "pyspark"),
            fit=partial(_sklearn.fit, algorithm=self.algorithm, leaf_size=self.leaf_size, threads=1),
            save=_sklearn.save,
            load=_sklearn.load,
            search=partial(search, per_row=self.per_row),
            describe=_sklearn.details,
        )


SNIPPET = (
    """\
import os
import sys
import numpy as np
from pyspark import SparkConf, SparkContext
from sklearn.neighbors import NearestNeighbors

os.environ["PYSPARK_PYTHON"] = sys.executable  # on a cluster, the workers' own
context = SparkContext(conf=SparkConf().setMaster($master).set("spark.driver.memory", $driver_memory))
points = np.load($points, mmap_mode="r")
model = NearestNeighbors(n_neighbors=$k + 1, algorithm=$algorithm, leaf_size=$leaf_size)
model = context.broadcast(model.fit(points))
def answer(rows):
    distances, indices = model.value.kneighbors(np.load($points, mmap_mode="r")[rows.start : rows.stop])
    return indices, distances
parts = [range(start, min(start + 8192, len(points))) for start in range(0, len(points), 8192)]
blocks = context.parallelize(parts, len(parts)).map(answer).collect()
indices, distances = (np.concatenate(found) for found in zip(*blocks))
context.stop()
"""
    + _neighbors.SNIPPET_WITHOUT_SELF
)

strategy = Entry(SparkSklearn, exact=True, requires=("scikit-learn", "pyspark", "java"), snippet=SNIPPET)
