"""A Spark task of the exact join: two leaf ranges joined, and how that went."""

import time
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray


def run(
    work: tuple[Any, ...],
    *,
    load_core: Callable[[], None],
    load_points: Callable[[], NDArray[np.float32]],
    report: Callable[[float, float, int], tuple[Any, ...]],
) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    """Do what a ``Work`` says, in a Spark task; gives back the fields of ``Found`` and of a report.

    ``load_core`` loads the compiled core there, ``load_points`` gives the staged points, mapped; ``report``
    says how the task went: when it began, when it had the points (``time.perf_counter``), the bytes it sends.
    """
    load_core()
    from allknn.exact import task

    began = time.perf_counter()
    points = load_points()
    loaded = time.perf_counter()
    found = task.find(points, task.Work(*work))
    sent_bytes = found.sizes.nbytes + found.others.nbytes + found.nearness.nbytes
    return tuple(found), report(began, loaded, sent_bytes)
