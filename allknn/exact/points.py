"""Points in their order, leaf by leaf, and what is known of the neighbors of each."""

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from allknn import _native, _native_screen

if TYPE_CHECKING:
    from allknn.exact.screen import Screen


class OrderedPoints(NamedTuple):
    """The points in their order, leaf by leaf."""

    points: NDArray[np.float32]
    """(n_samples, n_features), read only."""
    order: NDArray[np.int32]
    """(n,): the point at each position."""
    leaf_at: NDArray[np.int64]
    """(n_leaves + 1,): the position where each leaf begins."""
    centers: NDArray[np.float64]
    """(n_leaves, n_features): means of the leaves."""
    radii: NDArray[np.float64]
    """(n_leaves,): no point of a leaf lies farther from its mean."""
    scale: float
    """A power of two that brings all distances below 4."""


class Lists(NamedTuple):
    """For each position the nearest others known, nearest first.

    A nearness is minus half the squared distance, scaled, and never underestimated.
    """

    nearness: NDArray[np.float32]
    """(n, kept), -inf where there is none yet."""
    others: NDArray[np.int32]
    """(n, kept): positions, -1 where there is none yet."""
    loosest: NDArray[np.float32]
    """(n_leaves,): no point of a leaf can use another that is less near than this."""

    @staticmethod
    def empty(points: OrderedPoints, kept: int) -> "Lists":
        """Lists of ``kept`` others that hold nobody yet."""
        return Lists.bounded_by(points, np.full(len(points.order), -np.inf, np.float32), kept)

    @staticmethod
    def in_files(directory: Path, points: OrderedPoints, kept: int) -> "Lists":
        """Return the same in files of a directory: they may be larger than memory."""
        if not kept:  # a file cannot be mapped that is empty
            return Lists.empty(points, 0)
        n, loosest = len(points.order), np.full(len(points.radii), -np.inf, np.float32)
        nearness, others = (
            np.asarray(np.memmap(directory / name, dtype, "w+", shape=(n, kept)))
            for name, dtype in (("nearness", np.float32), ("others", np.int32))
        )
        nearness[:], others[:] = -np.inf, -1
        return Lists(nearness, others, loosest)

    @staticmethod
    def bounded_by(points: OrderedPoints, bounds: NDArray[np.float32], kept: int) -> "Lists":
        """Lists that take in only what is nearer than ``bounds``, (n,)."""
        nearness = np.repeat(bounds, kept).reshape(len(bounds), kept)
        others = np.full(nearness.shape, -1, np.int32)
        return Lists(nearness, others, np.minimum.reduceat(bounds, points.leaf_at[:-1]))

    @staticmethod
    def at(
        points: OrderedPoints, positions: NDArray[np.int32], bounds: NDArray[np.float32], kept: int
    ) -> "Lists":
        """Return the same for the points of some whole leaves; what others have is not set."""
        shape, n_leaves = (len(points.order), kept), len(points.radii)
        lists = Lists(np.empty(shape, np.float32), np.empty(shape, np.int32), np.empty(n_leaves, np.float32))
        lists.nearness[positions], lists.others[positions] = bounds[:, None], -1
        leaves, begin = np.unique(
            np.searchsorted(points.leaf_at, positions, side="right") - 1, return_index=True
        )
        lists.loosest[leaves] = np.minimum.reduceat(bounds, begin)
        return lists


class Workspace(NamedTuple):
    """What one thread joins ranges of leaves in, through a screen where there is one."""

    leaves: int
    """The most that a range may have."""
    screen: "Screen | None"
    memory: NDArray[np.uint8]

    @staticmethod
    def of(leaves: int, width: int, screen: "Screen | None" = None) -> "Workspace":
        """Room for ranges of so many leaves, of points with so many features, or components of a screen."""
        memory = _native_screen.join_memory(leaves, screen) if screen else _native.join_memory(leaves, width)
        return Workspace(leaves, screen, memory)

    def join(self, points: OrderedPoints, p: tuple[int, int], q: tuple[int, int], lists: Lists) -> int:
        """Join two ranges of leaves, as ``_native.join`` says; return how many pairs were computed."""
        if self.screen is None:
            return _native.join(points, p, q, lists, self.leaves, self.memory)
        return _native_screen.join(points, self.screen, p, q, lists, self.leaves, self.memory).pairs
