"""Faiss's inverted file: the points in cells, and only the cells nearest to a query looked at."""

from collections.abc import Iterator
from dataclasses import dataclass

from bench.strategy import Entry, Neighbors, Points, Strategy
from strategies import _faiss

BLOCK_ROWS = 1 << 14


@dataclass
class FaissIVF(Strategy):
    """``IndexIVFFlat``, asked for the points of one cell after the other, so that cells stay in the cache.

    Approximate. That order costs nothing, since the cells know their points, and is as fast as
    ``faiss.contrib.big_batch_search``, which multiplies matrices cell by cell in one call.
    """

    n_cells: int = 0
    """Cells, 1 or more; 0 for 4 * sqrt(n). At most as many as leave each 39 points."""
    n_probe: int = 16
    """Cells looked at for a query, 1 or more (Faiss's own default, 1, finds few neighbors)."""
    points_per_cell: int = 256
    """Points, for each cell, that the centers are trained on, at most; 39 or more."""
    threads: int = 1

    def __post_init__(self) -> None:
        _faiss.check_ivf(self.n_cells, self.n_probe, self.points_per_cell)

    def start(self) -> None:
        """Import Faiss and give it its threads."""
        import faiss.contrib.inspect_tools  # noqa: F401 (imported here so that the query does not pay for it)

        _faiss.start(self.threads)

    def fit(self, points: Points) -> None:
        """Train and fill the cells."""
        self._points = points
        self._index = _faiss.build_ivf(points, self.n_cells, self.points_per_cell)
        self.details = {"n_cells_used": float(self._index.nlist)}

    def kneighbors(self, k: int) -> Iterator[Neighbors]:
        """Yield blocks of points that lie in the same or in neighboring cells."""
        order = _faiss.by_cell(self._index)
        for start in range(0, len(order), BLOCK_ROWS):
            rows = order[start : start + BLOCK_ROWS]
            yield Neighbors(rows, *_faiss.search_ivf(self._index, self._points, rows, k, self.n_probe))


strategy = Entry(FaissIVF, exact=False, requires=("faiss-cpu",), ladder=_faiss.IVF_LADDER)
