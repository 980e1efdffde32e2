"""Annoy's forest of random splits, grown and asked by several threads: it gives up the interpreter's lock."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from bench.strategy import Entry, Neighbors, Points, Strategy
from strategies import _annoy, _neighbors

BLOCK_ROWS = 1 << 12


@dataclass
class AnnoyThreads(Strategy):
    """Approximate; the forest depends on the number of threads that grow it, at the same seed."""

    n_trees: int = 8
    """Trees in the forest, 1 or more."""
    search_k: int = -1
    """Candidates to look at for one query; -1 for n_trees * (k + 1)."""
    seed: int = 0
    threads: int = 1

    def __post_init__(self) -> None:
        _annoy.check(self.n_trees, self.search_k, self.threads, self.seed)

    def start(self) -> None:
        """Import Annoy and start the threads."""
        import annoy  # noqa: F401 (imported here so that fit does not pay for it)

        self._pool = ThreadPoolExecutor(self.threads)

    def fit(self, points: Points) -> None:
        """Grow the forest in memory."""
        self._n_samples = len(points)
        self._index = _annoy.grow(points, self.n_trees, self.threads, self.seed)

    def kneighbors(self, k: int) -> Iterator[Neighbors]:
        """Yield the blocks that the threads answer, in the order of rows."""

        def answer(rows: range) -> Neighbors:
            return Neighbors(rows, *_annoy.search(self._index, rows, k, self.search_k))

        yield from self._pool.map(answer, _neighbors.row_ranges(self._n_samples, BLOCK_ROWS))

    def close(self) -> None:
        """End the threads, without the blocks that nobody waits for any more."""
        if hasattr(self, "_pool"):
            self._pool.shutdown(cancel_futures=True)


SNIPPET = (
    """\
from concurrent.futures import ThreadPoolExecutor
import numpy as np
from annoy import AnnoyIndex

points = np.load($points, mmap_mode="r")
forest = AnnoyIndex(points.shape[1], "euclidean")
forest.set_seed($seed)
for row, point in enumerate(points):
    forest.add_item(row, point)
forest.build($n_trees, $threads)
def answer(start):
    rows = range(start, min(start + 1024, len(points)))
    return [forest.get_nns_by_item(row, $k + 1, $search_k, True) for row in rows]
with ThreadPoolExecutor($threads) as pool:  # Annoy releases the GIL
    found = (one for block in pool.map(answer, range(0, len(points), 1024)) for one in block)
    indices = np.full((len(points), $k + 1), -1, np.int32)
    distances = np.full(indices.shape, np.inf, np.float32)
    for row, (ids, lengths) in enumerate(found):
        indices[row, : len(ids)], distances[row, : len(ids)] = ids, lengths
"""
    + _neighbors.SNIPPET_WITHOUT_SELF
)

strategy = Entry(AnnoyThreads, exact=False, requires=("annoy",), ladder=_annoy.LADDER, snippet=SNIPPET)
