"""The compiled core's functions, typed: they check dtype, shape and contiguity, then release the GIL."""

import ctypes
from ctypes import c_void_p
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from allknn import _library
from allknn._arrays import Range, lists_of, points_of, read, written

if TYPE_CHECKING:
    from allknn.exact.points import Lists, OrderedPoints

LEAF = 192
"""Points that lie together in the exact join, at most: as in ``_core/api.hpp``."""


def halve(points: NDArray[np.float32], order: NDArray[np.int32], start: int, stop: int) -> int:
    """Part ``order[start:stop]`` across its longest direction; return where."""
    middle: int = _library.load().halve(*_halving(points, order, start, stop))
    return middle


def halve_all(points: NDArray[np.float32], order: NDArray[np.int32], start: int, stop: int) -> None:
    """Halve ``order[start:stop]`` until leaves, and in these panels, are left."""
    _library.load().halve_all(*_halving(points, order, start, stop))


def measure_leaves(
    points: NDArray[np.float32],
    order: NDArray[np.int32],
    leaf_at: NDArray[np.int64],
    centers: NDArray[np.float64],
    radii: NDArray[np.float64],
) -> None:
    """Write the mean of each leaf, (n_leaves, n_features), and its radius, (n_leaves,)."""
    n_leaves, n_features = len(leaf_at) - 1, points.shape[1]
    _library.load().measure_leaves(
        read(points, np.float32, points.shape),
        n_features,
        read(order, np.int32, order.shape),
        read(leaf_at, np.int64, leaf_at.shape),
        n_leaves,
        written(centers, np.float64, (n_leaves, n_features)),
        written(radii, np.float64, (n_leaves,)),
    )


def join_memory(leaves: int, n_features: int) -> NDArray[np.uint8]:
    """Memory for joins of ranges of so many leaves."""
    return np.empty(_library.load().join_bytes(leaves, n_features), np.uint8)


def join(
    points: "OrderedPoints",
    p: tuple[int, int],
    q: tuple[int, int],
    lists: "Lists",
    leaves: int,
    memory: NDArray[np.uint8],
) -> int:
    """Offer each point of leaves ``p`` to each of ``q`` and the other way round; return the pairs computed.

    ``p`` are the same leaves as ``q`` or lie before them, at most ``leaves`` each. Nobody else may use their
    lists meanwhile.
    """
    if not (0 <= p[0] < p[1] <= p[0] + leaves and q[0] < q[1] <= min(len(points.radii), q[0] + leaves)):
        raise ValueError(f"ranges of 1 to {leaves} of {len(points.radii)} leaves are needed, got {p} and {q}")
    if p != q and p[1] > q[0]:
        raise ValueError(f"ranges that are the same or apart are needed, got {p} and {q}")
    n_features = points.points.shape[1]
    pairs: int = _library.load().join(
        ctypes.byref(points_of(points)),
        ctypes.byref(Range(*p)),
        ctypes.byref(Range(*q)),
        ctypes.byref(lists_of(points, lists)),
        leaves,
        written(memory, np.uint8, (_library.load().join_bytes(leaves, n_features),)),
    )
    return pairs


def search(
    points: "OrderedPoints",
    positions: NDArray[np.int64],
    ids: NDArray[np.int32],
    squared: NDArray[np.float64],
) -> None:
    """Look for the neighbors of at most LEAF positions among all points.

    ``ids`` and ``squared``, (positions, k), hold as many points as near, and are replaced by the nearest.
    """
    if len(positions) > LEAF:
        raise ValueError(f"{len(positions)} positions, allowed are at most {LEAF}")
    _library.load().search(
        ctypes.byref(points_of(points)),
        read(positions, np.int64, positions.shape),
        len(positions),
        ids.shape[1],
        written(ids, np.int32, (len(positions), ids.shape[1])),
        written(squared, np.float64, ids.shape),
        join_memory(1, points.points.shape[1]).ctypes.data_as(c_void_p),
    )


