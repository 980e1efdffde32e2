"""Spark's own k-NN join, ``DataFrame.nearestByJoin``: exact, by the full cross product of all rows."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bench.strategy import Entry, Neighbors, Points, Strategy
from strategies import _failures, _neighbors, _spark

MOST_POINTS = 5_000
"""What takes half a minute on two cores; the work grows with the square."""

ROWS_WRITTEN_AT_ONCE = 1 << 14


@dataclass
class SparkNative(Strategy):
    """Needs no index and no library, and answers what fits a cross product.

    Spark's vectors are float32 and its distances rounded so, hence ties between near-equal ones may fall
    either way.
    """

    most_points: int = MOST_POINTS
    """More points than this are refused, for the cross product would take hours."""
    n_partitions: int = 0
    """Of the queries; 0 for two a core."""
    driver_memory: str = "4g"
    """Most heap the driver's JVM may take, as Spark writes it."""
    master: str = "local[2,4]"

    def __post_init__(self) -> None:
        _spark.check(self.master, self.n_partitions, self.driver_memory)
        if self.most_points < 1:
            raise ValueError(f"most_points is {self.most_points}, allowed is 1 or more")

    def start(self) -> None:
        """Open the Spark session."""
        from pyspark.sql import SparkSession

        self._context = _spark.open_context(self.master, self.driver_memory)
        self._session = SparkSession(self._context)

    def fit(self, points: Points) -> None:
        """Write the points as Parquet, which is what a join reads."""
        import pyarrow as pa
        from pyarrow import parquet

        self._n_samples = len(points)
        if self._n_samples > self.most_points:
            raise ValueError(
                f"{self._n_samples:,} points are a cross product of {self._n_samples**2:.1e} pairs: "
                f"most_points is {self.most_points:,}, set it higher to wait for them"
            )
        self._folder = _spark.scratch_of(self._context) / "points"
        self._folder.mkdir()
        for rows in _neighbors.row_ranges(self._n_samples, ROWS_WRITTEN_AT_ONCE):
            block = np.asarray(points[rows.start : rows.stop])
            vectors = pa.FixedSizeListArray.from_arrays(pa.array(block.ravel()), block.shape[1])
            table = pa.table(
                {"id": pa.array(np.arange(rows.start, rows.stop)), "v": vectors.cast(pa.list_(pa.float32()))}
            )
            parquet.write_table(table, Path(self._folder, f"part-{rows.start:010d}.parquet"))

    def kneighbors(self, k: int) -> Iterator[Neighbors]:
        """Yield one block: the join gives all its rows at once."""
        from pyspark.sql import functions as f

        read = self._session.read.parquet(str(self._folder))
        parts = self.n_partitions or 2 * self._context.defaultParallelism
        queries = read.select(f.col("id").alias("query"), f.col("v").alias("q")).repartition(parts)
        joined: Any = queries.nearestByJoin(
            read,
            f.vector_l2_distance("q", "v"),
            numResults=k + 1,
            mode="exact",
            direction="distance",
        ).select("query", "id", f.vector_l2_distance("q", "v").alias("distance"))
        with _failures.in_one_line():
            found = joined.toArrow()
        query, ids, lengths = (found.column(name).to_numpy() for name in ("query", "id", "distance"))
        order = np.lexsort((ids, lengths, query))
        shape = (self._n_samples, k + 1)
        indices, distances = _neighbors.without_self(
            range(self._n_samples), ids[order].reshape(shape), lengths[order].reshape(shape)
        )
        self.details = {
            "growth": "quadratic",
            "n_partitions": float(parts),
            "spark_configuration": _spark.configuration(self._context),
        }
        yield Neighbors(range(self._n_samples), indices, distances)

    def close(self) -> None:
        """Stop Spark and its JVM."""
        _spark.close_context()


strategy = Entry(SparkNative, exact=True, requires=("pyspark", "java"))
