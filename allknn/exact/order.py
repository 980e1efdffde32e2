"""Points put into an order in which near ones come together, leaf by leaf."""

from collections import deque
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from allknn.compiled import compiled
from allknn.exact.points import LEAF, Cloud
from allknn.exact.tile import COLUMNS, ROWS

_SAMPLE = 512
_ROUNDS = 4
_ALONE = 1 << 14
"""So many points are sorted on in one go."""


def arrange(points: NDArray[np.float32], chosen: NDArray[np.int32], pool: Executor) -> Cloud:
    """Order the ``chosen`` points by halving them until leaves, and in these panels, are left.

    Each time they are cut across the first principal component of a sample, found by power iteration.
    """
    order = chosen.copy()
    _in_parallel(points, order, pool)
    return _measured(points, order)


def arrange_alone(points: NDArray[np.float32]) -> Cloud:
    """Order all of these points, in this thread."""
    order = np.arange(len(points), dtype=np.int32)
    halve_all(points, order, 0, len(order))
    return _measured(points, order)


def _measured(points: NDArray[np.float32], order: NDArray[np.int32]) -> Cloud:
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
            elif stop - start > ROWS:
                running[pool.submit(halve_all, points, order, start, stop)] = (stop, stop)
        done, _ = wait(running, return_when=FIRST_COMPLETED)
        for future in done:
            start, stop = running.pop(future)
            middle = future.result()
            if middle < stop:
                stretches += ((start, middle), (middle, stop))


@compiled
def halve_all(points: Any, order: Any, start: int, stop: int) -> int:
    """Halve until panels are left; returns ``stop``."""
    waiting = [(start, stop)]
    while len(waiting) > 0:
        first, last = waiting.pop()
        if last - first > ROWS:
            middle = halve(points, order, first, last)
            waiting.append((first, middle))
            waiting.append((middle, last))
    return stop


@compiled
def halve(points: Any, order: Any, start: int, stop: int) -> int:
    """Part a stretch along its longest direction; return where: whole leaves or panels lie before."""
    size = stop - start
    whole = LEAF if size > LEAF else COLUMNS if size > COLUMNS else ROWS
    direction = longest(points, order, start, stop, _ROUNDS if size > LEAF else 1)
    keys = np.empty(size, np.float32)
    for i in range(size):
        keys[i] = product(points[order[start + i]], direction)
    within = -(-size // whole) // 2 * whole
    part(keys, order, start, within)
    return start + within


@compiled
def part(keys: Any, order: Any, start: int, within: int) -> None:
    """Bring the points of the ``within`` smallest keys before all others (Hoare, Algorithm 65: FIND, 1961).

    ``keys[i]`` belongs to ``order[start + i]``.
    """
    first, last = 0, len(keys) - 1
    while first < last:
        pivot = keys[(first + last) // 2]
        i, j = first, last
        while i <= j:
            while keys[i] < pivot:
                i += 1
            while pivot < keys[j]:
                j -= 1
            if i <= j:
                keys[i], keys[j] = keys[j], keys[i]
                order[start + i], order[start + j] = order[start + j], order[start + i]
                i += 1
                j -= 1
        if within <= j:
            last = j
        elif within >= i:
            first = i
        else:
            return


@partial(compiled, fastmath=True)
def product(point: Any, direction: Any) -> float:
    """Their dot product."""
    total = 0.0
    for f in range(len(point)):
        total += point[f] * direction[f]
    return total


@compiled
def longest(points: Any, order: Any, start: int, stop: int, rounds: int) -> Any:
    """Direction in which a sample of a stretch spreads most."""
    size = min(_SAMPLE, stop - start)
    n_features = points.shape[1]
    sample, mean = np.empty((size, n_features)), np.zeros(n_features)
    for i in range(size):
        point = points[order[start + (stop - start) * i // size]]
        for f in range(n_features):
            sample[i, f] = point[f]
            mean[f] += sample[i, f] / size
    direction, most = np.zeros(n_features), 0.0
    for i in range(size):
        for f in range(n_features):
            sample[i, f] -= mean[f]
        if largest(sample[i]) > most:
            most = largest(sample[i])
            direction = sample[i].copy()
    for _ in range(rounds):
        normalize(direction)
        turned = np.zeros(n_features)
        for i in range(size):
            weight = product(sample[i], direction) / most if most > 0 else 0.0
            for f in range(n_features):
                turned[f] += sample[i, f] * weight
        direction = turned
    normalize(direction)
    return direction


@compiled
def largest(values: Any) -> float:
    """The largest of some absolute values."""
    most = 0.0
    for value in values:
        most = max(most, abs(value))
    return most


@compiled
def normalize(values: Any) -> None:
    """Divide values by the largest of them, if that is not 0."""
    most = largest(values)
    if most > 0:
        for f in range(len(values)):
            values[f] /= most


@compiled
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
