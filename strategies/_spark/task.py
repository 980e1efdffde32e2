"""What a Spark task does, in a Python worker: load the index once, answer a range of rows, say how it went.

It travels to the workers by value: nothing of this project need be installed there.
"""

import gc
import sys
import time
from collections.abc import Callable
from types import ModuleType
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from strategies import _neighbors
from strategies._spark import task_reports

Search: TypeAlias = Callable[
    [Any, NDArray[np.float32], range, int, int], tuple[NDArray[np.int32], NDArray[np.float32]]
]
"""(index, points, rows, k, threads) -> ids and distances of shape (rows, k)."""

_KEPT = "_allknn_kept"
"""The module that keeps what is loaded: a worker's functions arrive anew, globals and all, with each task."""


class Record(NamedTuple):
    """What one task brings back."""

    part: int
    report: tuple[Any, ...]
    """The fields of a ``Report``."""
    indices: bytes
    distances: bytes


def answer(
    part: int,
    *,
    n_parts: int,
    shape: tuple[int, int],
    k: int,
    find_points: Callable[[], str],
    find_index: Callable[[], Any],
    search: Search,
    write: Callable[[int, NDArray[np.int32], NDArray[np.float32]], None] | None,
) -> tuple[Any, ...]:
    """Answer partition number ``part`` of ``n_parts``; return the fields of a ``Record``.

    ``find_points`` gives the path of a ``.npy`` file there, ``find_index`` the loaded index.
    """
    from pyspark import TaskContext

    task = TaskContext.get()
    if task is None:
        raise RuntimeError("this is no Spark task")
    rows = _neighbors.row_range(shape[0], n_parts, part)
    began = time.perf_counter()
    points = mapped_points(find_points)
    index = find_index()
    keep_imports()
    loaded = time.perf_counter()
    indices, distances = search(index, points, rows, k, task.cpus())
    searched = time.perf_counter()
    if write is not None:
        write(rows.start, indices, distances)
    report = task_reports.report(began, loaded, indices.nbytes + distances.nbytes, searched)
    return part, report, indices.tobytes(), distances.tobytes()


def kept(name: str, find: Callable[[], str], load: Callable[[str], Any]) -> Any:
    """Return what this worker has loaded from a path, loading it where the path is a new one.

    One thing is kept under each name: what was loaded from another path before is let go first.
    """
    shelf = sys.modules.setdefault(_KEPT, ModuleType(_KEPT)).__dict__
    path = find()
    if shelf.get(name, ("",))[0] != path:
        shelf.pop(name, None)
        shelf[name] = (path, load(path))
    return shelf[name][1]


def mapped_points(find: Callable[[], str]) -> NDArray[np.float32]:
    """Map the staged points, whose path ``find`` gives there, for reading, in a plain array."""
    points: NDArray[np.float32] = kept("points", find, lambda path: np.asarray(np.load(path, mmap_mode="r")))
    return points


def keep_imports() -> None:
    """Take what is imported out of garbage collection, once in a worker: PySpark collects after each task."""
    shelf = sys.modules.setdefault(_KEPT, ModuleType(_KEPT)).__dict__
    if "frozen" not in shelf:
        gc.collect()
        gc.freeze()
        shelf["frozen"] = True
