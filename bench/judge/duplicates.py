"""Groups of points that are equal in every coordinate, found by hashing in bounded memory."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_BLOCK_BYTES = 1 << 23
_SEED = 20161  # any fixed one: a collision costs time, never a wrong group


@dataclass(frozen=True, slots=True)
class EqualGroups:
    """Points sorted into groups of equal ones; a point without a copy is a group of one."""

    members: NDArray[np.int32]
    """(n,): ids, group by group, ascending within each."""
    starts: NDArray[np.int32]
    """(n_groups + 1,): where each group begins in ``members``; groups ascend by their first id."""
    group_of: NDArray[np.int32]
    """(n,): the group of each point."""

    @property
    def first(self) -> NDArray[np.int32]:
        """(n_groups,): the smallest id of each group, ascending."""
        return self.members[self.starts[:-1]]

    @property
    def sizes(self) -> NDArray[np.int32]:
        """(n_groups,): points in each group."""
        return np.diff(self.starts)


def group_equal(points: NDArray[np.float32]) -> EqualGroups:
    """Group equal points (-0.0 equals 0.0); takes about 40 bytes a point.

    A group holds only points compared coordinate by coordinate with its first; two equal points could land
    in two groups only by a collision of 64-bit hashes.
    """
    n_samples = len(points)
    hashes = _hash_rows(points)
    order = np.argsort(hashes, kind="stable").astype(np.int32)
    ranked = hashes[order]
    begins = np.concatenate(([True], ranked[1:] != ranked[:-1]))
    leaders = order[np.flatnonzero(begins)][np.cumsum(begins) - 1]
    leader_of = np.arange(n_samples, dtype=np.int32)
    copies = order != leaders
    leader_of[order[copies]] = _confirmed(points, order[copies], leaders[copies])

    first, group_of = np.unique(leader_of, return_inverse=True)
    members = np.argsort(group_of, kind="stable").astype(np.int32)
    starts = np.zeros(len(first) + 1, np.int32)
    np.cumsum(np.bincount(group_of, minlength=len(first)), out=starts[1:])
    return EqualGroups(members, starts, group_of.astype(np.int32))


def _hash_rows(points: NDArray[np.float32]) -> NDArray[np.uint64]:
    """Multiply-and-add hash of the bits of each row."""
    n_samples, n_features = points.shape
    odd = np.random.default_rng(_SEED).integers(1 << 63, size=n_features, dtype=np.uint64) * 2 + 1
    hashes = np.empty(n_samples, np.uint64)
    step = max(1, _BLOCK_BYTES // (8 * n_features))
    for start in range(0, n_samples, step):
        block = np.asarray(points[start : start + step]) + np.float32(0.0)  # -0.0 becomes 0.0
        hashes[start : start + step] = block.view(np.uint32).astype(np.uint64) @ odd
    return hashes


def _confirmed(
    points: NDArray[np.float32], copies: NDArray[np.int32], leaders: NDArray[np.int32]
) -> NDArray[np.int32]:
    """Each copy's leader where the two are equal, the copy itself where only their hashes are."""
    confirmed = copies.copy()
    step = max(1, _BLOCK_BYTES // (8 * points.shape[1]))
    for start in range(0, len(copies), step):
        block = slice(start, start + step)
        equal = np.all(points[copies[block]] == points[leaders[block]], axis=1)
        confirmed[block][equal] = leaders[block][equal]
    return confirmed
