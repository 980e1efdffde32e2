"""The recall reached so far, judged on points drawn at random whose exact neighbors are computed once."""

import math
from concurrent.futures import Executor
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from allknn import _native
from allknn.approximate import exact
from allknn.approximate.lists import SharedLists
from allknn.exact import order

LOOKS = 12
"""How often it is looked, at most; each look has an equal share of what may go wrong (Bonferroni)."""
_CONFIDENCE_OF_A_LOOK = 1 - (1 - 0.95) / LOOKS
_FEWEST = 500
MANY_ROWS = 4000
"""Rows that are judged at most where a recall cannot be shown anyway in the time that there is."""
_PAIR = 3
"""Pairs that the exact join computes, each once, in the time that one of a leaf takes, with all around it."""
_ROW = 10
"""Rows that the exact join answers in the time of one alone: 2 to 40, the more pairs are ruled out."""
_ROUNDING = 1 + 1e-6
"""What is farther than the last true neighbor by no more than this is as near."""


class Judge:
    """Some points, and how far the last of their k nearest is in truth."""

    def __init__(
        self,
        points: NDArray[np.float32],
        ids: NDArray[np.int32],
        k: int,
        n_rows: int,
        seed: int,
        pool: Executor,
    ) -> None:
        """Draw ``n_rows`` of the points in the rows ``ids``; find the neighbors of the first ones."""
        self._n, self.n_rows = len(ids), min(len(ids), n_rows)
        self.highest = self.bound(np.ones(self.n_rows))
        """No look shows more than this, even where all of them have all their neighbors."""
        drawn = np.random.default_rng([seed, LOOKS]).choice(self._n, self.n_rows, replace=False)
        self._positions, self._waiting = np.sort(drawn[:_FEWEST]), np.sort(drawn[_FEWEST:])
        self._ordered = order.measured(points, ids)
        nobody = np.full((len(self._positions), min(k, self._n - 1)), np.inf, np.float32)
        self.neighbors, self._last = self._search(self._positions, nobody, pool)
        """Those of the first ones, (rows, k)."""
        self.rows = ids[self._positions]

    def _search(
        self, positions: NDArray[np.int64], bounds: NDArray[np.float32], pool: Executor
    ) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
        n_parts = -(-len(positions) // _native.LEAF)
        parts = np.array_split(positions, n_parts), np.array_split(bounds, n_parts)
        found = list(pool.map(lambda *part: exact.search(self._ordered, *part), *parts))
        last = np.concatenate([squared[:, -1] for _, squared in found])
        return np.concatenate([ids for ids, _ in found]), np.sqrt(last) * _ROUNDING

    def look(self, lists: SharedLists, pool: Executor) -> tuple[float, float]:
        """Return the recall of the sample, and bound that of all rows from below.

        All looks together keep the confidence.
        """
        width = self.neighbors.shape[1]
        if len(self._waiting):
            _, last = self._search(self._waiting, lists.distances[self._waiting, :width], pool)
            self._positions = np.concatenate((self._positions, self._waiting))
            self._last, self._waiting = np.concatenate((self._last, last)), self._waiting[:0]
        found = lists.distances[self._positions] <= self._last[:, None]
        rows = found.sum(axis=1) / width
        return float(rows.mean()), self.bound(rows)

    def bound(self, rows: NDArray[np.float64]) -> float:
        """Bound the recall of all points from below by that of a few, as if all rows were like these."""
        return lower_bound(np.resize(rows, self.n_rows), self._n, _CONFIDENCE_OF_A_LOOK)


def rows_to_judge(recall: float) -> int:
    """Return on how many rows such a recall can be shown, where they miss half as much as it allows."""
    return max(_FEWEST, round(10 / (1 - recall)))


def exact_is_cheaper(n: int, pairs_a_point: float, rounds_left: float) -> bool:
    """Say whether all pairs of ``n`` points take less time than such rounds, even if none is ruled out."""
    return n < _PAIR * pairs_a_point * rounds_left


def judging_is_dear(n: int, n_judged: int) -> bool:
    """Say whether the exact neighbors of so many rows take longer than those of all ``n`` together."""
    return n < _ROW * n_judged


def rounds_left(found: float, recall: float, done: int) -> float:
    """Estimate how many rounds more it takes from the recall found: what each misses is independent.

    Infinite where all looks would not suffice.
    """
    if found >= 1:
        return 1.0
    missed = math.log(1 - found) / done
    left = max(1.0, math.log(1 - recall) / missed - done) if missed else math.inf
    return left if left <= LOOKS - done else math.inf


def lower_bound(rows: NDArray[np.float64], n_population: int, confidence: float) -> float:
    """Bound the mean of a population from below by a sample of its rows, drawn without replacement.

    Wilson's score interval (1927), one-sided, each row counted as the trials it is worth (design effect, Kish
    1965), with half a row more that went wholly wrong: few misses say little about how misses cluster.
    """
    n_rows, mean = len(rows), float(rows.mean())
    unseen = 1 - n_rows / n_population
    if unseen <= 0 or mean == 0:
        return mean
    z = NormalDist().inv_cdf(confidence)
    shifted = float(rows.sum()) / (n_rows + 0.5)
    spread = float(np.sum((rows - shifted) ** 2) + 0.5 * shifted**2)
    effect = min(1.0, spread / ((n_rows + 0.5) * shifted * (1 - shifted)))
    trials = n_rows / (effect * unseen)
    middle = mean + z**2 / (2 * trials)
    half = z * math.sqrt(mean * (1 - mean) / trials + (z / (2 * trials)) ** 2)
    return max(0.0, (middle - half) / (1 + z**2 / trials))
