"""RINND: neighbors of neighbors as in PyNNDescent, by its author, compiled before it is installed."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from bench.strategy import Entry, Neighbors, Points, Strategy
from strategies import _neighbors

ROWS_CONVERTED_AT_ONCE = 1 << 16

LADDER = (
    {"n_neighbors": 1},
    {"n_neighbors": 16},
    {"n_neighbors": 22},
    {"n_neighbors": 30},
    {"n_neighbors": 45},
    {"n_neighbors": 60},
)
"""From fast to accurate: ``n_neighbors`` is what the documentation of PyNNDescent, whose method and names it
has, offers for it ("How to use PyNNDescent"); 1 stands for the k asked for. Its int8 candidates are for the
cosine alone, and not with ``graph_only``, so that no rung has them."""


@dataclass
class Rinnd(Strategy):
    """``RINND(..., graph_only=True).neighbor_graph``: building the graph is the query.

    Approximate, with squared distances in float32 by difference.
    """

    n_neighbors: int = 30
    """Neighbors of a point in the graph, itself not among them, 1 or more; at least k are."""
    seed: int = 0
    threads: int = 1

    def __post_init__(self) -> None:
        if self.n_neighbors < 1:
            raise ValueError(f"n_neighbors is {self.n_neighbors}, allowed is 1 or more")
        if not 0 <= self.seed < 1 << 32:
            raise ValueError(f"seed is {self.seed}, allowed is 0 to {(1 << 32) - 1}")

    def start(self) -> None:
        """Import RINND."""
        import rinnd  # noqa: F401 (imported here so that the query does not pay for it)

    def fit(self, points: Points) -> None:
        """Keep the points: the graph can be built once k is known."""
        self._points = points

    def kneighbors(self, k: int) -> Iterator[Neighbors]:
        """Build the graph and give it out, piece by piece."""
        from rinnd import RINND

        index: Any = RINND(
            self._points,
            n_neighbors=max(self.n_neighbors, k),
            random_state=self.seed,
            graph_only=True,
            n_jobs=self.threads,
        )
        indices, distances = index.neighbor_graph
        for rows in _neighbors.row_ranges(len(self._points), ROWS_CONVERTED_AT_ONCE):
            piece = (slice(rows.start, rows.stop), slice(k))
            yield Neighbors(rows, indices[piece], distances[piece])


SNIPPET = """\
import numpy as np
from rinnd import RINND

points = np.load($points)
n_neighbors = max($n_neighbors, $k)
index = RINND(points, n_neighbors=n_neighbors, random_state=$seed, graph_only=True, n_jobs=$threads)
indices, distances = (found[:, :$k] for found in index.neighbor_graph)
"""

strategy = Entry(Rinnd, exact=False, requires=("rinnd",), ladder=LADDER, snippet=SNIPPET)
