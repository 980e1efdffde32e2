"""What Spark's tasks do to judge an answer: find who is near to a few points."""

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from allknn.spark.cells import LONGER
from allknn.spark.leaf_tasks import by_range
from allknn.spark.messages import Message, read, written
from allknn.spark.point_tasks import Starts

_MANY = 8
"""Times k: with more candidates the k nearest of a block bound what is looked for."""
_ROWS_AT_ONCE = 1 << 10
_VALUES_AT_ONCE = 1 << 20


def near_sample(
    batches: Iterator[Any],
    *,
    starts: Starts,
    asked: tuple[NDArray[np.int32], NDArray[np.float32], NDArray[np.float32]],
    k: int,
    range_rows: int,
) -> Iterator[Any]:
    """Tell ranges who of some points is near to a few others: numbers, points, radii.

    Products of float32 show who is certainly farther than a radius; all others are measured.
    """
    sample, queries, radii = asked
    middle = queries.mean(axis=0, dtype=np.float64)
    looking = (queries - middle).astype(np.float32)
    lengths = _half_squares(looking)
    limits = (radii.astype(np.float64) * LONGER) ** 2 / 2
    near: list[tuple[NDArray[Any], ...]] = []
    for numbers, points in _few_at_once(starts.numbered(read(batches))):
        around = (points - middle).astype(np.float32)
        others = _half_squares(around)
        halves = looking @ around.T
        np.subtract(lengths[:, None], halves, out=halves)
        halves += others
        rounding = (points.shape[1] + 8) * 2.0**-22 * (lengths + others.max()) + 2.0**-130
        crowded = np.flatnonzero(_within(halves, limits + rounding).sum(axis=1) > _MANY * k)
        if len(crowded) and len(points) > k:  # k others, even if one is the point itself
            nearest = np.partition(halves[crowded], k, axis=1)[:, k]
            limits[crowded] = np.minimum(limits[crowded], nearest + rounding[crowded])
        rows, places = np.nonzero(_within(halves, limits + rounding))
        apart = np.flatnonzero(sample[rows] != numbers[places])
        rows, places = rows[apart], places[apart]
        squared = _measured(queries, rows, points, places)
        near.append((sample[rows], numbers[places], squared))
    if near:
        yield from written(by_range(near, range_rows))


def _few_at_once(messages: Iterable[Message]) -> Iterator[tuple[NDArray[np.int32], NDArray[np.float32]]]:
    """Yield some points at a time: what is computed of them stays in a cache."""
    for _, _, (numbers, points) in messages:
        for start in range(0, len(points), _ROWS_AT_ONCE):
            yield numbers[start : start + _ROWS_AT_ONCE], points[start : start + _ROWS_AT_ONCE]


def _within(halves: NDArray[np.float32], limits: NDArray[np.float64]) -> NDArray[np.bool_]:
    return np.asarray(halves <= limits[:, None].astype(np.float32))


def _half_squares(points: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(np.einsum("ij,ij->i", points, points) / np.float32(2))


def _measured(
    queries: NDArray[np.float32],
    rows: NDArray[np.intp],
    points: NDArray[np.float32],
    places: NDArray[np.intp],
) -> NDArray[np.float64]:
    """Return squared distances, summed in the order of the features."""
    squared, size = np.empty(len(rows)), max(1, _VALUES_AT_ONCE // points.shape[1])
    for start in range(0, len(rows), size):
        here = slice(start, start + size)
        gaps = queries[rows[here]].astype(np.float64) - points[places[here]]
        squared[here] = np.cumsum(gaps**2, axis=1)[:, -1]
    return squared
