"""scikit-learn's chunks handed to Spark by joblib's backend for it: today's scikit-learn on Spark."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bench.strategy import Entry, Neighbors, Points, Strategy
from strategies import _neighbors, _sklearn
from strategies._spark import executors, preflight, session

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

REQUIRES = ("numpy", "scipy", "scikit-learn", "joblib", "cloudpickle", "pyspark")
"""Distributions that every host must have."""


def search(model: Any, path: str, rows: range, k: int) -> "tuple[NDArray[np.int32], NDArray[np.float32]]":
    """Answer one chunk; runs in a Spark task, to which joblib has sent the model with the chunk."""
    import numpy as np

    queries = np.load(path, mmap_mode="r")[rows.start : rows.stop]
    distances, indices = model.kneighbors(queries, k + 1)
    return _neighbors.without_self(rows, indices, distances)


@dataclass
class JoblibSpark(Strategy):
    """``joblib.parallel_backend("spark")``: the fitted model is pickled into each chunk's own job.

    The heir of spark-sklearn and sparkit-learn (https://github.com/joblib/joblib-spark).
    """

    algorithm: str = "auto"
    """``auto``, ``ball_tree``, ``brute`` or ``kd_tree``."""
    leaf_size: int = 30
    """Points in a leaf of a tree, 1 or more."""
    n_chunks: int = 0
    """Chunks of rows, each a Spark job; 0 for two a core."""
    driver_memory: str = "2g"
    """Most heap the driver's JVM may take, as Spark writes it."""
    master: str = "local[2,4]"

    def __post_init__(self) -> None:
        _sklearn.check(self.algorithm, self.leaf_size)
        session.check(self.master, self.n_chunks, self.driver_memory)

    def start(self) -> None:
        """Open a session, which joblib's backend then takes, and import scikit-learn in its workers."""
        import joblibspark
        from pyspark.sql import SparkSession

        self._session = session.open_session(self.master, self.driver_memory)
        self._context = self._session.context
        preflight.check(self._context, REQUIRES)
        SparkSession(self._context)
        session.import_everywhere(self._context, "sklearn.neighbors")
        joblibspark.register_spark()

    def fit(self, points: Points) -> None:
        """Fit on the driver; the workers map the points where they lie."""
        self._n_samples, self._path = len(points), session.file_of(points)
        preflight.check_access(self._context, self._path)
        self._model = _sklearn.fit(points, self.algorithm, self.leaf_size, threads=1)

    def kneighbors(self, k: int) -> Iterator[Neighbors]:
        """Yield one block for each chunk, as ``Parallel`` gives them back in order, all at the end."""
        import joblib

        cores = executors.total_cores(self._context)
        parts = min(self._n_samples, self.n_chunks or 2 * cores)
        chunks = [_neighbors.row_range(self._n_samples, parts, part) for part in range(parts)]
        with joblib.parallel_backend("spark", n_jobs=cores):
            answers = joblib.Parallel()(
                joblib.delayed(search)(self._model, self._path, rows, k) for rows in chunks
            )
        self.details = {
            **_sklearn.details(self._model),
            "n_chunks": float(parts),
            "cores": float(cores),
            "spark_configuration": session.configuration(self._context),
        }
        for rows, (indices, distances) in zip(chunks, answers, strict=True):
            yield Neighbors(rows, indices, distances)

    def close(self) -> None:
        """Stop Spark and its JVM."""
        if hasattr(self, "_session"):
            self._session.close()


strategy = Entry(JoblibSpark, exact=True, requires=("scikit-learn", "joblibspark", "pyspark", "java"))
