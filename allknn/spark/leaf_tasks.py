"""What Spark's tasks do in the join by leaves, whatever carries their messages.

``pick``    points of a part -> those drawn
``assign``  points of a part -> for each group of buckets, the points that belong to them
``solve``   a group of buckets -> for each range of numbers, what the buckets know of them
``merge``   a range of numbers -> the nearest known of each
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from allknn.approximate.leaders import LeaderTree
from allknn.spark.messages import Message, read, written
from allknn.spark.point_tasks import Starts

if TYPE_CHECKING:
    from allknn.approximate.lists import SharedLists

LISTS, EXACT = 10, 11
"""Kinds of messages: numbers, ids and distances, (rows, k), as they are known, and as they are in truth."""
_SENT_AT_ONCE = 1 << 26
"""Bytes of points, about, after which they are sent."""


@dataclass(frozen=True)
class Plan:
    """What all tasks of a round know."""

    k: int
    n: int
    """Points in all, equal ones counted once."""
    fan_out: int
    leaf_size: int
    seed: int
    round_number: int
    groups: NDArray[np.int32]
    """(buckets,): the group of each."""
    range_rows: int
    """Numbers in a range."""

    @property
    def n_groups(self) -> int:
        """How many groups of buckets there are."""
        return int(self.groups[-1]) + 1


def by_region(tree: LeaderTree, wanted: int) -> NDArray[np.int32]:
    """Return the group of each bucket, about as many as ``wanted``: leaders that lie together in the tree.

    So a point has several of its buckets in one group, and what they know of it is one list there.
    """
    is_leader = tree.bias[tree.last :] > -np.inf
    n_leaders = int(is_leader.sum())
    n_groups = max(1, min(wanted, n_leaders))
    before: NDArray[np.int64] = np.cumsum(is_leader) - is_leader
    return np.asarray(np.minimum(before * n_groups // n_leaders, n_groups - 1), np.int32)


def pick(
    batches: Iterator[Any], *, starts: Starts, ranks: NDArray[np.int64], part_ranks: NDArray[np.int64]
) -> Iterator[Any]:
    """Yield the points of some ranks among all: numbers, points, which of ``ranks``, ascending, they are.

    All points of a part come to the same task.
    """
    came = starts.numbered(read(batches))
    passed = Counter[int]()
    for part, _, (numbers, points) in sorted(came, key=lambda message: int(message.data[0][0])):
        first = int(part_ranks[part]) + passed[part]
        passed[part] += len(numbers)
        which = np.arange(*np.searchsorted(ranks, [first, first + len(numbers)]))
        own = ranks[which] - first
        if len(own):
            yield from written([Message(part, LISTS, (numbers[own], points[own], which))])


def assign(batches: Iterator[Any], *, starts: Starts, plan: Plan, tree: LeaderTree) -> Iterator[Any]:
    """Send each point to the buckets of its nearest leaders, which are in groups."""
    held: list[tuple[NDArray[Any], ...]] = []
    size = 0
    for message in starts.numbered(read(batches)):
        held.append(message.data)
        size += message.data[1].nbytes
        if size * plan.fan_out > _SENT_AT_ONCE:
            yield from written(_assigned(held, plan, tree))
            held, size = [], 0
    if held:
        yield from written(_assigned(held, plan, tree))


def _assigned(held: list[tuple[NDArray[Any], ...]], plan: Plan, tree: LeaderTree) -> Iterator[Message]:
    numbers, points = (np.concatenate(arrays) for arrays in zip(*held, strict=True))
    for group, which, *found in visits(points, np.arange(len(points), dtype=np.int32), plan, tree):
        yield Message(group, LISTS, (*found, numbers[which], points[which]))


def visits(
    points: NDArray[np.float32], rows: NDArray[np.int32], plan: Plan, tree: LeaderTree
) -> Iterator[tuple[int, NDArray[np.int64], NDArray[np.int32], NDArray[np.int32]]]:
    """Give ``rows`` of the points to groups, each once: which of them, their buckets there, their nearest."""
    from allknn.approximate.leaders import nearest_alone

    buckets = nearest_alone(points, rows, tree, plan.fan_out)
    groups = np.where(buckets < 0, -1, plan.groups[buckets])
    pairs = np.unique((groups * np.int64(len(rows)) + np.arange(len(rows))[:, None])[groups >= 0])
    for own in np.split(pairs, np.flatnonzero(np.diff(pairs // len(rows))) + 1):
        group, which = int(own[0] // len(rows)), own % len(rows)
        here = np.where(groups[which] == group, buckets[which], np.int32(-1))
        yield group, which, here, buckets[which, 0]


def solve(batches: Iterator[Any], *, plan: Plan) -> Iterator[Any]:
    """Join the points of each bucket of a group; send what is known then to the ranges of its points."""
    came = [message.data for message in read(batches)]
    if not came:
        return
    slots, nearest, numbers, points = (np.concatenate(arrays) for arrays in zip(*came, strict=True))
    order = np.lexsort((numbers, nearest))
    lists, _ = joined(points[order], numbers[order], slots[order], plan)
    yield from written(by_range([(lists.ids, lists.others, lists.distances)], plan.range_rows))


def joined(
    points: NDArray[np.float32], numbers: NDArray[np.int32], slots: NDArray[np.int32], plan: Plan
) -> tuple["SharedLists", list[int]]:
    """Join the points of each bucket of a group; return their lists, and how many each bucket had.

    ``points`` are in the order of their nearest buckets and of ``numbers``; ``slots``, (points, fan_out), are
    the buckets of each in this group.
    """
    from allknn import _native_leaves
    from allknn.approximate import buckets
    from allknn.approximate.lists import Division, SharedLists

    everyone = np.arange(len(numbers), dtype=np.int32)
    own = buckets.listed(points, everyone, buckets.Slots(slots, len(plan.groups)))
    sizes = [len(bucket.members) for bucket in own]
    lists = SharedLists.empty(points, None, numbers, plan.k)
    division = Division.of(plan.n, plan.leaf_size, plan.k)
    memory = _native_leaves.bucket_memory(max(sizes, default=0), points.shape[1], plan.k, division)
    for bucket in own:
        seed = bucket.seed(plan.seed, plan.round_number)
        _native_leaves.join_bucket(lists, bucket.members, division, seed, memory)
    return lists, sizes


def by_range(known: Sequence[tuple[NDArray[Any], ...]], range_rows: int) -> Iterator[Message]:
    """Cut what is known of numbers, which come first, into a message for each range of them."""
    arrays = [np.concatenate(some) for some in zip(*known, strict=True)]
    ranges = arrays[0] // range_rows
    if not len(ranges):
        return
    order = np.argsort(ranges, kind="stable")
    for own in np.split(order, np.flatnonzero(np.diff(ranges[order])) + 1):
        yield Message(int(ranges[own[0]]), LISTS, tuple(array[own] for array in arrays))


def merge(batches: Iterator[Any], *, k: int, range_rows: int) -> Iterator[Any]:
    """Merge what is known of a range of numbers into one message, by number; the truth replaces it."""
    came = sorted(read(batches), key=lambda message: message.kind)
    if came:
        to = came[0].to
        yield from written([Message(to, LISTS, merged(came, to * range_rows, k, range_rows))])


def merged(
    came: Iterable[Message], first: int, k: int, range_rows: int
) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.float32]]:
    """Return what is known of the numbers from ``first`` on: these, ids, distances."""
    from allknn import _native

    ids = np.full((range_rows, k), -1, np.int32)
    distances = np.full(ids.shape, np.inf, np.float32)
    seen = np.zeros(range_rows, np.bool_)
    for _, kind, (numbers, others, lengths) in came:
        rows = numbers - np.int32(first)
        if kind == LISTS:
            _native.merge_answers(rows, others, lengths, ids, distances)
        else:
            ids[rows], distances[rows] = others, lengths
        seen[rows] = True
    rows = np.flatnonzero(seen).astype(np.int32)
    return rows + np.int32(first), ids[rows], distances[rows]


def look(batches: Iterator[Any], *, wanted: NDArray[np.int32]) -> Iterator[Any]:
    """Yield what is known of some numbers, ascending: these, distances; how many of all know fewer than k."""
    for to, _, (numbers, others, distances) in read(batches):
        rows = np.flatnonzero(np.isin(numbers, wanted))
        short = (others < 0).sum(axis=0)
        yield from written([Message(to, LISTS, (numbers[rows], distances[rows], short))])
