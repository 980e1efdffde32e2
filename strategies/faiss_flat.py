"""Faiss's exact search, a matrix product and a selection for each chunk of queries."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from bench.strategy import Entry, Neighbors, Points, Strategy
from strategies import _neighbors


@dataclass
class FaissFlat(Strategy):
    """``faiss.knn`` on the points as they lie, without an index.

    It computes float32 distances from norms and products, so that points far from the origin and near each
    other lose digits. The OpenBLAS in its wheel may choose a kernel below what the CPU can do.
    """

    chunk_size: int = 16_384
    """Points in one call, 1 or more; few and low-dimensional ones would take a slower path."""
    threads: int = 1
    queries_from: str = ""
    by_products: bool = False

    def __post_init__(self) -> None:
        if self.chunk_size < 1:
            raise ValueError(f"chunk_size is {self.chunk_size}, allowed is 1 or more")

    def start(self) -> None:
        """Import Faiss and give it its threads."""
        import faiss

        faiss.omp_set_num_threads(self.threads)

    def fit(self, points: Points) -> None:
        """Keep the points: there is nothing to build."""
        self._points = points
        self.details = {"growth": "near-linear" if self.queries_from else "quadratic"}

    def kneighbors(self, k: int) -> Iterator[Neighbors]:
        """Yield one block for each chunk."""
        import faiss

        asking, own = _neighbors.queries(self._points, self.queries_from), not self.queries_from
        how = {"metric": faiss.METRIC_INNER_PRODUCT} if self.by_products else {}
        for rows in _neighbors.row_ranges(len(asking), self.chunk_size):
            queries = asking[rows.start : rows.stop]
            found, indices = faiss.knn(queries, self._points, k + own, **how)
            if (indices < 0).any():
                raise OverflowError(
                    "the squares of distances overflow float32, values are up to "
                    f"{np.abs(queries).max():.3g}: "
                    "divide the points by a constant, which changes no neighbors"
                )
            distances = -found if self.by_products else np.sqrt(np.maximum(found, 0))
            if own:
                yield Neighbors(rows, *_neighbors.without_self(rows, indices, distances))
            else:
                yield Neighbors(rows, indices.astype(np.int32), distances)


SNIPPET = (
    """\
import faiss
import numpy as np

points = np.load($points, mmap_mode="r")
faiss.omp_set_num_threads($threads)
squared, indices = faiss.knn(points, points, $k + 1)
distances = np.sqrt(np.where(indices < 0, np.inf, np.maximum(squared, 0)))
"""
    + _neighbors.SNIPPET_WITHOUT_SELF
)

strategy = Entry(FaissFlat, exact=True, requires=("faiss-cpu",), snippet=SNIPPET)
