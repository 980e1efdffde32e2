"""The join by leaves with an end that somebody else sets: what is known by then is the answer."""

from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from contextlib import closing
from threading import Barrier

import numpy as np
from numpy.typing import NDArray

from allknn.answers import Share
from allknn.approximate import buckets
from allknn.approximate.leaf_join import LeafJoin
from allknn.approximate.lists import SharedLists
from allknn.approximate.parameters import Parameters


class LimitedJoin(LeafJoin):
    """A join that ends as soon as ``is_over`` says so, though never before its first round is done."""

    def __init__(
        self,
        points: NDArray[np.float32],
        how: Parameters,
        threads: int,
        *,
        copy: bool,
        is_over: Callable[[], bool],
    ) -> None:
        super().__init__(points, how, threads, copy=copy)
        self._is_over = is_over

    def _rounds(self, lists: SharedLists, slots: buckets.Slots, pool: Executor) -> Iterator[Share]:
        with closing(super()._rounds(lists, slots, pool)) as rounds:  # type: ignore[type-var] # a generator
            for share in rounds:
                if self.details.get("rounds") and self._is_over():
                    break
                yield share
        everybody = Barrier(self._threads)  # who still solves a leaf writes to the lists
        for waiting in [pool.submit(everybody.wait) for _ in range(self._threads)]:
            waiting.result()
