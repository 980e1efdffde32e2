"""Points that are equal in every coordinate: joined once, and given back to each in the order of ids."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from allknn import _native

_FEWEST = 1 << 15
"""Rows for each thread, at least."""


@dataclass(frozen=True)
class Groups:
    """Points sorted into groups of equal ones; a point without a copy is a group of one."""

    members: NDArray[np.int32]
    """(n_samples,): ids, group by group, ascending within each."""
    begin: NDArray[np.int64]
    """(n_groups + 1,): where each group begins in ``members``; groups ascend by their first id."""

    @cached_property
    def first(self) -> NDArray[np.int32]:
        """(n_groups,): the smallest id of each group, ascending."""
        return self.members[self.begin[:-1]]

    @cached_property
    def numbers(self) -> NDArray[np.int32]:
        """(n_samples,): the number of each point's group, where the points are 0 to n_samples - 1."""
        numbers = np.empty(len(self.members), np.int32)
        numbers[self.members] = np.repeat(np.arange(len(self.begin) - 1, dtype=np.int32), np.diff(self.begin))
        return numbers


def group(points: NDArray[np.float32], threads: int = 1) -> Groups:
    """Group equal points (-0.0 equals 0.0).

    A collision of hashes may leave equal points in two groups; unequal ones never share one.
    """
    n_samples = len(points)
    leader = _leaders(points, max(1, min(threads, n_samples // _FEWEST)))
    first = np.flatnonzero(leader == np.arange(n_samples))
    if len(first) == n_samples:
        return Groups(np.arange(n_samples, dtype=np.int32), np.arange(n_samples + 1))
    members = np.argsort(leader, kind="stable").astype(np.int32)
    begin = np.append(np.searchsorted(leader[members], first), n_samples)
    return Groups(members, begin)


def _leaders(points: NDArray[np.float32], threads: int) -> NDArray[np.int32]:
    """Return for each row the first of those equal to it; each thread sorts a range of hashes."""
    leaders = np.empty(len(points), np.int32)
    begin = [(i << 64) // threads for i in range(threads)]

    def lead_some(i: int) -> None:
        within = hashes >= np.uint64(begin[i])
        if i + 1 < threads:
            within &= hashes < np.uint64(begin[i + 1])
        own = np.flatnonzero(within).astype(np.int32)
        order = own[np.argsort(hashes[own], kind="stable")]
        _native.find_leaders(points, hashes, order, leaders)

    with ThreadPoolExecutor(threads) as pool:
        hashes = np.concatenate(list(pool.map(_native.hash_rows, np.array_split(points, threads))))
        list(pool.map(lead_some, range(threads)))
    return leaders


def expanded(
    groups: Groups, which: NDArray[Any], near: NDArray[Any], lengths: NDArray[Any], k: int
) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.float64]]:
    """Answer all members of the groups ``which``.

    ``near`` and ``lengths``, squared or not, say which other groups are near. Returns the members and, of
    shape (members, k), their neighbors and lengths.
    """
    members, begin = groups.members, groups.begin
    which, near = (np.ascontiguousarray(numbers, np.int64) for numbers in (which, near))
    sizes = begin[which + 1] - begin[which]
    within = np.arange(sizes.sum()) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    all_ids, all_lengths = np.empty((len(within), k), np.int32), np.empty((len(within), k))
    squared = np.ascontiguousarray(lengths, np.float64)
    _native.expand(members, begin, which, near, squared, all_ids, all_lengths)
    return members[np.repeat(begin[which], sizes) + within], all_ids, all_lengths
