"""The exact join in threads: order the points, join near stretches first, settle, prove."""

from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ThreadPoolExecutor, wait

import numpy as np
from numpy.typing import NDArray

from allknn.answers import Block, Share
from allknn.exact import duplicates, order, pairs, settle
from allknn.exact.points import LEAF, Lists, Room
from allknn.exact.schedule import Schedule, leaves_in_cache
from allknn.exact.tile import COLUMNS, ROWS

EXTRA = 4
"""Candidates kept beyond k: room for what float32 confuses."""
_STRETCHES = 8
"""At least so many for each thread: one joins two that nobody else uses."""
_BLOCK_ROWS = 1 << 15


def compile_here(threads: int) -> None:
    """Join toy points that take every path, so that all of it is compiled."""
    rng = np.random.default_rng(0)
    plain = rng.random((300, 3), np.float32)
    tied = rng.integers(3, size=(300, 6)).astype(np.float32)
    for toy in (plain, tied):
        list(Join(toy, threads).run(2))


class Join:
    """All points of a set, ordered; ``run`` finds the neighbors of each."""

    def __init__(self, points: NDArray[np.float32], threads: int) -> None:
        self.threads = threads
        self.details: dict[str, float | str] = {}
        self._points = np.asarray(points)[:]
        self._points.flags.writeable = False
        self._groups = duplicates.group(self._points)
        with ThreadPoolExecutor(threads) as pool:
            self.cloud = order.arrange(self._points, self._groups.first, pool)

    def kept(self, k: int) -> int:
        """How many candidates to keep for each point."""
        return min(k + EXTRA, len(self.cloud.order) - 1)

    def run(self, k: int) -> Iterator[Block | Share]:
        """Yield the share done while joining, then the answers in blocks."""
        shape = len(self.cloud.order), self.kept(k)
        lists = Lists(np.full(shape, -np.inf, np.float32), np.full(shape, -1, np.int32))
        if self.kept(k):
            yield from self._join(lists)
        yield from self.answers(lists, k)

    def _join(self, lists: Lists) -> Iterator[Share]:
        """Join all stretches; at any time each is in one pair of hands."""
        cloud, n_features = self.cloud, self._points.shape[1]
        share = len(cloud.radii) // (_STRETCHES * self.threads)
        schedule = Schedule(cloud, max(1, min(leaves_in_cache(n_features), share)))
        rooms = [Room.of(schedule.longest, n_features) for _ in range(self.threads)]
        running: dict[Future[int], tuple[tuple[int, int], Room]] = {}
        tiles = 0
        with ThreadPoolExecutor(self.threads) as pool:
            while not schedule.is_over:
                while rooms and (pair := schedule.take()):
                    p, q = (schedule.stretches[side] for side in pair)
                    room = rooms.pop()
                    running[pool.submit(pairs.join, cloud, p, q, room, lists)] = pair, room
                done, _ = wait(running, return_when=FIRST_COMPLETED)
                for future in done:
                    pair, room = running.pop(future)
                    schedule.finish(pair)
                    rooms.append(room)
                    tiles += future.result()
                yield schedule.done
        self.note_tiles(tiles)

    def note_tiles(self, tiles: int) -> None:
        """Tell what share of all pairs so many tiles are."""
        n = len(self.cloud.order)
        self.details["share_of_pairs_computed"] = tiles * ROWS * COLUMNS / (n * (n + 1) / 2)

    def answers(self, lists: Lists, k: int) -> Iterator[Block]:
        """Yield exact neighbors out of candidates, in blocks."""
        self._again = 0
        with ThreadPoolExecutor(self.threads) as pool:
            for start in range(0, len(self.cloud.order), _BLOCK_ROWS):
                yield self._settled(lists, start, min(start + _BLOCK_ROWS, len(self.cloud.order)), k, pool)
        self.details["rows_searched_again"] = float(self._again)

    def _settled(self, lists: Lists, start: int, stop: int, k: int, pool: Executor) -> Block:
        """Exact neighbors of the points at positions ``start`` to ``stop``, and of those equal to them."""
        wanted = min(k, lists.others.shape[1])
        ids = np.empty((stop - start, wanted), np.int32)
        squared = np.empty((stop - start, wanted))
        if wanted:
            unproven = np.zeros(stop - start, np.bool_)
            size = -(-(stop - start) // self.threads)

            def settle_some(first: int) -> None:
                last = min(first + size, stop)
                here = slice(first - start, last - start)
                settle.settle(self.cloud, lists, first, last, ids[here], squared[here], unproven[here])

            list(pool.map(settle_some, range(start, stop, size)))
            self._search(np.flatnonzero(unproven), start, ids, squared, pool)
        rows = self.cloud.order[start:stop]
        if len(self.cloud.order) < len(self._points):
            rows, ids, squared = duplicates.expanded(self._groups, rows, ids, squared, k)
        return Block(rows.astype(np.int64), ids, np.sqrt(squared).astype(np.float32))

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
            found, lengths = ids[some], squared[some]
            room = Room.of(1, self._points.shape[1])
            settle.search(self.cloud, some + start, room, found, lengths)
            ids[some], squared[some] = found, lengths

        parts = max(-(-len(rows) // LEAF), min(self.threads, len(rows)))
        list(pool.map(search, np.array_split(rows, parts) if parts else []))