def settle(
    points: "OrderedPoints",
    lists: "Lists",
    start: int,
    stop: int,
    ids: NDArray[np.int32],
    squared: NDArray[np.float64],
    unproven: NDArray[np.bool_],
) -> None:
    """Measure the candidates of positions ``start`` to ``stop`` and keep the nearest k by (distance, id).

    Writes ``ids`` and ``squared``, (rows, k), and ``unproven``, (rows,): whether a point that is no candidate
    may be as near as the last of them.
    """
    if not 0 <= start <= stop <= len(points.order):
        raise ValueError(f"positions {start} to {stop}, allowed is 0 to {len(points.order)}")
    shape = stop - start, ids.shape[1]
    _library.load().settle(
        ctypes.byref(points_of(points)),
        ctypes.byref(lists_of(points, lists)),
        len(points.order),
        start,
        stop,
        ids.shape[1],
        written(ids, np.int32, shape),
        written(squared, np.float64, shape),
        written(unproven, np.bool_, shape[:1]),
    )


def merge_candidates(
    points: "OrderedPoints",
    lists: "Lists",
    positions: NDArray[np.int32],
    sizes: NDArray[np.int32],
    others: NDArray[np.int32],
    nearness: NDArray[np.float32],
) -> None:
    """Take in what was found elsewhere: for each of ``positions`` so many ``others``, places among them."""
    _library.load().merge_candidates(
        ctypes.byref(lists_of(points, lists)),
        read(positions, np.int32, positions.shape),
        read(sizes, np.int32, positions.shape),
        len(positions),
        read(others, np.int32, (int(sizes.sum()),)),
        read(nearness, np.float32, others.shape),
    )


def merge_answers(
    rows: NDArray[np.int32],
    ids: NDArray[np.int32],
    distances: NDArray[np.float32],
    all_ids: NDArray[np.int32],
    all_distances: NDArray[np.float32],
) -> None:
    """Take answers, (rows, k), into what is known at ``rows``, nobody twice, in whatever order."""
    k = ids.shape[1]
    _library.load().merge_answers(
        read(rows, np.int32, rows.shape),
        len(rows),
        k,
        read(ids, np.int32, (len(rows), k)),
        read(distances, np.float32, ids.shape),
        written(all_ids, np.int32, (len(all_ids), k)),
        written(all_distances, np.float32, all_ids.shape),
    )


def hash_rows(points: NDArray[np.float32]) -> NDArray[np.uint64]:
    """Return a hash of each row; equal rows have equal ones (-0.0 equals 0.0)."""
    hashes = np.empty(len(points), np.uint64)
    _library.load().hash_rows(read(points, np.float32, points.shape), *points.shape, hashes.ctypes.data)
    return hashes


def find_leaders(
    points: NDArray[np.float32],
    hashes: NDArray[np.uint64],
    order: NDArray[np.int32],
    leaders: NDArray[np.int32],
) -> None:
    """Write for each row in ``order`` the first of those equal to it.

    These are all rows whose hashes lie in some range, ordered by hashes, equal ones by their numbers.
    """
    n_samples, n_features = points.shape
    _library.load().find_leaders(
        read(points, np.float32, points.shape),
        len(order),
        n_features,
        read(hashes, np.uint64, (n_samples,)),
        read(order, np.int32, order.shape),
        written(leaders, np.int32, (n_samples,)),
    )


def expand(
    members: NDArray[np.int32],
    begin: NDArray[np.int64],
    groups: NDArray[np.int64],
    near: NDArray[np.int64],
    lengths: NDArray[np.float64],
    ids: NDArray[np.int32],
    squared: NDArray[np.float64],
) -> None:
    """Answer each member of some groups from what their groups are near to, (groups, near)."""
    _library.load().expand(
        read(members, np.int32, members.shape),
        read(begin, np.int64, begin.shape),
        read(groups, np.int64, groups.shape),
        len(groups),
        read(near, np.int64, (len(groups), near.shape[1])),
        read(lengths, np.float64, near.shape),
        near.shape[1],
        ids.shape[1],
        written(ids, np.int32, (int((begin[groups + 1] - begin[groups]).sum()), ids.shape[1])),
        written(squared, np.float64, ids.shape),
    )


def _halving(points: NDArray[np.float32], order: NDArray[np.int32], start: int, stop: int) -> tuple[Any, ...]:
    if not 0 <= start <= stop <= len(order):
        raise ValueError(f"positions {start} to {stop}, allowed is 0 to {len(order)}")
    n_features = points.shape[1]
    memory = np.empty(_library.load().halve_bytes(stop - start, n_features), np.uint8)
    addresses = read(points, np.float32, points.shape), n_features, written(order, np.int32, order.shape)
    return *addresses, start, stop, memory.ctypes.data_as(c_void_p)
