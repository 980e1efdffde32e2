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
from itertools import pairwise
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from allknn.spark.leaf_tasks import LISTS, by_range, join_all, merged
from allknn.spark.messages import Message

Sent: TypeAlias = tuple[int, tuple[Any, ...]]


@dataclass(frozen=True)
class Plan:
    """What all tasks know."""

    load_core: Callable[[], None]
    """Loads the compiled core where a task runs."""
    load_points: Callable[[], NDArray[np.float32]]
    """Gives the staged points, mapped, where a task runs."""
    report: Callable[[float, float, int], tuple[Any, ...]]
    """Says how a task went: when it began, when it had the points (``time.perf_counter``), bytes sent."""
    k: int
    n: int
    """Points in all, equal ones counted once."""
    fan_out: int
    leaf_size: int
    seed: int
    groups: NDArray[np.int64]
    """(n_groups + 1,): the first bucket of each group, as tasks number them."""
    buckets: NDArray[np.int32]
    """(n_buckets,): which bucket has each of these numbers."""
    range_rows: int
    """Rows in a range."""
    n_ranges: int

    @property
    def n_groups(self) -> int:
        """How many groups of buckets there are."""
        return len(self.groups) - 1


def assign(parts: Iterable[tuple[int, int, bytes]], plan: Plan, leaders: Any) -> Iterator[Sent]:
    """Send each row to the buckets of its nearest leaders.

    ``parts`` are rows from, to, and which of them where not all; ``leaders`` is a broadcast of their tree.
    """
    plan.load_core()
    from allknn import _native_leaves
    from allknn.approximate.leaders import nearest_alone

    numbers = np.empty_like(plan.buckets)
    numbers[plan.buckets] = np.arange(len(plan.buckets))
    for start, stop, some in parts:
        began = time.perf_counter()
        points, sent_bytes = plan.load_points(), 0
        loaded = time.perf_counter()
        rows = np.frombuffer(some, np.int32) if some else np.arange(start, stop, dtype=np.int32)
        nearest = nearest_alone(points, rows, leaders.value, plan.fan_out)
        slots = np.where(nearest < 0, np.int32(-1), numbers[nearest])
        members, begin = _native_leaves.list_members(slots, len(numbers))
        for group, (first, last) in enumerate(zip(plan.groups[:-1], plan.groups[1:], strict=True)):
            sizes = np.diff(begin[first : last + 1]).astype(np.int32)
            own = members[begin[first] : begin[last]]
            if len(own):
                sent = sizes.tobytes(), rows[own].tobytes(), nearest[own, 0].tobytes()
                sent_bytes += sum(map(len, sent))
                yield group, (start, *sent)
        yield plan.n_groups, plan.report(began, loaded, sent_bytes)


def solve(group: int, arrived: Iterable[Sent], plan: Plan) -> Iterator[Sent]:
    """Join the points of each bucket of a group; send what it knows to the ranges of its rows."""
    if group == plan.n_groups:
        return
    plan.load_core()
    from allknn.approximate import buckets
    from allknn.approximate.lists import SharedLists

    began = time.perf_counter()
    points, sent_bytes = plan.load_points(), 0
    loaded = time.perf_counter()
    first, last = plan.groups[group], plan.groups[group + 1]
    members = _members(arrived, int(last - first))
    most = buckets.most_points(plan.fan_out)
    parts = [
        part._replace(members=rows[part.members])
        for number, rows in zip(plan.buckets[first:last].tolist(), members, strict=False)  # none came
        for part in buckets.parted(points, rows, number, np.arange(len(rows), dtype=np.int32), most)
    ]
    if parts:
        rows = np.concatenate([part.members for part in parts])
        begin = np.cumsum([0, *(len(part.members) for part in parts)]).tolist()
        own = [
            part._replace(members=np.arange(*some, dtype=np.int32))
            for part, some in zip(parts, pairwise(begin), strict=True)
        ]
        lists = SharedLists.empty(points, rows, rows, plan.k)
        join_all(lists, own, plan.n, plan.leaf_size, (plan.seed, 0))
        for to, _, known in by_range([(rows, lists.others, lists.distances)], plan.range_rows):
            sent = tuple(array.tobytes() for array in known)
            sent_bytes += sum(map(len, sent))
            yield to, sent
    sizes = np.array([len(part.members) for part in parts], np.int64)
    yield plan.n_ranges, (sizes, plan.report(began, loaded, sent_bytes))


def _members(arrived: Iterable[Sent], n_buckets: int) -> Iterator[NDArray[np.int32]]:
    """Put together what came for a group: the rows of each bucket, by their nearest bucket and by id."""
    came = sorted(part for _, part in arrived)
    parts = [tuple(np.frombuffer(array, np.int32) for array in arrays) for _, *arrays in came]
    begins = [np.append(0, np.cumsum(sizes)) for sizes, _, _ in parts]
    for bucket in range(n_buckets if parts else 0):
        pieces = [slice(begin[bucket], begin[bucket + 1]) for begin in begins]
        rows = np.concatenate([part[1][piece] for part, piece in zip(parts, pieces, strict=True)])
        nearest = np.concatenate([part[2][piece] for part, piece in zip(parts, pieces, strict=True)])
        yield rows[np.argsort(nearest, kind="stable")]


def merge(number: int, arrived: Iterable[Sent], plan: Plan) -> Iterator[tuple[Any, ...]]:
    """Merge what buckets know of a range of rows: its rows, ids, distances, and a report.

    The last place gives back the reports that came there.
    """
    if number == plan.n_ranges:
        yield from (what for _, what in arrived)
        return
    plan.load_core()
    began = time.perf_counter()
    came = (Message(number, LISTS, _arrays(what, plan.k)) for _, what in arrived)
    known = merged(came, number * plan.range_rows, plan.k, plan.range_rows)
    parts = tuple(array.tobytes() for array in known)
    yield *parts, plan.report(began, began, sum(map(len, parts)))


def _arrays(parts: tuple[bytes, ...], k: int) -> tuple[NDArray[Any], ...]:
    rows, ids, distances = (
        np.frombuffer(part, kind) for part, kind in zip(parts, (np.int32, np.int32, np.float32), strict=True)
    )
    return rows, ids.reshape(-1, k), distances.reshape(-1, k)
