"""The exact join of all points with themselves: order, join near stretches first, settle, prove.

_join_order.py   points -> Cloud: an order in which near points come together, leaf by leaf
_join_pairs.py   two stretches of leaves -> candidates of both, each pair of points once
_join_tile.py    the innermost step
_join_exact.py   candidates -> exact neighbors, proven or looked for anew
_join_groups.py  equal points are joined once
"""

from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ThreadPoolExecutor, wait

import numpy as np
from numpy.typing import NDArray

from bench.strategy import Neighbors, Progress
from strategies import _join_exact, _join_groups, _join_order, _join_pairs
from strategies._join_pairs import LEAF, Lists, Side

EXTRA = 4
"""Candidates kept beyond k: room for what float32 confuses."""
_STRETCH_BYTES = 1 << 22
_STRETCHES = 8
"""At least so many for each thread: one joins two that nobody else uses."""
_BLOCK_ROWS = 1 << 15


class Join:
    """All points of a set, ordered; ``run`` finds the neighbors of each."""

    def __init__(self, points: NDArray[np.float32], threads: int) -> None:
        self.threads = threads
        self._points = np.asarray(points)[:]
        self._points.flags.writeable = False
        self._groups = _join_groups.group(self._points)
        with ThreadPoolExecutor(threads) as pool:
            self._cloud = _join_order.arrange(self._points, self._groups.first, pool)
        self.details: dict[str, float | str] = {}

    def run(self, k: int) -> Iterator[Neighbors | Progress]:
        """Yield progress while joining, then the answers in blocks."""
        n_groups = len(self._cloud.order)
        kept = min(k + EXTRA, n_groups - 1)
        lists = Lists(np.full((n_groups, kept), -np.inf, np.float32), np.full((n_groups, kept), -1, np.int32))
        with ThreadPoolExecutor(self.threads) as pool:
            if kept:
                yield from self._join(lists, pool)
            self._again = 0
            for start in range(0, n_groups, _BLOCK_ROWS):
                yield self._settled(lists, start, min(start + _BLOCK_ROWS, n_groups), k, pool)
            self.details["rows_searched_again"] = float(self._again)

    def _join(self, lists: Lists, pool: Executor) -> Iterator[Progress]:
        """Join all stretches; at any time each is in one pair of hands."""
        n_leaves = len(self._cloud.radii)
        stretches = self._stretches(n_leaves)
        waiting = self._near_first(stretches)
        n_pairs = len(waiting)
        rooms = [self._room(max(stop - start for start, stop in stretches)) for _ in range(self.threads)]
        running: dict[Future[int], tuple[int, int, tuple[Side, Side, _join_pairs.Scratch]]] = {}
        busy: set[int] = set()
        looked_at = 0
        while waiting or running:
            for p, q in list(waiting):
                if not rooms:
                    break
                if p not in busy and q not in busy:
                    waiting.remove((p, q))
                    busy |= {p, q}
                    x, y, scratch = room = rooms.pop()
                    future = pool.submit(
                        _join_pairs.join, self._cloud, stretches[p], stretches[q], x, y, lists, scratch
                    )
                    running[future] = (p, q, room)
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                p, q, room = running.pop(future)
                busy -= {p, q}
                rooms.append(room)
                looked_at += future.result()
            yield Progress(1 - (len(waiting) + len(running)) / n_pairs)
        self.details["share_of_pairs_computed"] = looked_at / (n_leaves * (n_leaves + 1) / 2)

    def _stretches(self, n_leaves: int) -> list[tuple[int, int]]:
        """Ranges of leaves as long as their points fit a part of the cache, but enough for all threads."""
        leaf_bytes = LEAF * self._points.shape[1] * 4
        longest = max(1, min(_STRETCH_BYTES // leaf_bytes, n_leaves // (_STRETCHES * self.threads)))
        n = -(-n_leaves // longest)
        return [(n_leaves * i // n, n_leaves * (i + 1) // n) for i in range(n)]

    def _near_first(self, stretches: list[tuple[int, int]]) -> list[tuple[int, int]]:
        """All pairs of stretches, each with itself first, then by how far their middles lie apart."""
        middles = np.array([self._cloud.centers[start:stop].mean(axis=0) for start, stop in stretches])
        first, second = np.triu_indices(len(stretches))
        apart = np.concatenate([((middles[i] - middles[i:]) ** 2).sum(axis=1) for i in range(len(middles))])
        return [(int(first[i]), int(second[i])) for i in np.lexsort((second, first, apart, first != second))]

    def _room(self, leaves: int) -> tuple[Side, Side, _join_pairs.Scratch]:
        return self._side(leaves), self._side(leaves), _join_pairs.scratch()

    def _side(self, leaves: int) -> Side:
        slots = leaves * LEAF
        return Side(
            _join_pairs.aligned(slots * self._points.shape[1]),
            _join_pairs.aligned(slots),
            _join_pairs.aligned(slots),
        )

    def _settled(self, lists: Lists, start: int, stop: int, k: int, pool: Executor) -> Neighbors:
        """Exact neighbors of the points at positions ``start`` to ``stop``, and of those equal to them."""
        wanted = min(k, lists.others.shape[1])
        ids = np.empty((stop - start, wanted), np.int32)
        squared = np.empty((stop - start, wanted))
        if wanted:
            unproven = np.zeros(stop - start, np.bool_)
            size = -(-(stop - start) // self.threads)

            def settle(first: int) -> None:
                last = min(first + size, stop)
                here = slice(first - start, last - start)
                _join_exact.settle(self._cloud, lists, first, last, ids[here], squared[here], unproven[here])

            list(pool.map(settle, range(start, stop, size)))
            self._search(np.flatnonzero(unproven), start, ids, squared, pool)
        rows = self._cloud.order[start:stop]
        if len(self._cloud.order) < len(self._points):
            rows, ids, squared = self._expanded(rows, ids, squared, k)
        return Neighbors(rows.astype(np.int64), ids, np.sqrt(squared).astype(np.float32))

    def _search(
        self,
        rows: NDArray[np.intp],
        start: int,
        ids: NDArray[np.int32],
        squared: NDArray[np.float64],
        pool: Executor,
    ) -> None:
        """Look again, among all points, for the neighbors of rows that are not proven."""
        self._again += len(rows)

        def search(some: NDArray[np.intp]) -> None:
            x, y, scratch = self._room(1)
            found, lengths = ids[some], squared[some]
            _join_exact.search(self._cloud, some + start, x, y, scratch, found, lengths)
            ids[some], squared[some] = found, lengths

        parts = max(-(-len(rows) // LEAF), min(self.threads, len(rows)))
        list(pool.map(search, np.array_split(rows, parts) if parts else []))

    def _expanded(
        self, rows: NDArray[np.int32], ids: NDArray[np.int32], squared: NDArray[np.float64], k: int
    ) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.float64]]:
        groups = np.searchsorted(self._groups.first, rows)
        members, begin = self._groups
        sizes = begin[groups + 1] - begin[groups]
        within = np.arange(sizes.sum()) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        near = np.searchsorted(self._groups.first, ids)
        all_ids = np.empty((len(within), k), np.int32)
        all_squared = np.empty((len(within), k))
        _join_groups.expand(members, begin, groups, near, squared, all_ids, all_squared)
        return members[np.repeat(begin[groups], sizes) + within], all_ids, all_squared
