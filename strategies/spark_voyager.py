"""Voyager's graph inside Spark: built on the driver, loaded by each Python worker from one file."""

from dataclasses import dataclass
from functools import partial
from typing import ClassVar

from bench.strategy import Entry
from strategies import _voyager
from strategies._spark.index import Distributed, Index


@dataclass
class SparkVoyager(Distributed):
    """Approximate; Voyager maps no files, so each worker holds a graph: ``fat`` tasks have one a host."""

    m: int = 12
    """Links of a point in the graph, 1 or more."""
    ef_construction: int = 200
    """Candidates held while a point is linked, 1 or more."""
    ef: int = 10
    """Candidates held in a query, 1 or more; at least k + 1 are."""
    build_threads: int = 1
    """Threads that link points on the driver, 1 or more; of several, the graph depends on who came first."""
    seed: int = 1

    ways: ClassVar[tuple[str, ...]] = ("file", "path")
    """A graph cannot be pickled."""

    def __post_init__(self) -> None:
        super().__post_init__()
        _voyager.check(self.m, self.ef_construction, self.ef, self.seed)
        if self.build_threads < 1:
            raise ValueError(f"build_threads is {self.build_threads}, allowed is 1 or more")

    def index(self) -> Index:
        """Link the points on the driver; save and load as Voyager does."""
        return Index(
            module="voyager",
            requires=("voyager", "pyspark"),
            fit=partial(
                _voyager.build,
                m=self.m,
                ef_construction=self.ef_construction,
                seed=self.seed,
                threads=self.build_threads,
            ),
            save=_voyager.save,
            load=_voyager.load,
            search=partial(_voyager.search, ef=self.ef),
        )


strategy = Entry(SparkVoyager, exact=False, requires=("voyager", "pyspark", "java"), ladder=_voyager.LADDER)
