"""PiPNN: a graph from the exact neighbors within overlapping random balls, asked for all its own points."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from bench.strategy import Entry, Neighbors, Points, Strategy
from strategies import _neighbors

ROWS_CONVERTED_AT_ONCE = 1 << 16

LADDER = (
    {"beam_l": 16},
    {"beam_l": 32},
    {"beam_l": 64},
    {"beam_l": 128},
    {"beam_l": 128, "runs": 2},
    {"beam_l": 256, "runs": 3},
)
"""From fast to accurate: PiPNN's documentation names ``runs`` as the way to more recall while building,
``beam_L`` while searching (``PiPNNIndex``)."""


@dataclass
class PiPNN(Strategy):
    """``self_knn_graph``: building and asking are one call, so all of it is the query; approximate."""

    beam_l: int = 64
    """Candidates held in a query, 1 or more; at least k + 1 are."""
    runs: int = 1
    """Independent ways to carve the points into balls, 1 or more."""
    seed: int = 0
    threads: int = 1

    def __post_init__(self) -> None:
        for name in ("beam_l", "runs"):
            if (value := getattr(self, name)) < 1:
                raise ValueError(f"{name} is {value}, allowed is 1 or more")
        if self.seed < 0:
            raise ValueError(f"seed is {self.seed}, allowed is 0 or more")

    def start(self) -> None:
        """Import PiPNN."""
        import pipnn  # noqa: F401 (imported here so that the query does not pay for it)

    def fit(self, points: Points) -> None:
        """Copy the points: the search is faster on memory of its own than on a mapped file.

        A million patches took PiPNN alone 138 and 140 s so, with the copy, and 147, 151 and 171 s mapped.
        """
        self._points = np.array(points)

    def kneighbors(self, k: int) -> Iterator[Neighbors]:
        """Build, ask, and give the answer out, piece by piece."""
        from pipnn import self_knn_graph

        indices, distances = self_knn_graph(
            self._points,
            k,
            beam_L=max(self.beam_l, k + 1),
            runs=self.runs,
            n_jobs=self.threads,
            random_state=self.seed,
        )
        for rows in _neighbors.row_ranges(len(self._points), ROWS_CONVERTED_AT_ONCE):
            piece = slice(rows.start, rows.stop)
            yield Neighbors(rows, *_neighbors.without_self(rows, indices[piece], distances[piece]))


SNIPPET = (
    """\
import numpy as np
from pipnn import self_knn_graph

points = np.load($points)
indices, distances = self_knn_graph(
    points, $k, beam_L=max($beam_l, $k + 1), runs=$runs, n_jobs=$threads, random_state=$seed
)
"""
    + _neighbors.SNIPPET_WITHOUT_SELF
)

strategy = Entry(PiPNN, exact=False, requires=("pipnn",), ladder=LADDER, snippet=SNIPPET)
