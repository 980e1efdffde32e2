"""Faiss's inverted lists: the points by centroid, and only the lists nearest to a query looked through."""

from collections.abc import Iterator
from dataclasses import dataclass

from bench.strategy import Entry, Neighbors, Points, Strategy
from strategies import _faiss, _faiss_ivf, _neighbors

BLOCK_ROWS = 1 << 14


@dataclass
class FaissIVF(Strategy):
    """``IndexIVFFlat``, asked for the points of one list after the other, so that lists stay in the cache.

    Approximate. That order costs nothing, since the lists know their points, and is as fast as
    ``faiss.contrib.big_batch_search``, which multiplies matrices list by list in one call.
    """

    n_lists: int = 0
    """Lists that the points are divided into, 1 or more; 0 for 4 times the square root of their number."""
    n_probe: int = 16
    """Lists to look through for one query, 1 or more (Faiss's own default, 1, finds few neighbors)."""
    threads: int = 1

    def __post_init__(self) -> None:
        _faiss_ivf.check(self.n_lists, self.n_probe)

    def start(self) -> None:
        """Import Faiss and give it its threads."""
        import faiss.contrib.inspect_tools  # noqa: F401 (imported here so that the query does not pay for it)

        _faiss.start(self.threads)

    def fit(self, points: Points) -> None:
        """Find the centroids and fill the lists."""
        self._points = points
        self._index = _faiss_ivf.fit(points, self.n_lists)
        self.details = {"growth": "near-linear", "n_lists_used": float(self._index.nlist)}

    def kneighbors(self, k: int) -> Iterator[Neighbors]:
        """Yield blocks of points that lie in the same or in neighboring lists."""
        order = _faiss_ivf.by_list(self._index)
        for start in range(0, len(order), BLOCK_ROWS):
            rows = order[start : start + BLOCK_ROWS]
            found = _faiss_ivf.search(self._index, self._points, rows, k, self.threads, n_probe=self.n_probe)
            yield Neighbors(rows, *found)


SNIPPET = (
    """\
import faiss
import numpy as np

points = np.load($points, mmap_mode="r")
faiss.omp_set_num_threads($threads)
most = max(1, len(points) // 39)
n_lists = $n_lists or min(most, round(4 * len(points) ** 0.5))
index = faiss.IndexIVFFlat(faiss.IndexFlatL2(points.shape[1]), points.shape[1], n_lists)
index.cp.max_points_per_centroid = 64
index.train(points)
index.add(points)
index.nprobe = $n_probe
squared, indices = index.search(points, $k + 1)
distances = np.sqrt(np.where(indices < 0, np.inf, np.maximum(squared, 0)))
"""
    + _neighbors.SNIPPET_WITHOUT_SELF
)

strategy = Entry(FaissIVF, exact=False, requires=("faiss-cpu",), ladder=_faiss_ivf.LADDER, snippet=SNIPPET)
