"""SciPy's kd-tree asked for all points in blocks, by several threads."""

from collections.abc import Iterator
from typing import Any

from bench.strategy import Neighbors, Points
from strategies import _neighbors

LEAFSIZE = 10
"""SciPy's own choice."""
_BLOCK_ROWS = 1 << 16


def answers(tree: Any, points: Points, k: int, threads: int) -> Iterator[Neighbors]:
    """Yield the neighbors of the points that a ``scipy.spatial.KDTree`` was built of, one block a call."""
    for rows in _neighbors.row_ranges(len(points), _BLOCK_ROWS):
        distances, indices = tree.query(points[rows.start : rows.stop], k + 1, workers=threads)
        yield Neighbors(rows, *_neighbors.without_self(rows, indices, distances))
