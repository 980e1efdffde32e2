"""A Spark task of the exact join: two leaf ranges joined, and how that went."""

import time
from collections.abc import Callable
from typing import Any


def run(
    work: tuple[Any, ...],
    *,
    load_core: Callable[[], None],
    load_points: Callable[[], Any],
    load_arrangement: Callable[[Any], Any],
    report: Callable[[float, float, int], tuple[Any, ...]],
) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    """Do what a ``Work`` says, in a Spark task; gives back the fields of ``Found`` and of a report.

    ``load_core`` loads the compiled core there, ``load_points`` gives the staged points, mapped, and
    ``load_arrangement`` what ``arrangement.read`` does; ``report`` says how the task went: when it began,
    when it had the points (``time.perf_counter``), the bytes it sends.
    """
    load_core()
    from allknn.exact import task

    began = time.perf_counter()
    ordered, screen = load_arrangement(load_points())
    loaded = time.perf_counter()
    found = task.find(ordered, screen, task.Work(*work))
    sent_bytes = sum(array.nbytes for array in found[:-1])
    return tuple(found), report(began, loaded, sent_bytes)
