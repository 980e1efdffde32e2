"""Which leaf ranges meet, and when: near ones first, for what they find spares the far ones work."""

from collections.abc import Sequence

import numpy as np

from allknn._native import LEAF
from allknn.exact.points import OrderedPoints


class Schedule:
    """All pairs of ranges, each with itself first, then by how far their middles lie apart.

    What is taken shares no leaf range with anything else taken, so that nobody waits for anybody's lists.
    """

    def __init__(self, ordered: OrderedPoints, leaves: int, *, nodes: bool = False) -> None:
        """Cut the points into ranges of ``leaves`` leaves, or less; into ``nodes``, the leaves halved."""
        n_leaves = len(ordered.radii)
        n = -(-n_leaves // leaves)
        self.ranges = [(n_leaves * i // n, n_leaves * (i + 1) // n) for i in range(n)]
        if nodes:
            self.ranges = nodes_of(0, n_leaves, leaves)
        self._waiting = dict.fromkeys(nearest_first(ordered, self.ranges))
        self._busy: set[int] = set()
        self._n_pairs = len(self._waiting)
        self._n_done = 0

    @property
    def longest(self) -> int:
        """Leaves of the longest leaf range."""
        return max(stop - start for start, stop in self.ranges)

    @property
    def done(self) -> float:
        """Share of the pairs that is done."""
        return self._n_done / self._n_pairs

    @property
    def is_over(self) -> bool:
        """Whether all pairs are done."""
        return self._n_done == self._n_pairs

    def take(self) -> tuple[int, int] | None:
        """The next pair of ranges that are both free; None where there is none."""
        for p, q in self._waiting:
            if p not in self._busy and q not in self._busy:
                del self._waiting[p, q]
                self._busy |= {p, q}
                return p, q
        return None

    def finish(self, pair: tuple[int, int]) -> None:
        """A pair that was taken is done."""
        self._busy -= set(pair)
        self._n_done += 1


def nodes_of(first: int, stop: int, most: int) -> list[tuple[int, int]]:
    """Halve a range of leaves until no part has more than ``most``."""
    if stop - first <= most:
        return [(first, stop)]
    middle = first + (stop - first) // 2
    return nodes_of(first, middle, most) + nodes_of(middle, stop, most)


def nearest_first(
    ordered: OrderedPoints, ranges: Sequence[tuple[int, int]], between: int = 0
) -> list[tuple[int, int]]:
    """Pairs of ranges, each with itself first, then by how far their middles lie apart.

    All pairs; or those of one leaf range before number ``between`` with one from there on.
    """
    n = len(ranges)
    middles = np.array([ordered.centers[start:stop].mean(axis=0) for start, stop in ranges])
    first, second = np.triu_indices(n)
    apart = np.concatenate([((middles[i] - middles[i:]) ** 2).sum(axis=1) for i in range(n)])
    nearest = np.lexsort((second, first, apart, first != second))
    pairs = zip(first[nearest].tolist(), second[nearest].tolist(), strict=True)
    return [(i, j) for i, j in pairs if not between or i < between <= j]


def leaves_in_cache(n_features: int) -> int:
    """Leaves that a thread lays out at once: few enough for a shared cache, but many to one another's."""
    return max(_FEWEST, _CACHED_BYTES // (LEAF * n_features * 4))


_CACHED_BYTES = 1 << 22
_FEWEST = 24
"""A point is laid out for one leaf range after the other: the longer they are, the less that weighs."""
