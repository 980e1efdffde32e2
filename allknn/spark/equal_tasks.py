"""What Spark's tasks do about equal points: find them, leave all but the first of each group out."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from allknn.spark.messages import Message, read, unpacked, written
from allknn.spark.point_tasks import DROPPED, GROUPS, NAMES, POINTS, Starts, blocks


def spread(batches: Iterator[Any], *, starts: Starts, n_places: int) -> Iterator[Any]:
    """Send points (part, block, points, hashes, ids) to where equal ones meet: numbers, digests, ids."""

    def messages() -> Iterator[Message]:
        for _, numbers, (hashes, names) in blocks(batches, starts):
            digests = np.frombuffer(hashes, np.uint64).reshape(-1, 2)
            ids = unpacked(names)
            places = (digests[:, 0] % np.uint64(n_places)).astype(np.int32)
            for place in np.unique(places).tolist():
                own = np.flatnonzero(places == place)
                yield Message(place, POINTS, (numbers[own], digests[own], ids.take(own)))

    yield from written(messages())


def meet(batches: Iterator[Any], *, part_starts: NDArray[np.int64]) -> Iterator[Any]:
    """Tell the parts of points that are equal to others: which numbers to drop, and who is in a group.

    The others of a group go to the part of its first: the first's number, their own, their ids.
    """
    import pyarrow as pa

    came = [message.data for message in read(batches)]
    if not came:
        return
    numbers, digests = (np.concatenate(arrays) for arrays in list(zip(*came, strict=True))[:2])
    ids = pa.concat_arrays([names for _, _, names in came])
    order = np.lexsort((numbers, digests[:, 1], digests[:, 0]))
    fresh = np.append(True, (digests[order[1:]] != digests[order[:-1]]).any(axis=1))
    if fresh.all():
        return
    firsts = numbers[order[np.maximum.accumulate(np.where(fresh, np.arange(len(order)), 0))]]
    others = np.flatnonzero(~fresh)
    others = others[np.lexsort((numbers[order[others]], firsts[others]))]
    dropped, firsts, names = numbers[order[others]], firsts[others], ids.take(order[others])

    def messages() -> Iterator[Message]:
        homes = np.searchsorted(part_starts, dropped, side="right") - 1
        for part in np.unique(homes).tolist():
            yield Message(part, DROPPED, (np.sort(dropped[homes == part]),))
        homes = np.searchsorted(part_starts, firsts, side="right") - 1
        for part in np.unique(homes).tolist():
            own = np.flatnonzero(homes == part)
            yield Message(part, GROUPS, (firsts[own], dropped[own], names.take(own)))

    yield from written(messages())


def leave_out(batches: Iterator[Any]) -> Iterator[Any]:
    """Leave out what is dropped of the points of a part, or of their ids; groups are passed on."""
    came = list(read(batches))
    none = np.empty(0, np.int32)
    dropped = np.concatenate([none, *(message.data[0] for message in came if message.kind == DROPPED)])
    for message in came:
        if message.kind in (POINTS, NAMES):
            numbers, what = message.data
            kept = np.flatnonzero(~np.isin(numbers, dropped))
            what = what[kept] if message.kind == POINTS else what.take(kept)
            yield from written([message._replace(data=(numbers[kept], what))])
        elif message.kind == GROUPS:
            yield from written([message])


def count(batches: Iterator[Any]) -> Iterator[Any]:
    """Yield how many points of a part are left, as (part, points)."""
    import pyarrow as pa

    counts = Counter[int]()
    for message in read(batches):
        counts[message.to] += len(message.data[0])
    columns = [pa.array(list(column), pa.int32()) for column in (counts.keys(), counts.values())]
    yield pa.RecordBatch.from_arrays(columns, ["part", "points"])
