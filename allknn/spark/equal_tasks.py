"""What Spark's tasks do about equal points: find them, leave all but the first of each group out."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from allknn.spark.messages import Message, read, written
from allknn.spark.point_tasks import DROPPED, GROUPS, NAMES, POINTS, Starts, taken


def spread(batches: Iterator[Any], *, starts: Starts, n_places: int) -> Iterator[Any]:
    """Send the digests of points to where equal ones meet: numbers, digests."""

    def messages() -> Iterator[Message]:
        for _, _, (numbers, digests) in starts.numbered(read(batches)):
            places = digests[:, 0] % np.uint64(n_places)
            for place in np.unique(places).tolist():
                own = np.flatnonzero(places == place)
                yield Message(place, POINTS, (numbers[own], digests[own]))

    yield from written(messages())


def meet(batches: Iterator[Any], *, part_starts: NDArray[np.int64]) -> Iterator[Any]:
    """Tell the parts of points that are equal to earlier ones: which numbers, and the first of those."""
    came = [message.data for message in read(batches)]
    if not came:
        return
    numbers, digests = (np.concatenate(arrays) for arrays in zip(*came, strict=True))
    order = np.lexsort((numbers, digests[:, 1], digests[:, 0]))
    fresh = np.append(True, (digests[order[1:]] != digests[order[:-1]]).any(axis=1))
    firsts = numbers[order[np.maximum.accumulate(np.where(fresh, np.arange(len(order)), 0))]]
    dropped, firsts = numbers[order[~fresh]], firsts[~fresh]
    yield from written(
        Message(part, DROPPED, (dropped[own], firsts[own])) for part, own in _by_part(dropped, part_starts)
    )


def _by_part(
    numbers: NDArray[np.int32], part_starts: NDArray[np.int64]
) -> Iterator[tuple[int, NDArray[np.intp]]]:
    """Yield the parts that numbers lie in, and which of them do so, ascending."""
    order = np.argsort(numbers, kind="stable")
    begin = np.searchsorted(numbers[order], part_starts)
    for part in np.flatnonzero(np.diff(begin)).tolist():
        yield part, order[begin[part] : begin[part + 1]]


def leave_out(batches: Iterator[Any], *, starts: Starts, part_starts: NDArray[np.int64]) -> Iterator[Any]:
    """Leave out what is dropped of the points of a part, or of their ids.

    Such ids go, by groups, to the part of the first: its number, their own, these ids.
    """
    came = list(starts.numbered(read(batches)))
    told = [message.data for message in came if message.kind == DROPPED]
    none = np.empty(0, np.int32)
    dropped, firsts = (np.concatenate([none, *(data[i] for data in told)]) for i in (0, 1))
    order = np.argsort(dropped)
    dropped, firsts = dropped[order], firsts[order]
    for message in came:
        if message.kind == DROPPED:
            continue
        numbers, what = message.data
        left = np.isin(numbers, dropped)
        kept = np.flatnonzero(~left)
        if len(kept):
            yield from written([message._replace(data=(numbers[kept], taken(what, kept)))])
        if message.kind == NAMES and left.any():
            rows = np.flatnonzero(left)
            equal_to = firsts[np.searchsorted(dropped, numbers[rows])]
            yield from written(
                Message(part, GROUPS, (equal_to[own], numbers[rows[own]], what.take(rows[own])))
                for part, own in _by_part(equal_to, part_starts)
            )


def count(batches: Iterator[Any]) -> Iterator[Any]:
    """Yield how many points of a part are left, as (part, points)."""
    import pyarrow as pa

    counts = Counter[int]()
    for message in read(batches):
        counts[message.to] += len(message.data[0])
    columns = [pa.array(list(column), pa.int32()) for column in (counts.keys(), counts.values())]
    yield pa.RecordBatch.from_arrays(columns, ["part", "points"])
