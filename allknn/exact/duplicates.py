"""Points that are equal in every coordinate: joined once, and given back to each in the order of ids."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from allknn.compiled import compiled
from allknn.exact.settle import enter


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
    hashes = np.empty(n_samples, np.uint64)
    hash_rows(points, hashes)
    order = np.argsort(hashes, kind="stable").astype(np.int32)
    leader = np.empty(n_samples, np.int32)
    lead(points, hashes, order, leader)
    first = np.flatnonzero(leader == np.arange(n_samples))
    if len(first) == n_samples:
        return Groups(np.arange(n_samples, dtype=np.int32), np.arange(n_samples + 1))
    members = np.argsort(leader, kind="stable").astype(np.int32)
    begin = np.append(np.searchsorted(leader[members], first), n_samples)
    return Groups(members, begin)


@compiled
def hash_rows(points: Any, hashes: Any) -> None:
    """FNV-1a of each row, value by value (Fowler, Noll and Vo), mixed once more."""
    for i in range(len(points)):
        bits = (points[i] + np.float32(0)).view(np.uint32)  # -0.0 becomes 0.0
        value = np.uint64(14695981039346656037)
        for f in range(len(bits)):
            value = (value ^ np.uint64(bits[f])) * np.uint64(1099511628211)
            value ^= value >> np.uint64(29)
        hashes[i] = value


@compiled
def lead(points: Any, hashes: Any, order: Any, leader: Any) -> None:
    """Note for each point the first of those equal to it."""
    for i in range(len(order)):
        own = order[i]
        leader[own] = own
        if i > 0 and hashes[order[i - 1]] == hashes[own]:
            other = leader[order[i - 1]]
            if np.all(points[other] == points[own]):
                leader[own] = other


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
    expand(members, begin, which, np.searchsorted(groups.first, ids), lengths, all_ids, all_lengths)
    return members[np.repeat(begin[which], sizes) + within], all_ids, all_lengths


@compiled
def expand(members: Any, begin: Any, groups: Any, near: Any, lengths: Any, ids: Any, squared: Any) -> None:
    """Answer each member of some groups from what their groups are near to.

    ``groups``, (g,), and for each ``near`` and ``lengths``, (g, k): ids of the first points of other groups
    and their lengths. Writes ``ids`` and ``squared``, (points, k), for all members in turn.
    """
    k = ids.shape[1]
    ids[:], squared[:] = -1, np.inf
    row = 0
    for g in range(len(groups)):
        own = members[begin[groups[g]] : begin[groups[g] + 1]]
        for point in own:
            for other in own[: k + 1]:
                if other != point:
                    enter(ids[row], squared[row], other, 0.0)
            for j in range(near.shape[1]):
                if lengths[g, j] > squared[row, k - 1] or lengths[g, j] == np.inf:
                    break
                for other in members[begin[near[g, j]] : begin[near[g, j] + 1]][:k]:
                    enter(ids[row], squared[row], other, lengths[g, j])
            row += 1
