"""PyNNDescent: a graph of neighbors that improves itself, neighbors of neighbors being likely neighbors."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from bench.strategy import Entry, Neighbors, Points, Strategy
from strategies import _neighbors

ROWS_CONVERTED_AT_ONCE = 1 << 16
TOY_POINTS = (6_000, 64)
"""More than a mebibyte: from there on PyNNDescent takes the path that it takes for a million."""

LADDER = (
    {"n_neighbors": 1},
    {"n_neighbors": 16},
    {"n_neighbors": 20},
    {"n_neighbors": 30},
    {"n_neighbors": 45},
    {"n_neighbors": 60},
)
"""From fast to accurate: ``n_neighbors`` is what PyNNDescent's documentation names for it ("How to use
PyNNDescent": larger values give more accurate results at the cost of time); 1 stands for the k asked for."""


@dataclass
class PyNNDescent(Strategy):
    """``NNDescent(...).neighbor_graph``: the graph that it builds is the answer, so building it is the query.

    Approximate (Dong, Moses, Li: Efficient k-nearest neighbor graph construction, WWW 2011). Numba
    compiles it on toy points in its first start, and keeps that for later ones.
    """

    n_neighbors: int = 30
    """Neighbors of a point in the graph, itself among them, 1 or more; at least k + 1 are."""
    seed: int = 0
    threads: int = 1

    def __post_init__(self) -> None:
        if self.n_neighbors < 1:
            raise ValueError(f"n_neighbors is {self.n_neighbors}, allowed is 1 or more")
        if not 0 <= self.seed < 1 << 32:
            raise ValueError(f"seed is {self.seed}, allowed is 0 to {(1 << 32) - 1}")

    def start(self) -> None:
        """Import PyNNDescent and have Numba compile it."""
        toys = np.random.default_rng(0).standard_normal(TOY_POINTS, np.float32)
        toys.flags.writeable = False  # as the points are: Numba tells the two apart
        self._graph(toys, 1)

    def fit(self, points: Points) -> None:
        """Keep the points: the graph can be built once k is known."""
        self._points = points

    def kneighbors(self, k: int) -> Iterator[Neighbors]:
        """Build the graph and give it out, piece by piece."""
        indices, distances = self._graph(self._points, k)
        for rows in _neighbors.row_ranges(len(self._points), ROWS_CONVERTED_AT_ONCE):
            piece = (slice(rows.start, rows.stop), slice(k + 1))
            yield Neighbors(rows, *_neighbors.without_self(rows, indices[piece], distances[piece]))

    def _graph(self, points: Points, k: int) -> Any:
        """Ids and distances, (n_samples, n_neighbors), each point first in its own row."""
        from pynndescent import NNDescent

        n_neighbors = max(self.n_neighbors, k + 1)
        index = NNDescent(points, n_neighbors=n_neighbors, random_state=self.seed, n_jobs=self.threads)
        return index.neighbor_graph


SNIPPET = (
    """\
import numpy as np
from pynndescent import NNDescent

points = np.load($points)
n_neighbors = max($n_neighbors, $k + 1)
index = NNDescent(points, n_neighbors=n_neighbors, random_state=$seed, n_jobs=$threads)
indices, distances = (found[:, : $k + 1] for found in index.neighbor_graph)
"""
    + _neighbors.SNIPPET_WITHOUT_SELF
)

strategy = Entry(PyNNDescent, exact=False, requires=("pynndescent",), ladder=LADDER, snippet=SNIPPET)
