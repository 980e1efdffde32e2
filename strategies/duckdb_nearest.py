"""DuckDB's own k-NN join, ``JOIN … NEAREST k BY``: exact, by the cross product of all rows, in SQL."""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from bench.strategy import Entry, Neighbors, Points, Strategy
from strategies import _neighbors

MOST_POINTS = 10_000
"""Two minutes of one core in 64 dimensions; the work grows with the square."""

BLOCK_ROWS = 1 << 12

JOIN = """\
SELECT q.id AS query, p.id AS id, array_distance(q.v, p.v) AS distance
FROM (SELECT * FROM points WHERE id BETWEEN {first} AND {last}) AS q
JOIN points AS p EXACT NEAREST {k} BY DISTANCE array_distance(q.v, p.v)
ORDER BY query, distance, id"""


@dataclass
class DuckDBNearest(Strategy):
    """What a database gives without an index; distances are float32, by difference."""

    most_points: int = MOST_POINTS
    """More points than this are refused, for the cross product would take hours."""
    threads: int = 1

    def __post_init__(self) -> None:
        if self.most_points < 1:
            raise ValueError(f"most_points is {self.most_points}, allowed is 1 or more")

    def start(self) -> None:
        """Open a database in memory that fetches nothing, with its temporary files below TMPDIR."""
        import duckdb

        self._database: Any = duckdb.connect(
            config={
                "threads": self.threads,
                "temp_directory": tempfile.gettempdir(),
                "autoinstall_known_extensions": False,
            }
        )

    def fit(self, points: Points) -> None:
        """Copy the points into a table of ids and arrays.

        Raises ValueError where they are more than ``most_points``.
        """
        import pyarrow as pa

        n_samples, n_features = points.shape
        self._n_samples = n_samples
        if n_samples > self.most_points:
            raise ValueError(f"{n_samples:,} points, most_points is {self.most_points:,}")
        vectors = pa.FixedSizeListArray.from_arrays(pa.array(points.ravel()), n_features)
        self._database.register("source", pa.table({"id": pa.array(np.arange(n_samples)), "v": vectors}))
        self._database.execute("DROP TABLE IF EXISTS points")
        create = f"CREATE TABLE points AS SELECT id, v::FLOAT[{n_features}] AS v FROM source"  # noqa: S608
        self._database.execute(create)
        self._database.unregister("source")
        self.details = {"growth": "quadratic"}

    def kneighbors(self, k: int) -> Iterator[Neighbors]:
        """Yield one block for each join."""
        for rows in _neighbors.row_ranges(self._n_samples, BLOCK_ROWS):
            join = JOIN.format(first=rows.start, last=rows.stop - 1, k=k + 1)
            found = self._database.execute(join).fetchnumpy()
            indices, distances = (found[name].reshape(len(rows), k + 1) for name in ("id", "distance"))
            yield Neighbors(rows, *_neighbors.without_self(rows, indices, distances))

    def close(self) -> None:
        """Close the database."""
        if hasattr(self, "_database"):
            self._database.close()


SNIPPET = (
    """\
import duckdb
import numpy as np
import pyarrow as pa

points = np.load($points)
n, d = points.shape
database = duckdb.connect(config={"threads": $threads})
vectors = pa.FixedSizeListArray.from_arrays(pa.array(points.ravel()), d)
database.register("source", pa.table({"id": pa.array(np.arange(n)), "v": vectors}))
database.execute(f"CREATE TABLE points AS SELECT id, v::FLOAT[{d}] AS v FROM source")
join = '''SELECT p.id AS id, array_distance(q.v, p.v) AS distance FROM points AS q
JOIN points AS p EXACT NEAREST {} BY DISTANCE array_distance(q.v, p.v) ORDER BY q.id, distance'''
found = database.execute(join.format($k + 1)).fetchnumpy()
indices, distances = (found[name].reshape(n, $k + 1) for name in ("id", "distance"))
"""  # noqa: S608 (no input but a number)
    + _neighbors.SNIPPET_WITHOUT_SELF
)

strategy = Entry(DuckDBNearest, exact=True, requires=("duckdb", "pyarrow"), snippet=SNIPPET)
