"""Annoy's forest as several strategies use it: grown, and asked one query at a time."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from strategies import _neighbors

if TYPE_CHECKING:
    from annoy import AnnoyIndex

    from bench.strategy import Points

LADDER = (
    {"n_trees": 8},
    {"n_trees": 16},
    {"n_trees": 32},
    {"n_trees": 32, "search_k": 2_000},
    {"n_trees": 32, "search_k": 8_000},
    {"n_trees": 32, "search_k": 32_000},
)
"""From fast to accurate: the two parameters that Annoy's README names as the trade of speed for accuracy
("Tradeoffs"); from some accuracy on, more candidates are worth more than more trees."""

MOST_SEEDS = 1 << 31
"""Annoy takes a C int."""

ROWS_ADDED_AT_ONCE = 1 << 14


def check(n_trees: int, search_k: int, build_threads: int, seed: int) -> None:
    """Raise ValueError where a parameter is out of range."""
    if n_trees < 1:
        raise ValueError(f"n_trees is {n_trees}, allowed is 1 or more")
    if search_k < 1 and search_k != -1:
        raise ValueError(f"search_k is {search_k}, allowed is 1 or more, or -1 for n_trees * (k + 1)")
    if build_threads < 1:
        raise ValueError(f"build_threads is {build_threads}, allowed is 1 or more")
    if not 0 <= seed < MOST_SEEDS:
        raise ValueError(f"seed is {seed}, allowed is 0 to {MOST_SEEDS - 1}")


def grow(points: "Points", n_trees: int, build_threads: int, seed: int) -> "AnnoyIndex":
    """Build a forest in memory; the same forest for the same seed *and* the same ``build_threads``."""
    from annoy import AnnoyIndex

    index = AnnoyIndex(points.shape[1], "euclidean")
    index.set_seed(seed)
    for rows in _neighbors.row_ranges(len(points), ROWS_ADDED_AT_ONCE):
        for row, point in zip(rows, points[rows.start : rows.stop].tolist(), strict=True):
            index.add_item(row, point)
    index.build(n_trees, build_threads)
    return index


def picklable(index: "AnnoyIndex") -> str:
    """Say whether a forest can be pickled, as a broadcast would need: ``yes`` or ``no`` and why not."""
    import pickle

    try:
        pickle.dumps(index)
    except TypeError as error:
        return f"no: {error}"
    return "yes"


def search(
    index: "AnnoyIndex", rows: range, k: int, search_k: int
) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """Ask for the neighbors of ``rows``, one by one, as Annoy has no query for a matrix.

    Returns ids and distances of shape (rows, k); -1 and inf where the forest gave fewer than k.
    """
    indices = np.full((len(rows), k + 1), -1, np.int64)
    distances = np.full((len(rows), k + 1), np.inf, np.float32)
    for i, row in enumerate(rows):
        ids, lengths = index.get_nns_by_item(row, k + 1, search_k, include_distances=True)
        indices[i, : len(ids)] = ids
        distances[i, : len(ids)] = lengths
    return _neighbors.without_self(rows, indices, distances)


def save(index: "AnnoyIndex", path: str) -> None:
    """Write a forest to a file and let go of its memory."""
    index.save(path)
    index.unload()


def load(path: str, n_features: int) -> "AnnoyIndex":
    """Map a forest from a file."""
    from annoy import AnnoyIndex

    index = AnnoyIndex(n_features, "euclidean")
    index.load(path)
    return index


def search_in_threads(
    index: "AnnoyIndex", _points: "Points", rows: range, k: int, threads: int, *, search_k: int
) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """``search`` in so many threads, for Annoy gives up the interpreter's lock."""
    from concurrent.futures import ThreadPoolExecutor

    pieces = [_neighbors.row_range(len(rows), threads, thread) for thread in range(threads)]
    with ThreadPoolExecutor(threads) as pool:
        found = pool.map(lambda piece: search(index, rows[piece.start : piece.stop], k, search_k), pieces)
        indices, distances = (np.concatenate(column) for column in zip(*found, strict=True))
    return indices, distances
