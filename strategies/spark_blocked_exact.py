"""The exact join of our library on Spark."""

from dataclasses import dataclass

from bench.strategy import Entry
from strategies._spark.exact_join import ExactJoin


@dataclass
class SparkBlockedExact(ExactJoin):
    """``blocked_exact`` with tasks instead of threads: the same bytes, whatever fails on the way."""


strategy = Entry(SparkBlockedExact, exact=True, requires=("pyspark", "java"))
