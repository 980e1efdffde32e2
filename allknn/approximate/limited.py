"""The join by leaves with an end that somebody else sets: what is known by then is the answer."""

from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import closing
from math import inf
from threading import Barrier
from time import monotonic

import numpy as np
from numpy.typing import NDArray

from allknn.answers import Block, Share
from allknn.approximate import buckets, recall
from allknn.approximate.leaf_join import LeafJoin
from allknn.approximate.lists import SharedLists
from allknn.approximate.parameters import Parameters


class LimitedJoin(LeafJoin):
    """A join that ends at a time, of ``time.monotonic``, but never before its first round is done.

    Where the exact join takes less time it ends as well, and leaves that join to the caller: then
    ``exact_because`` says why.
    """

    exact_because = ""

    def __init__(
        self, points: NDArray[np.float32], how: Parameters, threads: int, *, copy: bool, deadline: float
    ) -> None:
        super().__init__(points, how, threads, copy=copy)
        self._deadline = deadline

    def _n_judged(self) -> int:
        rows = super()._n_judged()
        if self._deadline == inf:
            return rows
        return min(rows, recall.MANY_ROWS, len(self._groups.first) // 20)

    def _exact(self, k: int) -> Iterator[Block | Share]:
        del k
        self.exact_because = str(self.details["exact_because"])
        yield from ()

    def _why_by_forecast(
        self, judge: recall.Judge, ids: NDArray[np.int32], slots: buckets.Slots, k: int, pool: Executor
    ) -> str:
        """Nothing: where time is limited something has to be known before the exact join begins."""
        if self._deadline < inf:
            return ""
        return super()._why_by_forecast(judge, ids, slots, k, pool)

    def _rounds(
        self, lists: SharedLists, slots: buckets.Slots, judge: recall.Judge | None, pool: Executor
    ) -> Iterator[Share]:
        with closing(super()._rounds(lists, slots, judge, pool)) as rounds:  # type: ignore[type-var] # a generator
            for share in rounds:
                if self.details.get("rounds") and monotonic() > self._deadline:
                    break
                yield share
        self.exact_because = str(self.details.pop("exact_because", ""))
        everybody = Barrier(self._threads)  # who still solves a leaf writes to the lists
        for waiting in [pool.submit(everybody.wait) for _ in range(self._threads)]:
            waiting.result()
