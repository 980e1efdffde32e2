"""Points put into an order in which near ones come together, leaf by leaf."""

from collections import deque
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from strategies._join_pairs import LEAF, Cloud

_SAMPLE = 512
_ROUNDS = 4
_ALONE = 1 << 14
"""So many points are sorted on in one go."""


def arrange(points: NDArray[np.float32], chosen: NDArray[np.int32], pool: Executor) -> Cloud:
    """Order the ``chosen`` points by halving them across their longest direction until leaves are left.

    The longest direction is the first principal component of a sample, by power iteration.
    """
    order = chosen.copy()
    _in_parallel(points, order, pool)
    leaf_at = np.append(np.arange(0, len(order), LEAF), len(order))
    n_leaves = len(leaf_at) - 1
    centers, radii = np.empty((n_leaves, points.shape[1])), np.empty(n_leaves)
    measure(points, order, leaf_at, centers, radii)
    mean = centers.mean(axis=0)
    reach = float((np.sqrt(((centers - mean) ** 2).sum(axis=1)) + radii).max())
    scale = 2.0 ** -np.ceil(np.log2(reach)) if reach > 0 else 1.0
    return Cloud(points, order, leaf_at, centers, radii, float(scale))


def _in_parallel(points: NDArray[np.float32], order: NDArray[np.int32], pool: Executor) -> None:
    stretches = deque([(0, len(order))])
    running: dict[Future[int], tuple[int, int]] = {}
    while stretches or running:
        while stretches:
            start, stop = stretches.popleft()
            if stop - start > _ALONE:
                running[pool.submit(halve, points, order, start, stop)] = (start, stop)
            elif stop - start > LEAF:
                running[pool.submit(halve_all, points, order, start, stop)] = (stop, stop)
        done, _ = wait(running, return_when=FIRST_COMPLETED)
        for future in done:
            start, stop = running.pop(future)
            middle = future.result()
            if middle < stop:
                stretches += ((start, middle), (middle, stop))


@njit(nogil=True)  # type: ignore[untyped-decorator]  # numba has no types
def halve_all(points: Any, order: Any, start: int, stop: int) -> int:
    """Halve until leaves are left; returns ``stop``."""
    waiting = [(start, stop)]
    while len(waiting) > 0:
        first, last = waiting.pop()
        if last - first > LEAF:
            middle = halve(points, order, first, last)
            waiting.append((first, middle))
            waiting.append((middle, last))
    return stop


@njit(nogil=True)  # type: ignore[untyped-decorator]  # as above
def halve(points: Any, order: Any, start: int, stop: int) -> int:
    """Sort a stretch along its longest direction; return where to cut: whole leaves before it."""
    direction = longest(points, order, start, stop)
    size = stop - start
    keys = np.empty(size, np.float32)
    for i in range(size):
        point = points[order[start + i]]
        keys[i] = product(point, direction)
    order[start:stop] = order[start:stop][np.argsort(keys)]
    n_leaves = -(-size // LEAF)
    return start + n_leaves // 2 * LEAF


@njit(nogil=True, fastmath=True)  # type: ignore[untyped-decorator]  # as above
def product(point: Any, direction: Any) -> float:
    """Their dot product."""
    total = 0.0
    for f in range(len(point)):
        total += point[f] * direction[f]
    return total


@njit(nogil=True)  # type: ignore[untyped-decorator]  # as above
def longest(points: Any, order: Any, start: int, stop: int) -> Any:
    """Direction in which a sample of a stretch spreads most."""
    size = min(_SAMPLE, stop - start)
    n_features = points.shape[1]
    sample = np.empty((size, n_features))
    for i in range(size):
        sample[i] = points[order[start + (stop - start) * i // size]]
    mean = np.zeros(n_features)
    for i in range(size):
        mean += sample[i] / size
    direction, most = np.zeros(n_features), 0.0
    for i in range(size):
        sample[i] -= mean
        if np.abs(sample[i]).max() > most:
            most = np.abs(sample[i]).max()
            direction[:] = sample[i]
    for _ in range(_ROUNDS):
        largest = np.abs(direction).max()
        if largest == 0:
            break
        direction /= largest
        turned = np.zeros(n_features)
        for i in range(size):
            turned += sample[i] * (product(sample[i], direction) / most)
        direction = turned
    largest = np.abs(direction).max()
    if largest > 0:
        direction /= largest
    return direction


@njit(nogil=True)  # type: ignore[untyped-decorator]  # as above
def measure(points: Any, order: Any, leaf_at: Any, centers: Any, radii: Any) -> None:
    """Mean and radius of each leaf, the radius never too small."""
    n_features = points.shape[1]
    for leaf in range(len(radii)):
        begin, stop = leaf_at[leaf], leaf_at[leaf + 1]
        centers[leaf] = 0
        for i in range(begin, stop):
            for f in range(n_features):
                centers[leaf, f] += np.float64(points[order[i], f]) / (stop - begin)
        largest = 0.0
        for i in range(begin, stop):
            squared = 0.0
            for f in range(n_features):
                difference = np.float64(points[order[i], f]) - centers[leaf, f]
                squared += difference * difference
            largest = max(largest, squared)
        radii[leaf] = np.sqrt(largest) * (1 + 1e-9)
