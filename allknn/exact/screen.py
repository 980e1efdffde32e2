"""A screen: what the leading components tell of all points in their order, and whether to look at it pays."""

from concurrent.futures import Executor
from itertools import combinations
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from allknn import _native_screen
from allknn.exact.components import Projections
from allknn.exact.points import Lists, OrderedPoints
from allknn.exact.words import Words

_STAGES = 8, 16, 32, 64, 128
"""After so many columns it is looked at what is left."""
_NEARBY = 6
"""Leaves in which the first candidates of a point are looked for."""
SPARE = 2
"""Candidates measured beyond k: components alone may confuse some."""
_LEAVES_AT_ONCE, _BLOCK_ROWS = 16, 1 << 14
_TILES = 96
"""Tiles of two whole leaves."""
_LEAVES_TRIED, _NEIGHBORS_TRIED, _KEPT_IN_TRIAL = 24, 10, 14
_TILE = 4.0
"""Beginning a tile and testing it takes as long as adding up so many columns."""
_ROW = 0.2
"""Adding up a column of one row takes as long as so many of a tile."""
_MEASURING = 2.0
"""Measuring a pair takes as long as so many, and one more for 48 features."""
_COMPARING = 1.0
"""Comparing the rows of a pair that words left takes as long as so many, and one more for 192 columns."""
_ENOUGH = 0.9
"""It pays where it takes at most so much of the time; where most leaves are apart, also a little more."""


class Trial(NamedTuple):
    """What it took to join some pairs of leaves."""

    spent: float
    """In the time of a column of a tile."""
    otherwise: float
    """To look at all features of those whose balls meet."""
    everything: float
    """To look at all features of all."""
    most_apart: bool
    """Whether most pairs were discarded at once."""

    @property
    def pays(self) -> bool:
        """Whether it takes less than otherwise."""
        return self.spent <= (1 / _ENOUGH if self.most_apart else _ENOUGH) * self.otherwise


