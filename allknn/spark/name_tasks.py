"""What Spark's tasks do to give an answer the caller's ids: numbers sent to where the ids are, and back."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from allknn.spark.leaf_tasks import LISTS
from allknn.spark.messages import Message, read, written
from allknn.spark.point_tasks import GROUPS, NAMES, Starts

WANTED, NAMED = 20, 21
"""Kinds of messages: the range that asks and the numbers it asks for; who stands for these, and their ids."""


def ask(batches: Iterator[Any], *, part_starts: NDArray[np.int64]) -> Iterator[Any]:
    """Ask the parts for the ids of all points that are in an answer."""
    for range_number, _, (numbers, others, _) in read(batches):
        wanted = np.sort(np.concatenate((numbers, others.ravel())))
        wanted = wanted[np.append(wanted[0] >= 0, (wanted[1:] >= 0) & (wanted[1:] != wanted[:-1]))]
        begin = np.searchsorted(wanted, part_starts)
        yield from written(
            Message(part, WANTED, (range_number, wanted[begin[part] : begin[part + 1]]))
            for part in np.flatnonzero(np.diff(begin)).tolist()
        )


def reply(batches: Iterator[Any], *, starts: Starts, k: int, range_rows: int) -> Iterator[Any]:
    """Answer with the members of each group asked for and their ids.

    All of those for the range that has the first; others need the first k + 1.
    """
    import pyarrow as pa

    came = list(starts.numbered(read(batches)))
    named = [message.data for message in came if message.kind == NAMES]
    if not named:
        return
    groups = [message.data for message in came if message.kind == GROUPS]
    numbers = np.concatenate([data[0] for data in named] + [data[1] for data in groups])
    firsts = np.concatenate([data[0] for data in named + groups])
    ids = pa.concat_arrays([data[-1] for data in named + groups])
    order = np.lexsort((numbers, firsts))
    firsts, numbers = firsts[order], numbers[order]
    for message in came:
        if message.kind == WANTED:
            to, wanted = message.data
            rows, within = _members(firsts, wanted)
            rows = rows[(within <= k) | (firsts[rows] // range_rows == to)]
            yield from written([Message(to, NAMED, (firsts[rows], numbers[rows], ids.take(order[rows])))])


def _members(
    firsts: NDArray[np.int32], wanted: NDArray[np.int32]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return where in ``firsts`` the members of the groups ``wanted`` are, and their places within them."""
    begin = np.searchsorted(firsts, wanted)
    sizes = np.searchsorted(firsts, wanted, side="right") - begin
    within = np.arange(sizes.sum()) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    return np.repeat(begin, sizes) + within, within


def finish(batches: Iterator[Any], *, k: int, metric: str) -> Iterator[Any]:
    """Give the answers of a range the caller's ids: (id, neighbors)."""
    import pyarrow as pa

    from allknn.exact import duplicates

    came = list(read(batches))
    known = [message.data for message in came if message.kind == LISTS]
    if not known:
        return
    named = [message.data for message in came if message.kind == NAMED]
    firsts, members = (np.concatenate([data[i] for data in named]) for i in (0, 1))
    ids = pa.concat_arrays([data[2] for data in named])
    order = np.lexsort((members, firsts))
    firsts, members = firsts[order], members[order]
    numbers, others, distances = known[0]
    begin = np.flatnonzero(np.append(np.append(True, firsts[1:] != firsts[:-1]), True))
    if len(begin) <= len(members):
        groups = duplicates.Groups(members, begin)
        which, near = (np.searchsorted(groups.first, some) for some in (numbers, others))
        numbers, others, lengths = duplicates.expanded(groups, which, near, distances, k)
        distances = lengths.astype(np.float32)
    sorted_members = np.argsort(members, kind="stable")
    places = order[sorted_members]

    def name(some: NDArray[np.int32]) -> Any:
        return ids.take(pa.array(places[np.searchsorted(members[sorted_members], some)]))

    if metric == "cosine":
        distances = distances * distances / np.float32(2)
    held = others >= 0
    neighbors = pa.StructArray.from_arrays(
        [name(others[held]), pa.array(distances[held], pa.float32())], names=["id", "distance"]
    )
    offsets = pa.array(np.append(0, np.cumsum(held.sum(axis=1))).astype(np.int32))
    lists = pa.ListArray.from_arrays(offsets, neighbors)
    table = pa.RecordBatch.from_arrays([name(numbers), lists], ["id", "neighbors"])
    for start in range(0, table.num_rows, _ROWS_AT_ONCE):
        yield table.slice(start, _ROWS_AT_ONCE)


_ROWS_AT_ONCE = 1 << 13
