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

Sent: TypeAlias = tuple[int, tuple[Any, ...]]
_KINDS: tuple[Any, Any] = np.int32, np.float32
"""Of ids and distances."""


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
    solved = [_join(points, part, plan) for part in parts]
    if solved:
        rows = np.concatenate([part.members for part in parts])
        ids, distances = (np.concatenate(lists) for lists in zip(*solved, strict=True))
        order = np.argsort(rows // plan.range_rows, kind="stable")
        begin = np.searchsorted(rows[order] // plan.range_rows, np.arange(plan.n_ranges + 1))
        for to in range(plan.n_ranges):
            own = order[begin[to] : begin[to + 1]]
            if len(own):
                sent = tuple(array[own].tobytes() for array in (rows, ids, distances))
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


def _join(
    points: NDArray[np.float32], part: Any, plan: Plan
) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """Return what the points of a bucket know of one another."""
    from allknn import _native_leaves
    from allknn.approximate.lists import Division, SharedLists

    rows = part.members
    lists = SharedLists.empty(points, rows, rows, plan.k)
    division = Division.of(plan.n, plan.leaf_size, plan.k)
    memory = _native_leaves.bucket_memory(len(rows), points.shape[1], plan.k, division)
    everyone = np.arange(len(rows), dtype=np.int32)
    _native_leaves.join_bucket(lists, everyone, division, part.seed(plan.seed, 0), memory)
    return lists.others, lists.distances


def merge(number: int, arrived: Iterable[Sent], plan: Plan) -> Iterator[tuple[Any, ...]]:
    """Merge what buckets know of a range of rows: its rows, ids, distances, and a report.

    The last place gives back the reports that came there.
    """
    from allknn import _native

    if number == plan.n_ranges:
        yield from (what for _, what in arrived)
        return
    plan.load_core()
    began = time.perf_counter()
    first = number * plan.range_rows
    ids = np.full((plan.range_rows, plan.k), -1, np.int32)
    distances = np.full(ids.shape, np.inf, np.float32)
    seen = np.zeros(plan.range_rows, np.bool_)
    for _, parts in arrived:
        rows = np.frombuffer(parts[0], np.int32) - np.int32(first)
        found, lengths = (np.frombuffer(part, kind) for part, kind in zip(parts[1:], _KINDS, strict=True))
        _native.merge_answers(rows, found.reshape(-1, plan.k), lengths.reshape(-1, plan.k), ids, distances)
        seen[rows] = True
    rows = np.flatnonzero(seen).astype(np.int32)
    parts = (rows + np.int32(first)).tobytes(), ids[rows].tobytes(), distances[rows].tobytes()
    yield *parts, plan.report(began, began, sum(map(len, parts)))