class Screen(NamedTuple):
    """The leading components of all points, each at its position, and the nodes of the tree of leaves."""

    rows: NDArray[np.float32]
    """(n, width)."""
    bias: NDArray[np.float32]
    """(n, n_stages): minus half the squared norm of what a stage adds, the first raised by all rounding."""
    centers: NDArray[np.float64]
    """(n_nodes, width): leaves are halved until each is alone; nodes are numbered in preorder.

    The leaves from ``n_first`` on are halved apart, and their nodes come after the others.
    """
    radii: NDArray[np.float64]
    """(n_nodes,)."""
    stages: NDArray[np.int64]
    """(n_stages,): columns looked at after each; the last is the width."""
    n_first: int
    """Leaves of the first tree; all where there is one."""
    words: Words | None = None

    @staticmethod
    def of(
        projections: Projections,
        local: NDArray[np.int32],
        ordered: OrderedPoints,
        pool: Executor | None = None,
        n_first: int | None = None,
    ) -> "Screen":
        """Put projections into the order of the points: ``local`` says which is at each position.

        The leaves from ``n_first`` on are a tree of their own.
        """
        first = len(ordered.radii) if n_first is None else n_first
        width = projections.rows.shape[1]
        stages = np.array([*(stage for stage in _STAGES if stage < width), width])
        n, n_features = len(local), ordered.points.shape[1]
        rows, off = np.empty_like(projections.rows), np.empty(n, np.float32)
        bias = np.empty((n, len(stages)), np.float32)

        def some(start: int) -> None:
            here = slice(start, start + _BLOCK_ROWS)
            _native_screen.arrange_rows(
                projections, local[here], n_features, stages, rows[here], off[here], bias[here]
            )

        list((pool.map if pool else map)(some, range(0, n, _BLOCK_ROWS)))
        nodes = _native_screen.measure_nodes(rows, off, ordered.leaf_at, first)
        screen = Screen(rows, bias, *nodes, stages, first)
        *_, bounds = screen._sample(ordered)
        lengths = np.sqrt(-2 * bounds[bounds < 0].astype(np.float64))
        longest = float(np.sqrt(projections.squared.max(), dtype=np.float64))
        return screen._replace(words=Words.of(rows, off, lengths, longest, pool))

    def bounds(self, ordered: OrderedPoints, k: int, pool: Executor) -> NDArray[np.float32]:
        """Return how near another must be to be among the k nearest of the point at each position.

        The candidates are found in the leaves nearby, so that a point's bound is not the best there is.
        """
        n_leaves = len(ordered.radii)
        found = np.empty(len(ordered.order), np.float32)

        def some(first: int) -> None:
            self.bound(ordered, (first, min(first + _LEAVES_AT_ONCE, n_leaves)), k, found)

        list(pool.map(some, range(0, n_leaves, _LEAVES_AT_ONCE)))
        return found

    def quickest(self, ordered: OrderedPoints) -> tuple["Screen", Trial]:
        """Try after which stage tiles of words are best tested first; return what does so, and its trial."""
        return self.quickest_on(ordered, *self._sample(ordered))

    def quickest_on(
        self,
        ordered: OrderedPoints,
        tried: list[int],
        positions: NDArray[np.int32],
        bounds: NDArray[np.float32],
    ) -> tuple["Screen", Trial]:
        """Do the same on pairs of these leaves, whose points have these positions and bounds.

        They are joined once, so that what they find of each other is known, and then again.
        """
        pairs = list(combinations(tried, 2))
        known = Lists.at(ordered, positions, bounds, _KEPT_IN_TRIAL)
        self.tried(ordered, pairs, known)
        bounds = known.nearness[positions, -1]
        stages = range(1, len(self.words.stages) if self.words else 1)
        screens = [
            self,
            *(self._replace(words=self.words.first_tested_after(at)) for at in stages if self.words),
        ]
        trials = [
            screen.tried(ordered, pairs, Lists.at(ordered, positions, bounds, _KEPT_IN_TRIAL))
            for screen in screens
        ]
        best = min(range(len(trials)), key=lambda at: trials[at].spent)
        return screens[best], trials[best]

    def tried(self, ordered: OrderedPoints, pairs: list[tuple[int, int]], lists: Lists) -> Trial:
        """Join some pairs of leaves."""
        width, n_features = self.rows.shape[1], ordered.points.shape[1]
        measuring = _MEASURING + (n_features / 48 if width < n_features else 0)
        memory = _native_screen.join_memory(1, self)
        spent = 0.0
        n_tiles = apart = 0
        for p, q in pairs:
            tiles, columns, rows, measured, compared, _ = _native_screen.join(
                ordered, self, (p, p + 1), (q, q + 1), lists, 1, memory
            )
            spent += tiles * _TILE + columns + rows * _ROW
            spent += measured * measuring + compared * (_COMPARING + width / 192)
            n_tiles += tiles
            apart += not tiles
        tile = _TILE + n_features
        return Trial(spent, n_tiles * tile, len(pairs) * _TILES * tile, apart > len(pairs) / 2)

    def _sample(self, ordered: OrderedPoints) -> tuple[list[int], NDArray[np.int32], NDArray[np.float32]]:
        """Return some leaves, the positions of their points, and for these what ``bounds`` does."""
        n_leaves = len(ordered.radii)
        chosen = np.random.default_rng(0).choice(n_leaves, min(_LEAVES_TRIED, n_leaves), replace=False)
        tried, bounds = sorted(chosen.tolist()), np.empty(len(ordered.order), np.float32)
        for leaf in tried:
            self.bound(ordered, (leaf, leaf + 1), _NEIGHBORS_TRIED, bounds)
        ranges = [np.arange(*ordered.leaf_at[leaf : leaf + 2], dtype=np.int32) for leaf in tried]
        positions = np.concatenate(ranges)
        return tried, positions, bounds[positions]

    def bound(
        self, ordered: OrderedPoints, leaves: tuple[int, int], k: int, bounds: NDArray[np.float32]
    ) -> None:
        """Write at the positions of some leaves how near another must be, as ``bounds`` says."""
        nearby = min(_NEARBY, len(ordered.radii))
        _native_screen.bound_nearby(ordered, self, leaves, nearby, k, k + SPARE, bounds)
