"""What Spark's tasks do in the exact join, before and after cells are searched: ``cell_tasks.py``.

``to_homes``    points of a part -> the cell around each
``bounds``      a range of numbers -> the parts of its points, with the radius of each: the last of k others
``to_reached``  points of a part -> the cells that the ball of this radius around each reaches
``settle``      a range of numbers -> the k nearest of each
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from allknn.spark.cells import Cells
from allknn.spark.messages import Message, read, written
from allknn.spark.point_tasks import POINTS, Starts

RADII, OWN, VISITORS = 30, 31, 32
"""Kinds of messages: numbers and radii; points of a cell; points that visit it, which come after them."""
_ROWS_AT_ONCE = 1 << 14


def bounds(batches: Iterator[Any], *, part_starts: NDArray[np.int64], short_of: int) -> Iterator[Any]:
    """Tell the parts how far the last known neighbor is of those that know fewer than ``short_of`` others."""
    for _, _, (numbers, others, distances) in read(batches):
        chosen = others[:, short_of - 1] < 0
        yield from written(_to_parts(numbers[chosen], distances[chosen, -1], part_starts))


def _to_parts(
    numbers: NDArray[np.int32], radii: NDArray[np.float32], part_starts: NDArray[np.int64]
) -> Iterator[Message]:
    begin = np.searchsorted(numbers, part_starts)
    for part in np.flatnonzero(np.diff(begin)).tolist():
        own = slice(begin[part], begin[part + 1])
        yield Message(part, RADII, (numbers[own], radii[own]))


def to_homes(
    batches: Iterator[Any], *, starts: Starts, cells: Cells, first_query: int, first_visitor: int | None
) -> Iterator[Any]:
    """Send points to their cells, where they look for one another.

    Or only those from number ``first_visitor`` on do, as visitors. From ``first_query`` on none is found.
    """
    radius = np.inf if first_visitor is None else -1
    for _, _, (numbers, points) in starts.numbered(read(batches)):
        homes = np.where(numbers < first_query, cells.around(points), -1)
        yield from written(_own(numbers, points, np.full(len(points), radius, np.float32), homes))
        if first_visitor is not None:
            some = slice(np.searchsorted(numbers, first_visitor), None)
            visits = cells.around_visitors(points[some])[:, None] == np.arange(len(cells.centers))
            radii = np.full(len(visits), np.inf, np.float32)
            yield from written(_visitors(numbers[some], points[some], radii, visits))


def to_reached(batches: Iterator[Any], *, starts: Starts, cells: Cells) -> Iterator[Any]:
    """Send points of parts to their cells, and those with a radius to all cells that their balls reach."""
    came = list(starts.numbered(read(batches)))
    none = np.empty(0, np.int32), np.empty(0, np.float32)
    told = [none, *(message.data for message in came if message.kind == RADII)]
    numbers, lengths = (np.concatenate(arrays) for arrays in zip(*told, strict=True))
    order = np.argsort(numbers)
    numbers, lengths = numbers[order], lengths[order]
    for message in came:
        if message.kind == POINTS:
            own, points = message.data
            radii = np.full(len(own), -1, np.float32)
            some = slice(*np.searchsorted(numbers, [own[0], own[-1] + 1]))
            radii[np.searchsorted(own, numbers[some])] = lengths[some]
            homes = cells.around(points)
            yield from written(_own(own, points, radii, homes))
            yield from written(_visitors(own, points, radii, cells.reached(points, radii, homes)))


def to_others(
    numbers: NDArray[np.int32],
    points: NDArray[np.float32],
    radii: NDArray[np.float32],
    home: int,
    cells: Cells,
) -> Iterator[Message]:
    """Send points of one cell to all others that their balls reach."""
    for _, _, (some, those, lengths) in in_pieces(Message(home, VISITORS, (numbers, points, radii))):
        visits = cells.reached(those, lengths, np.full(len(some), home))
        yield from _visitors(some, those, lengths, visits)


def in_pieces(message: Message) -> Iterator[Message]:
    """Cut a message of numbers, points and radii where it is large."""
    for start in range(0, len(message.data[0]), _ROWS_AT_ONCE):
        yield message._replace(data=tuple(array[start : start + _ROWS_AT_ONCE] for array in message.data))


def _own(
    numbers: NDArray[np.int32],
    points: NDArray[np.float32],
    radii: NDArray[np.float32],
    homes: NDArray[np.intp],
) -> Iterator[Message]:
    for cell in np.unique(homes[homes >= 0]).tolist():
        rows = np.flatnonzero(homes == cell)
        yield Message(cell, OWN, (numbers[rows], points[rows], radii[rows]))


def _visitors(
    numbers: NDArray[np.int32],
    points: NDArray[np.float32],
    radii: NDArray[np.float32],
    visits: NDArray[np.bool_],
) -> Iterator[Message]:
    for cell in np.flatnonzero(visits.any(axis=0)).tolist():
        rows = np.flatnonzero(visits[:, cell])
        yield Message(cell, VISITORS, (numbers[rows], points[rows], radii[rows]))


def settle(batches: Iterator[Any], *, k: int, kind: int, squared: bool = True) -> Iterator[Any]:
    """Keep the k nearest of each number of a range, by (key, number), as messages of some kind.

    Their distances are the keys, or the roots of these where they are ``squared``.
    """
    came = list(read(batches))
    if not came:
        return
    numbers, others, keys = (np.concatenate(arrays) for arrays in zip(*[m.data for m in came], strict=True))
    order = _ordered(numbers - numbers.min(), others, keys)
    numbers = numbers[order]
    begin = np.flatnonzero(np.append(True, numbers[1:] != numbers[:-1]))
    rows, counts = numbers[begin], np.diff(np.append(begin, len(numbers)))
    within = np.arange(len(order)) - np.repeat(begin, counts)
    row, kept = np.repeat(np.arange(len(rows)), counts), within < k
    ids = np.full((len(rows), k), -1, np.int32)
    distances = np.full(ids.shape, np.inf, np.float32)
    ids[row[kept], within[kept]] = others[order[kept]]
    nearest = keys[order[kept]]
    with np.errstate(over="ignore"):  # float32 need not hold a product
        distances[row[kept], within[kept]] = np.sqrt(nearest) if squared else nearest
    yield from written([Message(came[0].to, kind, (rows, ids, distances))])


def _ordered(
    rows: NDArray[np.int32], others: NDArray[np.int32], keys: NDArray[np.float64]
) -> NDArray[np.intp]:
    """Order by (row, key, other): as ``np.lexsort``, with what is faster where ties are few."""
    order = np.argsort(keys)
    order = order[np.argsort(rows[order].astype(np.min_scalar_type(rows.max())), kind="stable")]
    same = (np.diff(rows[order]) == 0) & (keys[order[1:]] == keys[order[:-1]])
    tied = np.flatnonzero(np.append(same, False) | np.append(False, same))
    if len(tied):
        some = order[tied]
        order[tied] = some[np.lexsort((others[some], keys[some], rows[some]))]
    return order
