"""Annoy's forest of random splits, asked in a Python loop, one point after the other."""

from collections.abc import Iterator
from dataclasses import dataclass

from bench.strategy import Entry, Neighbors, Points, Strategy
from strategies import _annoy, _neighbors

BLOCK_ROWS = 1 << 14


@dataclass
class AnnoyLoop(Strategy):
    """Approximate; single-threaded by nature, but for the building of the forest."""

    n_trees: int = 8
    """Trees in the forest, 1 or more."""
    search_k: int = -1
    """Candidates to look at for one query; -1 for n_trees * (k + 1)."""
    build_threads: int = 1
    """Threads that grow trees, 1 or more: the forest differs with it, at the same seed."""
    seed: int = 0

    def __post_init__(self) -> None:
        _annoy.check(self.n_trees, self.search_k, self.build_threads, self.seed)

    def start(self) -> None:
        """Import Annoy."""
        import annoy  # noqa: F401 (imported here so that fit does not pay for it)

    def fit(self, points: Points) -> None:
        """Grow the forest in memory."""
        self._n_samples = len(points)
        self._index = _annoy.grow(points, self.n_trees, self.build_threads, self.seed)
        self.details = {"picklable": _annoy.picklable(self._index)}

    def kneighbors(self, k: int) -> Iterator[Neighbors]:
        """Yield blocks of single queries."""
        for rows in _neighbors.row_ranges(self._n_samples, BLOCK_ROWS):
            yield Neighbors(rows, *_annoy.search(self._index, rows, k, self.search_k))


SNIPPET = (
    """\
import numpy as np
from annoy import AnnoyIndex

points = np.load($points, mmap_mode="r")
forest = AnnoyIndex(points.shape[1], "euclidean")
forest.set_seed($seed)
for row, point in enumerate(points):
    forest.add_item(row, point)
forest.build($n_trees, $build_threads)
found = (forest.get_nns_by_item(row, $k + 1, $search_k, True) for row in range(len(points)))
indices = np.full((len(points), $k + 1), -1, np.int32)
distances = np.full(indices.shape, np.inf, np.float32)
for row, (ids, lengths) in enumerate(found):
    indices[row, : len(ids)], distances[row, : len(ids)] = ids, lengths
"""
    + _neighbors.SNIPPET_WITHOUT_SELF
)

strategy = Entry(
    AnnoyLoop,
    exact=False,
    requires=("annoy",),
    ladder=_annoy.LADDER,
    snippet=SNIPPET,
)
