"""Annoy inside Spark: the forest saved to a file, the file shipped to the executors, mapped there."""

from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar

from bench.strategy import Entry
from strategies import _annoy
from strategies._spark.index import Distributed, Index


def describe(index: Any) -> dict[str, float | str]:
    """Say whether the forest could be broadcast instead."""
    return {"picklable": _annoy.picklable(index)}


@dataclass
class SparkAnnoy(Distributed):
    """Approximate; the workers of one host share the pages of one mapped file."""

    n_trees: int = 8
    """Trees in the forest, 1 or more."""
    search_k: int = -1
    """Candidates to look at for one query; -1 for n_trees * (k + 1)."""
    build_threads: int = 1
    """Threads that grow trees on the driver, 1 or more: the forest differs with it, at the same seed."""
    seed: int = 0

    ways: ClassVar[tuple[str, ...]] = ("file", "path")
    """A forest cannot be pickled."""

    def __post_init__(self) -> None:
        super().__post_init__()
        _annoy.check(self.n_trees, self.search_k, self.build_threads, self.seed)

    def index(self) -> Index:
        """Grow a forest and save it; Annoy maps what it loads."""
        return Index(
            module="annoy",
            requires=("annoy", "pyspark"),
            fit=partial(_annoy.grow, n_trees=self.n_trees, build_threads=self.build_threads, seed=self.seed),
            save=_annoy.save,
            load=_annoy.load,
            search=partial(_annoy.search_in_threads, search_k=self.search_k),
            describe=describe,
        )


strategy = Entry(
    SparkAnnoy,
    exact=False,
    requires=("annoy", "pyspark", "java"),
    ladder=_annoy.LADDER,
)
