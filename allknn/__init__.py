"""All nearest neighbors: the k nearest other points of every point, exactly or approximately.

    neighbors.py  nearest_neighbors: the library in one line
    estimators.py scikit-learn's conventions on top of it
    inputs.py     what users hold vectors in, as an array, checked
    metrics.py    the metrics, as Euclidean distances of float32 points
    search.py     one search: which join answers it
    settling.py   candidates ranked in float64, and proven to be complete
    result.py     what a search gives back
    exact/        every pair of points computed once, or proven too far apart
    approximate/  many small leaves around random leaders, each solved exactly, merged
    two_sets/     the nearest points of queries
    spark/        what Spark's tasks do in either
    answers.py    Block: the neighbors of some points
    _native.py    the compiled core's functions, typed
    _native_screen.py  those for screens of the exact join
    _native_words.py   those for screens in whole numbers
    _native_leaves.py  those of the approximate join
    _arrays.py    arrays as the compiled core takes them, checked
    _library.py   the compiled core as a file: found, loaded once
    _core/        its C++: one object for each instruction set, chosen when loaded

It imports nothing of the harness or of the strategies around it.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from allknn.estimators import ApproximateNeighbors, ExactNeighbors
    from allknn.neighbors import nearest_neighbors
    from allknn.result import Result

__all__ = ["ApproximateNeighbors", "ExactNeighbors", "Result", "nearest_neighbors"]

_HOMES = {
    "ApproximateNeighbors": "estimators",
    "ExactNeighbors": "estimators",
    "Result": "result",
    "nearest_neighbors": "neighbors",
}


def __getattr__(name: str) -> Any:
    """Import what is asked for: a task of Spark, or one join, does without the rest."""
    if name == "spark":
        return import_module("allknn.spark")
    if name in _HOMES:
        return getattr(import_module(f"allknn.{_HOMES[name]}"), name)
    raise AttributeError(f"module 'allknn' has no attribute {name!r}")
