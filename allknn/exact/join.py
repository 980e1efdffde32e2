"""The exact join in threads: order the points, join near leaf ranges first, settle, prove."""

from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ThreadPoolExecutor, wait
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from allknn import _native
from allknn.answers import Block, Clock, Share
from allknn.exact import arrangement, components, duplicates, order
from allknn.exact.points import Lists, OrderedPoints, Workspace
from allknn.exact.schedule import Schedule, leaves_in_cache
from allknn.exact.screen import Screen

EXTRA = 4
"""Candidates kept beyond k: room for what float32 confuses."""
_RANGES = 8
"""At least so many leaf ranges for each thread: one joins two that nobody else uses."""
FEWEST = 1 << 15
"""Fewer points are joined at once, without a look at their components."""
_BLOCK_ROWS = 1 << 15


class Join:
    """All points of a set, ordered; ``run`` finds the neighbors of each."""

    def __init__(self, points: NDArray[np.float32], threads: int) -> None:
        self.threads = threads
        self.details: dict[str, float | str] = {}
        self._points = np.asarray(points, np.float32, order="C")[:]
        self._points.flags.writeable = False
        self._screen: Screen | None = None
        with Clock(self.details, "equal_points_seconds"):
            self._groups = duplicates.group(self._points, threads)
        with Clock(self.details, "order_seconds"), ThreadPoolExecutor(threads) as pool:
            self.ordered = self._arranged(pool)

    def _arranged(self, pool: Executor) -> OrderedPoints:
        """Order the points, by their components where it pays to look at the leading ones first."""
        ids = self._groups.first
        found = components.find(self._points, ids, pool) if len(ids) >= FEWEST else None
        if found is not None:
            projections = components.project(self._points, ids, found, pool)
            local = order.halved(projections.leading(), pool)
            ordered = order.measured(self._points, ids[local], found.scale, pool=pool)
            screen, trial = Screen.of(projections, local, ordered, pool).quickest(ordered)
            if trial.pays:
                self._screen = screen
                return ordered
        return order.arrange(self._points, ids, pool)

    def write(self, file: Path) -> arrangement.Layout:
        """Write what tasks map of the order and the screen; let go of the latter."""
        layout = arrangement.write(file, self.ordered, self._screen)
        self.details["screened"] = float(self._screen is not None)
        self._screen = None
        return layout

    def kept(self, k: int) -> int:
        """How many candidates to keep for each point."""
        return min(k + EXTRA, len(self.ordered.order) - 1)

    def run(self, k: int) -> Iterator[Block | Share]:
        """Yield the share done while joining, then the answers in blocks."""
        lists, screen = Lists.empty(self.ordered, self.kept(k)), self._screen
        if screen:
            with ThreadPoolExecutor(self.threads) as pool:
                lists = Lists.bounded_by(self.ordered, screen.bounds(self.ordered, k, pool), self.kept(k))
        if self.kept(k):
            yield from self._join(lists, screen)
        yield from self.answers(lists, k)

    def _join(self, lists: Lists, screen: Screen | None) -> Iterator[Share]:
        """Join all leaf ranges; at any time each is in one pair of hands."""
        ordered = self.ordered
        width = screen.rows.shape[1] if screen else self._points.shape[1]
        most = max(1, min(leaves_in_cache(width), len(ordered.radii) // (_RANGES * self.threads)))
        schedule = Schedule(ordered, most, nodes=screen is not None)
        free = [Workspace.of(schedule.longest, width, screen) for _ in range(self.threads)]
        running: dict[Future[int], tuple[tuple[int, int], Workspace]] = {}
        pairs_computed = 0
        with ThreadPoolExecutor(self.threads) as pool:
            while not schedule.is_over:
                while free and (pair := schedule.take()):
                    p, q = (schedule.ranges[side] for side in pair)
                    workspace = free.pop()
                    running[pool.submit(workspace.join, ordered, p, q, lists)] = pair, workspace
                done, _ = wait(running, return_when=FIRST_COMPLETED)
                for future in done:
                    pair, workspace = running.pop(future)
                    schedule.finish(pair)
                    free.append(workspace)
                    pairs_computed += future.result()
                yield schedule.done
        self.details["screened"] = float(screen is not None)
        self.note_pairs(pairs_computed)

    def note_pairs(self, computed: int) -> None:
        """Record what share of all pairs was computed."""
        n = len(self.ordered.order)
        self.details["share_of_pairs_computed"] = computed / (n * (n + 1) / 2)

    def answers(self, lists: Lists, k: int) -> Iterator[Block]:
        """Yield exact neighbors out of candidates, in blocks."""
        self._again = 0
        with ThreadPoolExecutor(self.threads) as pool:
            for start in range(0, len(self.ordered.order), _BLOCK_ROWS):
                yield self._settled(lists, start, min(start + _BLOCK_ROWS, len(self.ordered.order)), k, pool)
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
                _native.settle(self.ordered, lists, first, last, ids[here], squared[here], unproven[here])

            list(pool.map(settle_some, range(start, stop, size)))
            self._search(np.flatnonzero(unproven), start, ids, squared, pool)
        rows = self.ordered.order[start:stop]
        if len(self.ordered.order) < len(self._points):
            numbers = self._groups.numbers
            rows, ids, squared = duplicates.expanded(self._groups, numbers[rows], numbers[ids], squared, k)
        with np.errstate(over="ignore"):  # a distance of values that float32 holds may be beyond it
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
            _native.search(self.ordered, some + start, found, lengths)
            ids[some], squared[some] = found, lengths

        parts = max(-(-len(rows) // _native.LEAF), min(self.threads, len(rows)))
        list(pool.map(search, np.array_split(rows, parts) if parts else []))
