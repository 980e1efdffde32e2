"""The nearest neighbors known of each point, shared by threads, and how buckets are divided."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from allknn._native_leaves import LOCKS
from allknn.approximate import buckets

_FAN_OUT = 3
"""Leaves of a bucket that each of its points is in."""
_CAP = 4
"""No leaf holds more than this many times what is to be expected."""


class SharedLists(NamedTuple):
    """All points that are joined, each at its position, and the nearest known of each."""

    points: NDArray[np.float32]
    """(rows, n_features)."""
    rows: NDArray[np.int32] | None
    """(n,): the row of ``points`` with the point at each position; None where it is that of its number."""
    ids: NDArray[np.int32]
    """(n,): the id of the point at each position."""
    others: NDArray[np.int32]
    """(n, k): ids by (distance, id), -1 where there is none yet."""
    distances: NDArray[np.float32]
    """(n, k): Euclidean; inf where there is none yet."""
    locks: NDArray[np.uint8]

    @staticmethod
    def empty(
        points: NDArray[np.float32], rows: NDArray[np.int32] | None, ids: NDArray[np.int32], k: int
    ) -> "SharedLists":
        """Lists that hold nobody yet."""
        shape = len(ids), k
        others, distances = np.full(shape, -1, np.int32), np.full(shape, np.inf, np.float32)
        return SharedLists(points, rows, ids, others, distances, np.zeros(LOCKS, np.uint8))


class Division(NamedTuple):
    """How a bucket is divided into leaves."""

    leaf_size: int
    """Points of a leaf, on average."""
    fan_out: int
    """Leaves that each point is in."""
    most: int
    """Points that a leaf may have; a larger one is halved."""

    @staticmethod
    def of(n: int, leaf_size: int, k: int) -> "Division":
        """How buckets of ``n`` points in all are divided; few points are one leaf."""
        if n <= buckets.SMALL:
            return Division(buckets.SMALL, 1, buckets.SMALL)
        size = max(leaf_size, 4 * k)
        return Division(size, _FAN_OUT, _CAP * size)
