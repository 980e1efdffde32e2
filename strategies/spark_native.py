"""Spark's own k-NN join, ``DataFrame.nearestByJoin``: exact, by the full cross product of all rows."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from bench.strategy import Entry, Neighbors, Points, Strategy
from strategies import _neighbors
from strategies._spark import errors, executors, session

MOST_POINTS = 10_000
"""A minute on two cores; the work grows with the square."""

PAIRS_A_TASK = 1 << 21
"""Spark sorts the pairs of a partition, vectors and all: so many stay in memory."""

ROWS_CONVERTED_AT_ONCE = 1 << 16


@dataclass
class SparkNative(Strategy):
    """Needs no index and no library, and answers what fits a cross product.

    Spark rounds its distances to float32, hence ties between near-equal ones may fall either way.
    """

    most_points: int = MOST_POINTS
    """More points than this are refused, for the cross product would take hours."""
    n_partitions: int = 0
    """Of the queries; 0 for two a core or, where those pairs would not stay in memory, more."""
    driver_memory: str = "4g"
    """Most heap the driver's JVM may take, as Spark writes it."""
    master: str = "local[2,4]"

    def __post_init__(self) -> None:
        session.check(self.master, self.n_partitions, self.driver_memory)
        if self.most_points < 1:
            raise ValueError(f"most_points is {self.most_points}, allowed is 1 or more")

    def start(self) -> None:
        """Open the Spark session; what it shuffles is little, so that a partition a core does."""
        from pyspark.sql import SparkSession

        self._session = session.open_session(self.master, self.driver_memory, java_options=())
        self._context = self._session.context
        self._sql = SparkSession(self._context)
        self._sql.conf.set("spark.sql.shuffle.partitions", str(executors.total_cores(self._context)))
        self._sql.conf.set("spark.sql.adaptive.enabled", "false")

    def fit(self, points: Points) -> None:
        """Hand the points over as a table of ids and vectors.

        Raises ValueError where they are more than ``most_points``.
        """
        import pyarrow as pa

        n = self._n_samples = len(points)
        if n > self.most_points:
            raise ValueError(
                f"{n:,} points are a cross product of {n**2:.1e} pairs, most_points is {self.most_points:,}: "
                "take spark_sklearn, or set most_points higher and wait"
            )
        block = np.ascontiguousarray(points)
        ends = pa.array(np.arange(0, block.size + 1, block.shape[1], dtype=np.int32))
        vectors = pa.ListArray.from_arrays(ends, pa.array(block.ravel()))
        table = pa.table({"id": pa.array(np.arange(n)), "v": vectors})
        self._table: Any = self._sql.createDataFrame(table)

    def kneighbors(self, k: int) -> Iterator[Neighbors]:
        """Yield what the join gives, in blocks, at the end: it gives all at once."""
        from pyspark.sql import functions as f

        n, cores = self._n_samples, executors.total_cores(self._context)
        parts = min(n, self.n_partitions or max(2 * cores, n * n // PAIRS_A_TASK))
        queries = self._table.select(f.col("id").alias("query"), f.col("v").alias("q")).repartition(parts)
        joined = queries.nearestByJoin(
            self._table,
            f.vector_l2_distance("q", "v"),
            numResults=k + 1,
            mode="exact",
            direction="distance",
        ).select("query", "id", f.vector_l2_distance("q", "v").alias("distance"))
        with errors.in_one_line():
            found = joined.toArrow()
        query, ids, lengths = (found.column(name).to_numpy() for name in ("query", "id", "distance"))
        order = np.lexsort((ids, lengths, query))
        ids, lengths = ids[order].reshape(n, k + 1), lengths[order].reshape(n, k + 1)
        self.details = {
            "growth": "quadratic",
            "n_partitions": float(parts),
            "spark_configuration": session.configuration(self._context),
        }
        for rows in _neighbors.row_ranges(n, ROWS_CONVERTED_AT_ONCE):
            taken = slice(rows.start, rows.stop)
            yield Neighbors(rows, *_neighbors.without_self(rows, ids[taken], lengths[taken]))

    def close(self) -> None:
        """Stop Spark and its JVM."""
        if hasattr(self, "_session"):
            self._session.close()


strategy = Entry(SparkNative, exact=True, requires=("pyspark", "java"))
