"""The kernels of the approximate join as typed functions, in addition to those of ``_native``."""

import ctypes
from ctypes import c_int64, c_uint64, c_void_p
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from allknn._arrays import read, written
from allknn._library import load

if TYPE_CHECKING:
    from allknn.approximate.leaders import LeaderTree
    from allknn.approximate.lists import Division, SharedLists

PANEL = 8
"""Leaders that lie together: as in ``_core/api.hpp``."""
LOCKS = 1 << 16


class _Tree(ctypes.Structure):
    _fields_ = (
        *((name, c_void_p) for name in ("panels", "bias", "below")),
        *((name, c_int64) for name in ("n_slots", "root", "n_levels")),
    )


class _Lists(ctypes.Structure):
    _fields_ = (
        *((name, c_void_p) for name in ("points", "rows", "ids", "others", "distances", "locks")),
        *((name, c_int64) for name in ("n_features", "k")),
    )


class _Division(ctypes.Structure):
    _fields_ = (*((name, c_int64) for name in ("leaf_size", "fan_out", "most")), ("seed", c_uint64))


def nearest_leaders(
    points: NDArray[np.float32],
    rows: NDArray[np.int32],
    tree: "LeaderTree",
    beam: int,
    slots: NDArray[np.int32],
) -> None:
    """Write the slots of the nearest leaders of the points in ``rows``, (rows, fan_out), the nearest first.

    At each level of the tree those below the nearest ``beam`` are looked at. -1 where there are too few.
    """
    n_slots, n_features, fan_out = len(tree.bias), points.shape[1], slots.shape[1]
    if fan_out > beam:
        raise ValueError(f"the beam must be at least fan_out, {fan_out}, got {beam}")
    core = load()
    memory = np.empty(core.nearest_leaders_bytes(len(rows), n_slots, beam, n_features), np.uint8)
    shape = n_slots // PANEL, n_features, PANEL
    core.nearest_leaders(
        read(points, np.float32, points.shape),
        n_features,
        read(rows, np.int32, rows.shape),
        len(rows),
        ctypes.byref(
            _Tree(
                read(tree.panels, np.float32, shape),
                read(tree.bias, np.float32, (n_slots,)),
                read(tree.below, np.int64, (n_slots + 1,)),
                n_slots,
                tree.root,
                tree.n_levels,
            )
        ),
        beam,
        fan_out,
        written(slots, np.int32, (len(rows), fan_out)),
        memory.ctypes.data,
    )


def list_members(slots: NDArray[np.int32], n_slots: int) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Turn the slots of each row, -1 for none, into the rows of each slot.

    Returns the rows, slot by slot, ascending within each, and where those of each slot begin.
    """
    begin, rows = np.empty(n_slots + 1, np.int64), np.empty(slots.size, np.int32)
    load().list_members(
        read(slots, np.int32, slots.shape), *slots.shape, n_slots, begin.ctypes.data, rows.ctypes.data
    )
    return rows[: begin[-1]], begin


def bucket_memory(size: int, n_features: int, k: int, division: "Division") -> NDArray[np.uint8]:
    """Memory for buckets of at most so many points."""
    return np.empty(load().join_bucket_bytes(size, n_features, k, _division(division, 0)), np.uint8)


def join_bucket(
    lists: "SharedLists",
    positions: NDArray[np.int32],
    division: "Division",
    seed: int,
    memory: NDArray[np.uint8],
) -> int:
    """Join the points at ``positions`` leaf by leaf, into lists that threads share; return how many pairs."""
    n_features, k = lists.points.shape[1], lists.others.shape[1]
    how = _division(division, seed)
    needed = load().join_bucket_bytes(len(positions), n_features, k, how)
    if len(memory) < needed:
        raise ValueError(f"memory of at least {needed} bytes is needed, got {len(memory)}")
    pairs: int = load().join_bucket(
        _lists(lists),
        read(positions, np.int32, positions.shape),
        len(positions),
        how,
        written(memory, np.uint8, memory.shape),
    )
    return pairs


def refine(
    lists: "SharedLists",
    known: NDArray[np.int32],
    bounds: NDArray[np.float32],
    places: NDArray[np.int32],
    start: int,
    stop: int,
) -> int:
    """Look for neighbors of positions ``start`` to ``stop`` among those of their neighbors.

    ``known``, (n, k), and ``bounds``, (n,), are copies of the lists and of their last distances; ``places``
    says at which position each id is. Returns the pairs computed.
    """
    if not 0 <= start <= stop <= len(lists.ids):
        raise ValueError(f"positions {start} to {stop}, allowed is 0 to {len(lists.ids)}")
    memory = np.empty(load().refine_bytes(known.shape[1]), np.uint8)
    pairs: int = load().refine(
        _lists(lists),
        read(known, np.int32, lists.others.shape),
        read(bounds, np.float32, lists.ids.shape),
        read(places, np.int32, places.shape),
        start,
        stop,
        memory.ctypes.data,
    )
    return pairs


def _division(division: "Division", seed: int) -> "ctypes._CArgObject":
    return ctypes.byref(_Division(division.leaf_size, division.fan_out, division.most, seed))


def _lists(lists: "SharedLists") -> "ctypes._CArgObject":
    shape = lists.others.shape
    return ctypes.byref(
        _Lists(
            read(lists.points, np.float32, lists.points.shape),
            None if lists.rows is None else read(lists.rows, np.int32, shape[:1]),
            read(lists.ids, np.int32, shape[:1]),
            written(lists.others, np.int32, shape),
            written(lists.distances, np.float32, shape),
            written(lists.locks, np.uint8, (LOCKS,)),
            lists.points.shape[1],
            shape[1],
        )
    )
