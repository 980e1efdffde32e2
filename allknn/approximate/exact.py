"""The exact neighbors of a few points among all: to judge by, and where too few others were met."""

from concurrent.futures import Executor

import numpy as np
from numpy.typing import NDArray

from allknn import _native
from allknn.exact import order
from allknn.exact.points import OrderedPoints

_ROUNDING = 1 + 1e-6
"""More than rounding a distance to float32 takes away."""


def search(
    points: OrderedPoints, positions: NDArray[np.int64], bounds: NDArray[np.float32]
) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
    """Return the ids of the nearest points of some positions, at most LEAF, and their squared distances.

    ``bounds``, (positions, neighbors), are distances to as many others.
    """
    ids, squared = np.empty(bounds.shape, np.int32), (bounds.astype(np.float64) * _ROUNDING) ** 2
    _native.search(points, positions, ids, squared)
    return ids, squared


def complete(
    points: NDArray[np.float32],
    everyone: NDArray[np.int32],
    positions: NDArray[np.int64],
    ids: NDArray[np.int32],
    distances: NDArray[np.float32],
    pool: Executor,
) -> int:
    """Search among ``everyone`` for neighbors of those that met fewer than k others; return how many.

    ``ids`` and ``distances``, (positions, k), are the answers of the points at ``positions`` of ``everyone``.
    """
    width = min(ids.shape[1], len(everyone) - 1)
    short = np.flatnonzero(ids[:, width - 1] < 0) if width else np.empty(0, np.int64)
    if len(short):
        ordered = order.measured(points, everyone)

        def search_some(rows: NDArray[np.int64]) -> None:
            found, squared = search(ordered, positions[rows], distances[rows, :width])
            ids[rows, :width], distances[rows, :width] = found, np.sqrt(squared)

        list(pool.map(search_some, np.array_split(short, -(-len(short) // _native.LEAF))))
    return len(short)
