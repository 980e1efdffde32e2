"""A Spark task of the exact join: two stretches of points joined, and how that went."""

import time
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray


def run(
    work: tuple[Any, ...],
    *,
    load_points: Callable[[], NDArray[np.float32]],
    report: Callable[[float, float, int], tuple[Any, ...]],
) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    """Do what a ``Work`` says, in a Spark task; gives back the fields of ``Found`` and of a report.

    ``load_points`` gives the staged points, mapped; ``report`` says how the task went: when it began, when it
    had the points (``time.perf_counter``), and the bytes it sends.
    """
    from allknn.exact import task

    began = time.perf_counter()
    points = load_points()
    loaded = time.perf_counter()
    found = task.find(points, task.Work(*work))
    sent_bytes = found.sizes.nbytes + found.others.nbytes + found.nearness.nbytes
    return tuple(found), report(began, loaded, sent_bytes)


def compile_there(_task: int) -> None:
    """Compile the join in a Python worker, before the clock of a query runs."""
    from allknn.exact import task

    toy = np.random.default_rng(0).random((300, 3), np.float32)
    task.find(
        toy,
        task.Work(
            order=np.arange(len(toy), dtype=np.int32),
            leaf_at=np.array([0, 150, 300]),
            centers=np.full((2, 3), 0.5),
            radii=np.ones(2),
            first=1,
            bounds=np.full(len(toy), -np.inf, np.float32),
            kept=3,
            scale=0.5,
        ),
    )
