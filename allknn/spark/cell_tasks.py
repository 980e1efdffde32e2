"""What Spark's tasks do in a cell of the exact join.

``search``  the points of a cell, and those that visit it -> for each range, who is near in this cell;
            where radii are asked for, also for each part how far the last of k is
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from allknn.spark.exact_tasks import LONGER, OWN, to_parts
from allknn.spark.leaf_tasks import by_range
from allknn.spark.messages import Message, read, written

_VISITORS_AT_ONCE = 1 << 16
_MOST_UNBOUNDED = 0.01
"""Of the points; with more that have no bound, components do not tell who is far."""


class _Some(NamedTuple):
    """Points on their way."""

    numbers: NDArray[np.int32]
    points: NDArray[np.float32]
    radii: NDArray[np.float32]
    """How far to look around each; negative where nobody is looked for."""


class _Near(NamedTuple):
    """Who is near to some points."""

    numbers: NDArray[np.int32]
    others: NDArray[np.int32]
    """(points, k): numbers, -1 where there is nobody within the radius."""
    squared: NDArray[np.float64]
    """(points, k): squared distances, inf there."""


def search(
    batches: Iterator[Any],
    *,
    k: int,
    range_rows: int,
    slices: int,
    radii_for: NDArray[np.int64] | None = None,
) -> Iterator[Any]:
    """Find who in a cell is near to its own points, and to its visitors, which come after them.

    ``radii_for`` are the starts of parts that shall know the radius of each of their points.
    """
    for near in _searched(batches, k, slices):
        yield from written(_told(near, range_rows, radii_for))


def _told(near: list[_Near], range_rows: int, radii_for: NDArray[np.int64] | None) -> Iterator[Message]:
    """Tell ranges who is near, one after the other, and parts how far the last is."""
    found = []
    for numbers, others, squared in near:
        held = others >= 0
        held[:, 0] = True  # a range hears of everybody
        rows, places = np.nonzero(held)
        found.append((numbers[rows], others[rows, places], squared[rows, places]))
        if radii_for is not None:
            order = np.argsort(numbers)
            yield from to_parts(numbers[order], np.sqrt(squared[order, -1]).astype(np.float32), radii_for)
    if found:
        yield from by_range(found, range_rows)


def _searched(batches: Iterator[Any], k: int, slices: int) -> Iterator[list[_Near]]:
    arrived: list[tuple[NDArray[Any], ...]] = []
    own: _Some | None = None
    visitors: list[tuple[NDArray[Any], ...]] = []
    waiting = 0
    for to, kind, data in read(batches):
        if kind == OWN:
            arrived.append(data)
            continue
        if not arrived:  # nobody is at home
            nobody = np.full((len(data[0]), k), -1, np.int32)
            yield [_Near(data[0], nobody, np.full(nobody.shape, np.inf))]
            continue
        own = own or _own(arrived, to % slices, slices)
        visitors.append(data)
        waiting += len(data[0])
        if waiting >= _VISITORS_AT_ONCE:
            yield _near(own, visitors, k)
            own, visitors, waiting = own._replace(radii=np.full_like(own.radii, -1)), [], 0
    if arrived:
        own = own or _own(arrived, to % slices, slices)
        yield _near(own, visitors, k)


def _own(arrived: list[tuple[NDArray[Any], ...]], part: int, slices: int) -> _Some:
    """Return the points of a cell, by number; only for a share of them neighbors are looked for here."""
    numbers, points, radii = (np.concatenate(arrays) for arrays in zip(*arrived, strict=True))
    order = np.argsort(numbers)
    numbers, points, radii = numbers[order], points[order], radii[order]
    return _Some(numbers, points, np.where(numbers % slices == part, radii, np.float32(-1)))


def _near(own: _Some, arrived: list[tuple[NDArray[Any], ...]], k: int) -> list[_Near]:
    """Return who of a cell is near to its points and to some visitors."""
    from allknn.exact import task
    from allknn.exact.join import EXTRA
    from allknn.exact.points import Lists
    from allknn.exact.sides import Sides

    numbers, points, radii = (np.concatenate(arrays) for arrays in zip(own, *arrived, strict=True))
    n_own, asked = len(own.numbers), radii >= 0
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
    return [
        _Near(numbers[rows], np.where(others < 0, np.int32(-1), numbers[others]), squared)
        for rows, others, squared in found
    ]


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
