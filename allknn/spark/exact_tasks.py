"""What Spark's tasks do in the exact join, once each point has a bound: another k points within a radius.

``bounds``  a range of numbers -> the parts of its points, with the radius of each
``route``   points of a part -> the cells that the ball around each of them reaches
``search``  in ``cell_tasks.py``
``settle``  a range of numbers -> the k nearest of each

A cell is all points that are nearest to its center. A ball reaches a cell unless it lies wholly on its own
side of the plane halfway between the two centers.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from allknn.spark.messages import Message, read, written
from allknn.spark.point_tasks import POINTS

RADII, OWN, VISITORS = 30, 31, 32
"""Kinds of messages: numbers and radii; points of a cell; points that visit it, which come after them."""
HOME, AWAY, EVERYWHERE = "home", "away", "everywhere"
LONGER = 1 + 1e-6
"""More than rounding a distance to float32 takes away."""
_ROUNDING = 1e-12
"""More than computing in float64 may be off, in units of the largest squared distance."""


def bounds(
    batches: Iterator[Any],
    *,
    part_starts: NDArray[np.int64],
    wanted: NDArray[np.int32] | None = None,
    short_of: int = 0,
) -> Iterator[Any]:
    """Tell the parts how far the last known neighbor of each of their points is.

    Of all points; or of those ``wanted``, ascending; or of those that know fewer than ``short_of`` others.
    """
    for _, _, (numbers, others, distances) in read(batches):
        chosen = np.ones(len(numbers), np.bool_)
        if wanted is not None:
            chosen = np.isin(numbers, wanted)
        if short_of:
            chosen = others[:, short_of - 1] < 0
        yield from written(to_parts(numbers[chosen], distances[chosen, -1], part_starts))


def to_parts(
    numbers: NDArray[np.int32], radii: NDArray[np.float32], part_starts: NDArray[np.int64]
) -> Iterator[Message]:
    """Cut radii of some numbers, ascending, into a message for each part."""
    begin = np.searchsorted(numbers, part_starts)
    for part in np.flatnonzero(np.diff(begin)).tolist():
        own = slice(begin[part], begin[part + 1])
        yield Message(part, RADII, (numbers[own], radii[own]))


def route(
    batches: Iterator[Any],
    *,
    centers: NDArray[np.float64],
    slices: int,
    first_query: int,
    queries_alone: bool,
    where: str,
) -> Iterator[Any]:
    """Send the points of a part to their cells, and those with a radius to the cells that their balls reach.

    A cell is so many places, each for a share of those whose neighbors are looked for there. What has a
    number from ``first_query`` on is no point of a cell, but a visitor of the one around it. ``where`` is
    HOME, where neighbors are looked for in the cell around a point alone, whatever the radius, of all points
    or of ``queries_alone``; AWAY, in all others that a ball reaches; or EVERYWHERE.
    """
    came = list(read(batches))
    none = np.empty(0, np.int32), np.empty(0, np.float32)
    radii = [none, *(message.data for message in came if message.kind == RADII)]
    numbers, told = (np.concatenate(arrays) for arrays in zip(*radii, strict=True))
    order = np.argsort(numbers)
    numbers, told = numbers[order], told[order]
    for message in came:
        if message.kind == POINTS:
            own, points = message.data
            known = np.full(len(own), -1, np.float32)
            _, rows, which = np.intersect1d(own, numbers, assume_unique=True, return_indices=True)
            known[rows] = told[which]
            queries = own >= first_query
            cells, reached = reach(points, known, centers)
            reached[queries, cells[queries]] = where != AWAY
            cells[queries] = -1
            at_home = known.copy()
            if where == HOME:
                known[queries] = np.inf
                at_home[:] = -1 if queries_alone else np.inf
            elif where == AWAY:
                at_home[:] = -1
            for place in range(len(centers) * slices):
                cell, part = divmod(place, slices)
                visit = np.flatnonzero(reached[:, cell] & (own % slices == part))
                sent = (OWN, np.flatnonzero(cells == cell), at_home), (VISITORS, visit, known)
                for kind, rows, lengths in sent:
                    if len(rows):
                        yield from written([Message(place, kind, (own[rows], points[rows], lengths[rows]))])


def reach(
    points: NDArray[np.float32], radii: NDArray[np.float32], centers: NDArray[np.float64]
) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """Return the cell of each point, and which others its ball reaches, (points, cells)."""
    middle = centers.mean(axis=0)
    around, moved = points - middle, centers - middle
    squared = (around**2).sum(axis=1)[:, None] - 2 * around @ moved.T + (moved**2).sum(axis=1)
    cells = squared.argmin(axis=1)
    apart = np.sqrt(((moved[:, None] - moved) ** 2).sum(axis=2))[cells]
    rows = np.arange(len(points))
    beyond = squared - squared[rows, cells][:, None] - _ROUNDING * squared.max()
    with np.errstate(invalid="ignore"):  # inf * 0, of its own cell
        reached = beyond <= 2 * apart * (radii.astype(np.float64) * LONGER)[:, None]
    reached[rows, cells] = False
    reached[radii < 0] = False
    return cells, reached


def settle(batches: Iterator[Any], *, k: int, kind: int) -> Iterator[Any]:
    """Keep the k nearest of each number of a range, by (distance, number), as messages of some kind."""
    came = list(read(batches))
    if not came:
        return
    numbers, others, squared = (
        np.concatenate(arrays) for arrays in zip(*[m.data for m in came], strict=True)
    )
    order = np.lexsort((others, squared, numbers))
    rows, counts = np.unique(numbers, return_counts=True)
    within = np.arange(len(order)) - np.repeat(np.cumsum(counts) - counts, counts)
    row, kept = np.repeat(np.arange(len(rows)), counts), within < k
    ids = np.full((len(rows), k), -1, np.int32)
    distances = np.full(ids.shape, np.inf, np.float32)
    ids[row[kept], within[kept]] = others[order[kept]]
    distances[row[kept], within[kept]] = np.sqrt(squared[order[kept]])
    yield from written([Message(came[0].to, kind, (rows, ids, distances))])
