"""SciPy's kd-tree, queried in blocks by several threads."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from bench.strategy import Entry, Neighbors, Points, Strategy
from strategies import _neighbors

BLOCK_ROWS = 1 << 16


@dataclass
class ScipyKDTree(Strategy):
    """``scipy.spatial.KDTree`` on float64 copies of the points."""

    leafsize: int = 10
    """Points in a leaf, 1 or more."""
    threads: int = 1

    def __post_init__(self) -> None:
        if self.leafsize < 1:
            raise ValueError(f"leafsize is {self.leafsize}, allowed is 1 or more")

    def start(self) -> None:
        """Import SciPy's spatial trees."""
        import scipy.spatial  # noqa: F401 (imported here so that fit does not pay for it)

    def fit(self, points: Points) -> None:
        """Build the tree, in one thread."""
        from scipy.spatial import KDTree

        self._points = points
        self._tree: Any = KDTree(points, self.leafsize)

    def kneighbors(self, k: int) -> Iterator[Neighbors]:
        """Yield one block for each call."""
        for rows in _neighbors.row_ranges(len(self._points), BLOCK_ROWS):
            queries = self._points[rows.start : rows.stop]
            distances, indices = self._tree.query(queries, k + 1, workers=self.threads)
            yield Neighbors(rows, *_neighbors.without_self(rows, indices, distances))


SNIPPET = (
    """\
import numpy as np
from scipy.spatial import KDTree

points = np.load($points, mmap_mode="r")
distances, indices = KDTree(points, $leafsize).query(points, $k + 1, workers=$threads)
"""
    + _neighbors.SNIPPET_WITHOUT_SELF
)

strategy = Entry(ScipyKDTree, exact=True, requires=("scipy",), snippet=SNIPPET)
