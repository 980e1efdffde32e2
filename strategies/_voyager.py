"""Voyager's navigable small-world graph as several strategies use it."""

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from strategies import _neighbors

if TYPE_CHECKING:
    from bench.strategy import Points

LADDER = (
    {"m": 8, "ef_construction": 40},
    {"m": 12, "ef_construction": 100, "ef": 20},
    {"m": 12, "ef_construction": 200, "ef": 40},
    {"m": 16, "ef_construction": 200, "ef": 150},
    {"m": 32, "ef_construction": 400, "ef": 400},
    {"m": 48, "ef_construction": 500, "ef": 2_000},
)
"""From fast to accurate: what Voyager's documentation offers as the trade of speed for recall (``Index``), in
the ranges that hnswlib, which it is made of, advises (ALGO_PARAMS.md: M from 12 to 48, ef from k up)."""

ROWS_ADDED_AT_ONCE = 1 << 16
"""Voyager takes no read-only map, so points are copied before they are added, not all at once."""


def check(m: int, ef_construction: int, ef: int, seed: int) -> None:
    """Raise ValueError where a parameter is out of range."""
    for name, value in (("m", m), ("ef_construction", ef_construction), ("ef", ef)):
        if value < 1:
            raise ValueError(f"{name} is {value}, allowed is 1 or more")
    if seed < 0:
        raise ValueError(f"seed is {seed}, allowed is 0 or more")


def build(points: "Points", m: int, ef_construction: int, seed: int, threads: int) -> Any:
    """Link the points, as float32; with several threads the graph depends on who came first."""
    from voyager import Index, Space

    index = Index(
        Space.Euclidean,
        points.shape[1],
        M=m,
        ef_construction=ef_construction,
        random_seed=seed,
        max_elements=len(points),
    )
    for rows in _neighbors.row_ranges(len(points), ROWS_ADDED_AT_ONCE):
        added = np.array(points[rows.start : rows.stop])
        index.add_items(added, ids=rows, num_threads=threads)  # left to itself, it numbers them by chance
    return index


def search(
    index: Any, points: NDArray[np.float32], rows: range, k: int, threads: int, *, ef: int
) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """Ids and distances, (rows, k), by one batch of queries."""
    queries = np.array(points[rows.start : rows.stop])
    indices, squared = index.query(queries, k + 1, num_threads=threads, query_ef=max(ef, k + 1))
    return _neighbors.without_self(rows, indices, np.sqrt(squared))


def save(index: Any, path: str) -> None:
    """Write a graph to a file."""
    index.save(path)


def load(path: str, n_features: int) -> Any:  # noqa: ARG001 (other indexes must be told)
    """Read a graph into memory: Voyager maps no files."""
    from voyager import Index

    return Index.load(path)
