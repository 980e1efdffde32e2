"""What Spark's tasks do in the join by leaves.

``assign``  a range of rows -> for each group of buckets, the rows that belong to them
``solve``   a group of buckets -> for each range of rows, what the buckets know of them
``merge``   a range of rows -> their neighbors

Between them Spark carries pairs (where to, what): rows, ids and distances, never a vector. One
place more than there are groups, or ranges, takes the reports of those who sent.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from allknn.spark import leaf_tasks
from allknn.spark.leaf_tasks import LISTS, merged
from allknn.spark.messages import Message

Sent: TypeAlias = tuple[int, tuple[Any, ...]]
_ROWS_AT_ONCE = 1 << 13


@dataclass(frozen=True)
class Plan:
    """What all tasks know."""

    load_core: Callable[[], None]
    """Loads the compiled core where a task runs."""
    load_points: Callable[[], NDArray[np.float32]]
    """Gives the staged points, mapped, where a task runs."""
    report: Callable[[float, float, int], tuple[Any, ...]]
    """Says how a task went: when it began, when it had the points (``time.perf_counter``), bytes sent."""
    join: leaf_tasks.Plan
    """The numbers of points are their rows."""
    n_ranges: int


def assign(parts: Iterable[tuple[int, int, bytes]], plan: Plan, leaders: Any) -> Iterator[Sent]:
    """Send each row once to each group that has buckets of its nearest leaders.

    ``parts`` are rows from, to, and which of them where not all; ``leaders`` is a broadcast of their tree.
    """
    plan.load_core()
    for start, stop, some in parts:
        began = time.perf_counter()
        points, sent_bytes = plan.load_points(), 0
        loaded = time.perf_counter()
        rows = np.frombuffer(some, np.int32) if some else np.arange(start, stop, dtype=np.int32)
        for group, which, here, nearest in leaf_tasks.visits(points, rows, plan.join, leaders.value):
            sent = here.tobytes(), nearest.tobytes(), rows[which].tobytes()
            sent_bytes += sum(map(len, sent))
            yield group, sent
        yield plan.join.n_groups, plan.report(began, loaded, sent_bytes)


def solve(group: int, arrived: Iterable[Sent], plan: Plan) -> Iterator[Sent]:
    """Join the points of each bucket of a group; send what it knows to the ranges of its rows."""
    if group == plan.join.n_groups:
        return
    plan.load_core()
    began = time.perf_counter()
    points, sent_bytes = plan.load_points(), 0
    sizes: list[int] = []
    loaded = time.perf_counter()
    came = [[np.frombuffer(part, np.int32) for part in sent] for _, sent in arrived]
    if came:
        slots, nearest, rows = (np.concatenate(arrays) for arrays in zip(*came, strict=True))
        order = np.lexsort((rows, nearest))
        slots, rows = slots.reshape(-1, plan.join.fan_out)[order], rows[order]
        lists, sizes = leaf_tasks.joined(gathered(points, rows), rows, slots, plan.join)
        known = [(rows, lists.others, lists.distances)]
        for to, _, found in leaf_tasks.by_range(known, plan.join.range_rows):
            sent = tuple(array.tobytes() for array in found)
            sent_bytes += sum(map(len, sent))
            yield to, sent
    yield plan.n_ranges, (np.array(sizes, np.int64), plan.report(began, loaded, sent_bytes))


def gathered(points: NDArray[np.float32], rows: NDArray[np.int32]) -> NDArray[np.float32]:
    """Copy rows of a file in its order: one larger than memory is then read once, not anew for each row."""
    own, order = np.empty((len(rows), points.shape[1]), np.float32), np.argsort(rows)
    for start in range(0, len(rows), _ROWS_AT_ONCE):
        some = order[start : start + _ROWS_AT_ONCE]
        own[some] = points[rows[some]]
    return own


def merge(number: int, arrived: Iterable[Sent], plan: Plan) -> Iterator[tuple[Any, ...]]:
    """Merge what buckets know of a range of rows: its rows, ids, distances, and a report.

    The last place gives back the reports that came there.
    """
    if number == plan.n_ranges:
        yield from (what for _, what in arrived)
        return
    plan.load_core()
    began = time.perf_counter()
    k, range_rows = plan.join.k, plan.join.range_rows
    came = (Message(number, LISTS, _arrays(what, k)) for _, what in arrived)
    parts = tuple(array.tobytes() for array in merged(came, number * range_rows, k, range_rows))
    yield *parts, plan.report(began, began, sum(map(len, parts)))


def _arrays(parts: tuple[bytes, ...], k: int) -> tuple[NDArray[Any], ...]:
    rows, ids, distances = (
        np.frombuffer(part, kind) for part, kind in zip(parts, (np.int32, np.int32, np.float32), strict=True)
    )
    return rows, ids.reshape(-1, k), distances.reshape(-1, k)
