"""Answers rightly, by brute force, a few points at a time with a pause after each block."""

import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from bench.strategy import Entry, Neighbors, Points, Strategy


@dataclass
class AnswersSlowly(Strategy):
    block_rows: int = 100
    pause_seconds: float = 0.2

    def fit(self, points: Points) -> None:
        self._points = np.asarray(points, np.float64)

    def kneighbors(self, k: int) -> Iterator[Neighbors]:
        points = self._points
        for start in range(0, len(points), self.block_rows):
            rows = range(start, min(start + self.block_rows, len(points)))
            squared = np.stack([((points - points[row]) ** 2).sum(axis=1) for row in rows])
            squared[np.arange(len(rows)), rows] = np.inf
            nearest = np.argsort(squared, axis=1, kind="stable")[:, :k]
            lengths = np.sqrt(np.take_along_axis(squared, nearest, axis=1))
            yield Neighbors(rows, nearest.astype(np.int32), lengths.astype(np.float32))
            time.sleep(self.pause_seconds)


strategy = Entry(AnswersSlowly, exact=True)
