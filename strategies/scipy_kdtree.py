"""SciPy's kd-tree, queried in blocks by several threads."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from bench.strategy import Entry, Neighbors, Points, Strategy
from strategies import _kd_tree, _neighbors


@dataclass
class ScipyKDTree(Strategy):
    """``scipy.spatial.KDTree`` on float64 copies of the points."""

    leafsize: int = _kd_tree.LEAFSIZE
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
        return _kd_tree.answers(self._tree, self._points, k, self.threads)


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
