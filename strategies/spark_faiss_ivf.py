"""Faiss's inverted lists inside Spark: built on the driver, mapped by the workers of each host."""

from dataclasses import dataclass
from functools import partial
from typing import ClassVar

from bench.strategy import Entry
from strategies import _faiss_ivf
from strategies._spark.index import Distributed, Index


@dataclass
class SparkFaissIvf(Distributed):
    """Approximate; the workers of one host share the pages of one mapped file."""

    n_lists: int = 0
    """Lists that the points are divided into, 1 or more; 0 for 4 times the square root of their number."""
    n_probe: int = 16
    """Lists to look through for one query, 1 or more."""

    ways: ClassVar[tuple[str, ...]] = ("file", "path")
    """An index that is mapped is a file."""

    def __post_init__(self) -> None:
        super().__post_init__()
        _faiss_ivf.check(self.n_lists, self.n_probe)

    def index(self) -> Index:
        """Divide the points among lists; Faiss maps what it reads."""
        return Index(
            module="faiss",
            requires=("faiss-cpu", "pyspark"),
            fit=partial(_faiss_ivf.fit, n_lists=self.n_lists),
            save=_faiss_ivf.save,
            load=_faiss_ivf.load,
            search=partial(_faiss_ivf.search, n_probe=self.n_probe),
        )


strategy = Entry(
    SparkFaissIvf,
    exact=False,
    requires=("faiss-cpu", "pyspark", "java"),
    ladder=_faiss_ivf.LADDER,
)
