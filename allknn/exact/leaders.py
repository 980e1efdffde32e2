"""Bounds of all points from leaves around random leaders, where leaves nearby tell too little."""

from concurrent.futures import Executor
from queue import SimpleQueue
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from allknn import _native_leaves, _native_screen
from allknn.approximate import buckets
from allknn.approximate.lists import Division, SharedLists
from allknn.exact.points import OrderedPoints

if TYPE_CHECKING:
    from allknn.exact.screen import Screen

_FAN_OUT, _LEAF_SIZE = 2, 250
_BLOCK_ROWS = 1 << 12


def bounds(
    screen: "Screen", ordered: OrderedPoints, k: int, kept: int, pool: Executor, threads: int
) -> NDArray[np.float32]:
    """Return how near another must be to be among the k nearest of the point at each position.

    The candidates, ``kept`` for each, are what one round of the approximate join of the components finds.
    """
    rows, n = screen.rows, len(ordered.order)
    ids = np.arange(n, dtype=np.int32)
    lists = SharedLists.empty(rows, None, ids, kept)
    slots = buckets.find(rows, ids, _FAN_OUT, buckets.plant(rows, ids, [0, 0]), pool)
    found, division = buckets.listed(rows, ids, slots), Division.of(n, _LEAF_SIZE, kept)
    free: SimpleQueue[NDArray[np.uint8]] = SimpleQueue()
    largest = max(len(bucket.members) for bucket in found)
    for _ in range(threads):
        free.put(_native_leaves.bucket_memory(largest, rows.shape[1], kept, division))

    def join(bucket: buckets.Bucket) -> None:
        memory = free.get()
        try:
            _native_leaves.join_bucket(lists, bucket.members, division, bucket.seed(0, 0), memory)
        finally:
            free.put(memory)

    list(pool.map(join, found))
    nearness = np.empty(n, np.float32)

    def measure(start: int) -> None:
        stop = min(start + _BLOCK_ROWS, n)
        _native_screen.bound_measured(ordered, screen, lists.others, k, start, stop, nearness)

    list(pool.map(measure, range(0, n, _BLOCK_ROWS)))
    return nearness
