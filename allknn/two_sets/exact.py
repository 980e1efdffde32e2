"""The exact nearest points of queries: leaves of queries look through leaves of points."""

from collections.abc import Generator
from concurrent.futures import Executor, ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from allknn import _native
from allknn.answers import Share
from allknn.exact import duplicates, order
from allknn.exact.points import OrderedPoints

Nearest = tuple[NDArray[np.int32], NDArray[np.float64]]
"""Ids, -1 where there is none, and squared distances, inf there, (queries, k), by (distance, id)."""

_BLOCK_BYTES = 1 << 28
"""Points are copied beside the queries, so many bytes of them at once."""
_FEW = 4 * _native.LEAF
"""So few queries do not pay for ordering the points."""
_FIRST_LEAVES = 4
"""So many leaves are looked through first: what is near in them bounds what is looked for in all."""


def nearest(
    points: NDArray[np.float32], queries: NDArray[np.float32], k: int, threads: int
) -> Generator[Share, None, Nearest]:
    """Yield the share done, and return the k nearest points of each query.

    Beside the answers it takes memory for the queries and 256 MiB of points.
    """
    ids, squared = np.full((len(queries), k), -1, np.int32), np.full((len(queries), k), np.inf)
    size = max(_native.LEAF, _BLOCK_BYTES // (4 * points.shape[1]))
    starts = range(0, len(points), size)
    with ThreadPoolExecutor(threads) as pool:
        leaves = _ordered(queries, np.arange(len(queries), dtype=np.int32), len(queries), pool)
        for number, start in enumerate(starts):
            block = points[start : start + size]
            for share in _look_through(block, start, leaves, ids, squared, pool):
                yield (number + share) / len(starts)
    return ids, squared


def side_by_side(points: NDArray[np.float32], queries: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return one array of the points and, after them, the queries."""
    both = np.empty((len(points) + len(queries), points.shape[1]), np.float32)
    both[: len(points)], both[len(points) :] = points, queries
    return both


def first_of_equals(points: NDArray[np.float32], most: int) -> NDArray[np.int32]:
    """Return the rows, ascending, that are among the first ``most`` of those equal to them."""
    groups = duplicates.group(points)
    if len(groups.begin) > len(groups.members):
        return groups.members
    begin = np.repeat(groups.begin[:-1], np.diff(groups.begin))
    return np.sort(groups.members[np.arange(len(groups.members)) - begin < most])


def _ordered(
    points: NDArray[np.float32], chosen: NDArray[np.int32], n_queries: int, pool: Executor
) -> OrderedPoints:
    return order.measured(points, chosen) if n_queries <= _FEW else order.arrange(points, chosen, pool)


def with_queries(points: OrderedPoints, rows: NDArray[np.int32], scale: float) -> OrderedPoints:
    """Put the rows of queries after those of points, where no leaf holds them."""
    return points._replace(order=np.concatenate([points.order, rows]), scale=scale)


def common_scale(points: OrderedPoints, queries: OrderedPoints) -> float:
    """Return a power of two that brings the distances of all points and queries below 4."""
    mean = points.centers.mean(axis=0)
    reach = max(
        float((np.sqrt(((one.centers - mean) ** 2).sum(axis=1)) + one.radii).max())
        for one in (points, queries)
    )
    return float(2.0 ** -np.ceil(np.log2(reach))) if reach > 0 else 1.0


def some_leaves(points: OrderedPoints, leaves: NDArray[np.intp], rows: NDArray[np.int32]) -> OrderedPoints:
    """Return these leaves alone, and the rows of queries after them."""
    bounds = zip(points.leaf_at[leaves].tolist(), points.leaf_at[leaves + 1].tolist(), strict=True)
    members = np.concatenate([points.order[start:stop] for start, stop in bounds] + [rows])
    sizes = points.leaf_at[leaves + 1] - points.leaf_at[leaves]
    return points._replace(
        order=members,
        leaf_at=np.append(0, np.cumsum(sizes)),
        centers=points.centers[leaves],
        radii=points.radii[leaves],
    )


def _look_through(
    block: NDArray[np.float32],
    start: int,
    queries: OrderedPoints,
    ids: NDArray[np.int32],
    squared: NDArray[np.float64],
    pool: Executor,
) -> Generator[Share, None, None]:
    """Take the points from number ``start`` on into what is known of the queries."""
    k = ids.shape[1]
    both = side_by_side(block, queries.points)
    ordered = _ordered(both, first_of_equals(both[: len(block)], k), len(queries.points), pool)
    n_points, rows = len(ordered.order), (len(block) + queries.order).astype(np.int32)
    every = with_queries(ordered, rows, common_scale(ordered, queries))

    def search(leaf: int) -> None:
        first, last = queries.leaf_at[leaf : leaf + 2]
        own = queries.order[first:last]
        bounds = np.minimum(
            squared[own, -1], _first_bounds(every, rows[first:last], queries.centers[leaf], k)
        )
        found, lengths = np.empty((len(own), k), np.int32), np.repeat(bounds[:, None], k, axis=1)
        _native.search(every, np.arange(n_points + first, n_points + last), found, lengths)
        found[found >= 0] += start
        if start:
            found, lengths = merged(ids[own], squared[own], found, lengths)
        ids[own], squared[own] = found, lengths

    n_leaves = len(queries.radii)
    for done, _ in enumerate(pool.map(search, range(n_leaves)), 1):
        yield done / n_leaves


def _first_bounds(
    points: OrderedPoints, rows: NDArray[np.int32], center: NDArray[np.float64], k: int
) -> NDArray[np.float64]:
    """Return how far the k nearest of the leaves around a center reach from each query."""
    most = max(_FIRST_LEAVES, -(-k // _native.LEAF) + 1)
    if len(points.radii) <= 2 * most:
        return np.full(len(rows), np.inf)
    apart = ((points.centers - center) ** 2).sum(axis=1)
    few = some_leaves(points, np.argpartition(apart, most)[:most], rows)
    ids, lengths = np.empty((len(rows), k), np.int32), np.full((len(rows), k), np.inf)
    n_points = int(few.leaf_at[-1])
    _native.search(few, np.arange(n_points, n_points + len(rows)), ids, lengths)
    return lengths[:, -1]


def merged(
    ids: NDArray[np.int32],
    lengths: NDArray[np.float64],
    more_ids: NDArray[np.int32],
    more_lengths: NDArray[np.float64],
) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
    """Return the nearest of two lists for each row, none of which is in both."""
    all_ids, all_lengths = np.hstack([ids, more_ids]), np.hstack([lengths, more_lengths])
    nearest_first = np.lexsort((all_ids, all_lengths), axis=1)[:, : ids.shape[1]]
    return np.take_along_axis(all_ids, nearest_first, 1), np.take_along_axis(all_lengths, nearest_first, 1)
