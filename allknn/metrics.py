"""The metrics: float32 points that stand for the user's, and how an answer about them becomes the user's.

Under ``inner_product`` the points get one more coordinate, by which all have the same norm, and the largest
product is the least Euclidean distance (Bachrach et al., "Speeding up the Xbox recommender system using a
Euclidean transformation for inner-product spaces", RecSys 2014).
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from allknn.inputs import blocks

METRICS = ("euclidean", "cosine", "inner_product")
_ROUNDING = 2.0**-24
"""Of a number to float32, as a share of it."""
_SAMPLED = 1001
_VALUES_AT_ONCE = 1 << 17


@dataclass(frozen=True)
class StandIns:
    """Points and queries in float32 whose Euclidean distances say what is near to what."""

    points: NDArray[np.float32]
    queries: NDArray[np.float32]
    """The points themselves where each is to find the others."""
    error: float = 0.0
    """The most by which a distance of two of them may differ from that of what they stand for."""
    keys: Callable[[NDArray[Any], NDArray[Any]], NDArray[np.float64]] | None = None
    """What ranks points: for queries ``rows``, (r,), and points ``ids``, (r, c); None: their distances."""
    floor: Callable[[NDArray[Any], NDArray[Any]], NDArray[np.float64]] | None = None
    """The least key that a point can have to query ``rows`` whose stand-in is no nearer than this."""


def euclidean(points: NDArray[Any], queries: NDArray[Any] | None) -> StandIns:
    """Take what float32 holds as it is; shift other values by a median first, and rank in float64."""
    given = [points] if queries is None else [points, queries]
    if all(_fits(one) for one in given):
        taken = [np.ascontiguousarray(one, np.float32) for one in given]
        return StandIns(taken[0], taken[-1])
    center = _median(points)
    taken, worst = [], 0.0
    for one in given:
        rounded = np.empty(one.shape, np.float32)
        for rows in blocks(one):
            exact = _wide(one[rows]) - center
            with np.errstate(over="ignore"):
                rounded[rows] = exact
            lost = np.sqrt(((exact - rounded[rows]) ** 2).sum(axis=1)) + np.abs(exact).sum(axis=1) * 2.0**-52
            worst = max(worst, float(lost.max()))
        taken.append(rounded)
    if not np.isfinite(worst):
        raise ValueError("points must lie within 3.4e38 of one another, as float32 can hold")
    error = 2 * worst * (1 + 1e-9)

    def keys(rows: NDArray[Any], ids: NDArray[Any]) -> NDArray[np.float64]:
        gaps = _wide(given[-1][rows, None]) - _wide(points[ids])
        return np.asarray((gaps**2).sum(axis=-1))

    def floor(rows: NDArray[Any], reach: NDArray[Any]) -> NDArray[np.float64]:
        del rows
        return np.asarray(np.maximum(reach - error, 0) ** 2 * (1 - 1e-9))

    return StandIns(taken[0], taken[-1], error, keys, floor)


def cosine(points: NDArray[Any], queries: NDArray[Any] | None) -> StandIns:
    """Divide each row by its norm in float64."""
    units = unit_vectors(points)
    return StandIns(units, units if queries is None else unit_vectors(queries))


def inner_product(
    points: NDArray[Any], queries: NDArray[Any] | None, largest: float | None = None
) -> StandIns:
    """Give all points the same norm by one more coordinate, and all queries the same norm and a 0 there.

    Ranked by the float64 products of the values given, so that what rounding does to the coordinate changes
    nothing. A point is a query like any other. Queries must not be zero vectors. ``largest`` is the largest
    norm of these points, and of others where they are but some of all.
    """
    others = points if queries is None else queries
    lengths = norms(others)
    largest = float(norms(points).max()) if largest is None else largest
    error = product_error(points.shape[1])

    def keys(rows: NDArray[Any], ids: NDArray[Any]) -> NDArray[np.float64]:
        both = _wide(others[rows, None]) * _wide(points[ids])
        return np.asarray(-both.sum(axis=-1))

    def floor(rows: NDArray[Any], reach: NDArray[Any]) -> NDArray[np.float64]:
        share = 1 - np.maximum(reach - error, 0) ** 2 / 2
        return np.asarray(-(lengths[rows] * largest) * (share + 1e-9))

    return StandIns(placed(points, largest), asking(others, lengths), error, keys, floor)


def placed(points: NDArray[Any], largest: float) -> NDArray[np.float32]:
    """Give points, none longer than ``largest``, a norm of 1 by one more coordinate."""
    stand_ins = np.empty((len(points), points.shape[1] + 1), np.float32)
    for rows in blocks(points):
        share = _wide(points[rows]) / largest
        stand_ins[rows, :-1] = share
        stand_ins[rows, -1] = np.sqrt(np.maximum(0.0, 1 - (share**2).sum(axis=1)))
    return stand_ins


def asking(queries: NDArray[Any], lengths: NDArray[np.float64]) -> NDArray[np.float32]:
    """Divide queries by their norms, and give them a coordinate of 0 more."""
    stand_ins = np.zeros((len(queries), queries.shape[1] + 1), np.float32)
    for rows in blocks(queries):
        stand_ins[rows, :-1] = queries[rows] / lengths[rows, None]
    return stand_ins


def product_error(n_features: int) -> float:
    """Return the most by which the distance of two stand-ins differs from that which their product gives."""
    return float(4 * _ROUNDING + np.sqrt(n_features) * 2.0**-25)


def product_reach(
    keys: NDArray[np.float64], queries: NDArray[Any], lengths: NDArray[np.float64], largest: float
) -> NDArray[np.float64]:
    """Return how far the stand-ins of points may be from those of queries whose keys are these at most."""
    share = np.maximum(0.0, 1 + 1e-9 + keys / (lengths * largest))
    return np.asarray(np.sqrt(2 * share) * (1 + 1e-9) + product_error(queries.shape[1]))


REDUCED = {"euclidean": euclidean, "cosine": cosine, "inner_product": inner_product}


def keys_of(stand_ins: StandIns, rows: NDArray[Any], ids: NDArray[Any], threads: int) -> NDArray[np.float64]:
    """Return the keys of queries and points, (rows, c), a few at a time; inf where the id is -1."""
    keys, found = stand_ins.keys, np.empty(ids.shape)
    assert keys is not None
    size = max(1, _VALUES_AT_ONCE // (ids.shape[1] * stand_ins.points.shape[1]))

    def some(start: int) -> None:
        here = slice(start, start + size)
        found[here] = keys(rows[here], np.maximum(ids[here], 0))

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(some, range(0, len(rows), size)))
    found[ids < 0] = np.inf
    return found


def norms(points: NDArray[Any]) -> NDArray[np.float64]:
    """Return the Euclidean norm of each row, in float64."""
    lengths = np.empty(len(points))
    for rows in blocks(points):
        units, sizes = _scaled(points[rows])
        lengths[rows] = np.sqrt((units**2).sum(axis=1)) * sizes[:, 0]
    return lengths


def nonzero_rows(points: NDArray[Any]) -> NDArray[np.intp]:
    """Return the rows that are no zero vectors."""
    return np.flatnonzero(np.concatenate([(points[rows] != 0).any(axis=1) for rows in blocks(points)]))


def unit_vectors(points: NDArray[Any]) -> NDArray[np.float32]:
    """Divide rows, none of which is a zero vector, by their norms in float64."""
    units = np.empty(points.shape, np.float32)
    for rows in blocks(points):
        wide, _ = _scaled(points[rows])
        units[rows] = wide / np.sqrt((wide**2).sum(axis=1, keepdims=True))
    return units


def _scaled(points: NDArray[Any]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Divide rows by their largest values, (rows, 1): squares of the tiniest ones would be 0."""
    wide = _wide(points)
    sizes = np.abs(wide).max(axis=1, keepdims=True)
    return wide / np.where(sizes > 0, sizes, 1), sizes


def _wide(values: NDArray[Any]) -> NDArray[np.float64]:
    """Copy to float64, in an order in which sums do not depend on that of the values."""
    return values.astype(np.float64, order="C")


def _fits(points: NDArray[Any]) -> bool:
    """Whether float32 holds all values as they are."""
    if points.dtype == np.float32 or np.can_cast(points.dtype, np.float32):
        return True
    return all(
        bool((points[rows].astype(np.float32).astype(np.float64) == points[rows]).all())
        for rows in blocks(points)
    )


def _median(points: NDArray[Any]) -> NDArray[np.float64]:
    """Return a median of each feature, of a sample, that is one of its values.

    On a grid of values the differences from it are on the grid as well.
    """
    sample = points[:: max(1, len(points) // _SAMPLED)].astype(np.float64)
    return np.asarray(np.partition(sample, len(sample) // 2, axis=0)[len(sample) // 2])
