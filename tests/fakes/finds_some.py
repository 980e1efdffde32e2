"""Finds the exact neighbors of a share of the points, none of the others: a ladder of known recalls."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from bench.strategy import Entry, Neighbors, Points, Strategy


@dataclass
class FindsSome(Strategy):
    share: float = 1.0

    def fit(self, points: Points) -> None:
        self._points = np.asarray(points)

    def kneighbors(self, k: int) -> Iterator[Neighbors]:
        from scipy.spatial import KDTree

        distances, indices = KDTree(self._points).query(self._points, k + 1)
        unlike_the_judge = np.random.default_rng(7)
        rows = unlike_the_judge.permutation(len(self._points))
        lost = rows[round(len(rows) * self.share) :]
        indices[lost], distances[lost] = -1, np.inf
        yield Neighbors(
            range(len(rows)), indices[:, 1:].astype(np.int32), distances[:, 1:].astype(np.float32)
        )


strategy = Entry(
    FindsSome, exact=False, ladder=tuple({"share": share} for share in (0.5, 0.95, 0.985, 0.998))
)
