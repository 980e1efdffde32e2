"""Points that are equal in every coordinate: joined once, and given back to each in the order of ids."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from allknn import _native


class Groups(NamedTuple):
    """Points sorted into groups of equal ones; a point without a copy is a group of one."""

    members: NDArray[np.int32]
    """(n_samples,): ids, group by group, ascending within each."""
    begin: NDArray[np.int64]
    """(n_groups + 1,): where each group begins in ``members``; groups ascend by their first id."""

    @property
    def first(self) -> NDArray[np.int32]:
        """(n_groups,): the smallest id of each group, ascending."""
        return self.members[self.begin[:-1]]


def group(points: NDArray[np.float32]) -> Groups:
    """Group equal points (-0.0 equals 0.0).

    A collision of hashes may leave equal points in two groups; unequal ones never share one.
    """
    n_samples = len(points)
    hashes = _native.hash_rows(points)
    order = np.argsort(hashes, kind="stable").astype(np.int32)
    leader = _native.find_leaders(points, hashes, order)
    first = np.flatnonzero(leader == np.arange(n_samples))
    if len(first) == n_samples:
        return Groups(np.arange(n_samples, dtype=np.int32), np.arange(n_samples + 1))
    members = np.argsort(leader, kind="stable").astype(np.int32)
    begin = np.append(np.searchsorted(leader[members], first), n_samples)
    return Groups(members, begin)


def expanded(
    groups: Groups, first: NDArray[np.int32], ids: NDArray[np.int32], lengths: NDArray[Any], k: int
) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.float64]]:
    """Answer all members of the groups that begin with the points ``first``.

    ``ids`` and ``lengths``, squared or not, say which other groups are near, by their first points. Returns
    the members and, of shape (members, k), their neighbors and lengths.
    """
    members, begin = groups.members, groups.begin
    which = np.searchsorted(groups.first, first)
    sizes = begin[which + 1] - begin[which]
    within = np.arange(sizes.sum()) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    all_ids, all_lengths = np.empty((len(within), k), np.int32), np.empty((len(within), k))
    near, squared = np.searchsorted(groups.first, ids), np.ascontiguousarray(lengths, np.float64)
    _native.expand(members, begin, which, near, squared, all_ids, all_lengths)
    return members[np.repeat(begin[which], sizes) + within], all_ids, all_lengths
