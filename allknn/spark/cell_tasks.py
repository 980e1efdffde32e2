"""What Spark's tasks do in a cell of the exact join.

``at_home``      the points of a cell -> it again: who is near to each; others: who reaches them
``visited``      the points of a cell, and those that visit it -> for each range, who is near in this cell
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from allknn.spark.cells import LONGER, Cells
from allknn.spark.exact_tasks import OWN, in_pieces, to_others
from allknn.spark.leaf_tasks import LISTS, by_range
from allknn.spark.messages import Message, read, written

_VISITORS_AT_ONCE, _VISITORS_FOR_A_POINT = 1 << 16, 4
"""At least so many, or so many times the points of a cell: these are put in order for them each time."""
_MOST_UNBOUNDED = 0.01
"""Of the points; with more that have no bound, components do not tell who is far."""


class Some(NamedTuple):
    """Points on their way."""

    numbers: NDArray[np.int32]
    points: NDArray[np.float32]
    radii: NDArray[np.float32]
    """How far to look around each; negative where nobody is looked for."""


class Near(NamedTuple):
    """Who is near to some points."""

    among: Some
    rows: NDArray[np.int32]
    """Which of these."""
    others: NDArray[np.int32]
    """(points, k): numbers, -1 where there is nobody within the radius."""
    keys: NDArray[np.float64]
    """(points, k): what ranks these, inf there: squared distances, or what a metric has instead."""


Finder: TypeAlias = Callable[[Some, list[Some], int], list[Near]]
"""(points of a cell, visitors, k) -> who of the cell is near to these."""


def at_home(batches: Iterator[Any], *, k: int, range_rows: int, cells: Cells, find: Finder) -> Iterator[Any]:
    """Find who in a cell is near to its own points, and to queries around its center, which come after them.

    What is found goes to the cell once more, as do its points, and those to others that their balls reach.
    """
    told = False
    for cell, own, found in _searched(read(batches), k, find):
        if not told and own is not None:
            radii = np.full_like(own.radii, -1)
            yield from written(in_pieces(Message(cell, OWN, (own.numbers, own.points, radii))))
            told = True
        for to, _, lists in _told(found, range_rows):
            yield from written([Message(cell, LISTS, (to, lists))])
        for among, rows, _, keys in found:
            points = among.points[rows]
            radii = cells.radii(points, keys[:, -1])
            yield from written(to_others(among.numbers[rows], points, radii, cell, cells))


def visited(batches: Iterator[Any], *, k: int, range_rows: int, find: Finder) -> Iterator[Any]:
    """Find who in a cell is near to its own points, and to its visitors, which come after them.

    What was found at home comes first, and goes on to where it belongs.
    """
    came = read(batches)
    for message in came:
        if message.kind != LISTS:
            for _, _, found in _searched(chain([message], came), k, find):
                yield from written(_told(found, range_rows))
        else:
            yield from written([Message(message.data[0], LISTS, message.data[1])])


def _told(found: list[Near], range_rows: int) -> Iterator[Message]:
    """Tell ranges who is near, one after the other."""
    known = []
    for among, rows, others, keys in found:
        held = others >= 0
        held[:, 0] = True  # a range hears of everybody
        known.append((np.repeat(among.numbers[rows], held.sum(axis=1)), others[held], keys[held]))
    if known:
        yield from by_range(known, range_rows)


def _searched(
    messages: Iterable[Message], k: int, find: Finder
) -> Iterator[tuple[int, Some | None, list[Near]]]:
    """Yield the cell, its points, if any, and who of them is near, to some after the other."""
    arrived: list[Some] = []
    own: Some | None = None
    visitors: list[Some] = []
    waiting = cell = 0
    for cell, kind, data in messages:
        some = Some(*data)
        if kind == OWN:
            arrived.append(some)
            continue
        if not arrived:  # nobody is at home
            yield cell, None, find(Some(some.numbers[:0], some.points[:0], some.radii[:0]), [some], k)
            continue
        own = own or _own(arrived)
        visitors.append(some)
        waiting += len(some.numbers)
        if waiting >= max(_VISITORS_AT_ONCE, _VISITORS_FOR_A_POINT * len(own.numbers)):
            yield cell, own, find(own, visitors, k)
            own, visitors, waiting = own._replace(radii=np.full_like(own.radii, -1)), [], 0
    if arrived:
        own = own or _own(arrived)
        yield cell, own, find(own, visitors, k)


def _own(arrived: list[Some]) -> Some:
    """Return the points of a cell, by number."""
    numbers, points, radii = (np.concatenate(arrays) for arrays in zip(*arrived, strict=True))
    order = np.argsort(numbers)
    return Some(numbers[order], points[order], radii[order])


def near(own: Some, arrived: list[Some], k: int) -> list[Near]:
    """Return who of a cell is near to its points and to some visitors."""
    from allknn.exact import task
    from allknn.exact.join import EXTRA
    from allknn.exact.points import Lists
    from allknn.exact.sides import Sides

    numbers, points, radii = (np.concatenate(arrays) for arrays in zip(own, *arrived, strict=True))
    n_own, asked = len(own.numbers), radii >= 0
    if not n_own:
        nobody = np.full((len(numbers), k), -1, np.int32)
        everyone = np.arange(len(numbers), dtype=np.int32)
        return [Near(Some(numbers, points, radii), everyone, nobody, np.full(nobody.shape, np.inf))]
    if not asked.any():
        return []
    among = Some(numbers, points, radii)
    unbounded = np.count_nonzero(np.isinf(radii)) > _MOST_UNBOUNDED * np.count_nonzero(asked)
    sides = Sides.arranged(points, n_own, screened=not (unbounded and arrived))
    ordered, home = sides.ordered, (0, sides.n_first)
    radii = radii[ordered.order]
    bounds = _bounds(radii, ordered)
    if unbounded and sides.screen:
        nearby = np.empty_like(bounds)
        sides.screen.bound(ordered, home, k, nearby)
        bounds = np.maximum(bounds, nearby)
    lists = Lists.bounded_by(ordered, bounds, k + EXTRA)
    found = []
    if asked[:n_own].any():
        task.join_ranges(ordered, sides.screen, home, home, lists)
        found.append(_settled(sides, lists, (0, n_own), radii, k))
    if len(points) > n_own:
        lists.nearness[:n_own], lists.loosest[: sides.n_first] = np.inf, np.inf
        task.join_ranges(ordered, sides.screen, home, (sides.n_first, len(ordered.radii)), lists)
        found.append(_settled(sides, lists, (n_own, len(points)), radii, k))
    return [_by_number(among, *some) for some in found]


def _by_number(
    among: Some, rows: NDArray[np.int32], others: NDArray[np.int32], squared: NDArray[np.float64]
) -> Near:
    """Put what is found in the order of numbers; ``others`` are places ``among`` the same."""
    order = np.argsort(among.numbers[rows])
    ids = np.where(others < 0, np.int32(-1), among.numbers[others])
    return Near(among, rows[order], ids[order], squared[order])


def _bounds(radii: NDArray[np.float32], ordered: Any) -> NDArray[np.float32]:
    """Return how near another must be, a trifle less than at a radius: more than rounding may take."""
    lengths = (radii.astype(np.float64) * LONGER * ordered.scale) ** 2
    nearness = -0.5 * lengths * (1 + ordered.points.shape[1] * 2.0**-51) * (1 + 2.0**-20) - 2.0**-140
    return np.where(radii >= 0, nearness, np.inf).astype(np.float32)


def _settled(
    sides: Any, lists: Any, positions: tuple[int, int], radii: NDArray[np.float32], k: int
) -> tuple[NDArray[Any], ...]:
    """Measure the candidates at some positions: points that ask, who is within their radius, how far squared.

    A list that is not full has all that are within the radius; one that is may prove too little.
    """
    from allknn import _native

    start, stop = positions
    ids, squared = np.empty((stop - start, k), np.int32), np.empty((stop - start, k))
    unproven = np.zeros(stop - start, np.bool_)
    ordered = sides.ordered
    _native.settle(ordered, lists, start, stop, ids, squared, unproven)
    again = np.flatnonzero(unproven & (lists.others[start:stop, -1] >= 0))
    home = ordered._replace(
        leaf_at=ordered.leaf_at[: sides.n_first + 1],
        centers=ordered.centers[: sides.n_first],
        radii=ordered.radii[: sides.n_first],
    )
    for some in np.array_split(again, -(-len(again) // _native.LEAF)) if len(again) else ():
        near, lengths = ids[some], squared[some]
        _native.search(home, some + start, near, lengths)
        ids[some], squared[some] = near, lengths
    limits = (radii[start:stop].astype(np.float64) * LONGER) ** 2
    beyond = (ids < 0) | (squared > limits[:, None])
    ids[beyond], squared[beyond] = -1, np.inf
    asked = np.flatnonzero(radii[start:stop] >= 0)
    return ordered.order[start:stop][asked], ids[asked], squared[asked]
