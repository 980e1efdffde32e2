"""Points put into an order in which near ones come together, leaf by leaf."""

from collections import deque
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait

import numpy as np
from numpy.typing import NDArray

from allknn import _native
from allknn.exact.points import OrderedPoints

_ALONE = 1 << 14
"""So many points are sorted on in one go."""
_LEAVES_AT_ONCE = 1 << 8


def arrange(points: NDArray[np.float32], chosen: NDArray[np.int32], pool: Executor) -> OrderedPoints:
    """Order the ``chosen`` points by halving them until leaves, and in these panels, are left.

    Each time they are cut across the first principal component of a sample, found by power iteration.
    """
    order = chosen.copy()
    _in_parallel(points, order, pool)
    return measured(points, order, pool=pool)


def halved(rows: NDArray[np.float32], pool: Executor) -> NDArray[np.int32]:
    """Return the order of all rows, halved in the same way."""
    order = np.arange(len(rows), dtype=np.int32)
    _in_parallel(rows, order, pool)
    return order


def measured(
    points: NDArray[np.float32],
    order: NDArray[np.int32],
    scale: float | None = None,
    n_first: int = 0,
    pool: Executor | None = None,
) -> OrderedPoints:
    """Cut an order of points into leaves; ``scale`` is found where it is not known.

    No leaf has some of the first ``n_first`` points and some of the others.
    """
    starts = np.arange(0, n_first, _native.LEAF), np.arange(n_first, len(order), _native.LEAF)
    leaf_at = np.concatenate((*starts, [len(order)]))
    n_leaves = len(leaf_at) - 1
    centers, radii = np.empty((n_leaves, points.shape[1])), np.empty(n_leaves)

    def measure(first: int) -> None:
        here = slice(first, first + _LEAVES_AT_ONCE)
        ends = leaf_at[first : first + _LEAVES_AT_ONCE + 1]
        _native.measure_leaves(points, order, ends, centers[here], radii[here])

    list((pool.map if pool else map)(measure, range(0, n_leaves, _LEAVES_AT_ONCE)))
    if scale is not None:
        return OrderedPoints(points, order, leaf_at, centers, radii, scale)
    mean = centers.mean(axis=0)
    reach = float((np.sqrt(((centers - mean) ** 2).sum(axis=1)) + radii).max())
    scale = 2.0 ** -np.ceil(np.log2(reach)) if reach > 0 else 1.0
    return OrderedPoints(points, order, leaf_at, centers, radii, float(scale))


def _in_parallel(points: NDArray[np.float32], order: NDArray[np.int32], pool: Executor) -> None:
    ranges = deque([(0, len(order))])
    running: dict[Future[int | None], tuple[int, int]] = {}
    while ranges or running:
        while ranges:
            start, stop = ranges.popleft()
            if stop - start > _ALONE:
                running[pool.submit(_native.halve, points, order, start, stop)] = (start, stop)
            else:
                running[pool.submit(_native.halve_all, points, order, start, stop)] = (start, stop)
        done, _ = wait(running, return_when=FIRST_COMPLETED)
        for future in done:
            start, stop = running.pop(future)
            if middle := future.result():
                ranges += ((start, middle), (middle, stop))
