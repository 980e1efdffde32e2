"""What a Spark task of the exact join does beside joining."""

import time
from collections.abc import Callable
from typing import Any

import numpy as np

from strategies import _spark_reports, _worker


def run(work: tuple[Any, ...], *, find_points: Callable[[], str]) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    """Do what a ``Work`` says, in a Spark task; gives back the fields of ``Found`` and of ``Report``."""
    from strategies import _join_task

    began = time.perf_counter()
    points = _worker.kept("points", find_points, lambda path: np.load(path, mmap_mode="r"))
    loaded = time.perf_counter()
    found = _join_task.find(points, _join_task.Work(*work))
    sent_bytes = found.sizes.nbytes + found.others.nbytes + found.nearness.nbytes
    return tuple(found), _spark_reports.report(began, loaded, sent_bytes)


def compile_there(_task: int) -> None:
    """Compile the join in a Python worker, before the clock of a query runs."""
    from strategies import _join_task

    toy = np.random.default_rng(0).random((300, 3), np.float32)
    _join_task.find(
        toy,
        _join_task.Work(
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
