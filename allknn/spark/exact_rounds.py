"""The exact join by tasks: two leaf ranges each, near ones first, what they find merged as it comes.

A wave of tasks is one job. Its tasks may share leaf ranges: each gets the bounds known by then, which those
of the waves before made tight.
"""

import math
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import TYPE_CHECKING, Any

from allknn import _native
from allknn.exact.points import Lists
from allknn.exact.schedule import nearest_first
from allknn.exact.task import Found, Work, work_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from allknn.answers import Share
    from allknn.exact.join import Join

_PAIRS_PER_CORE = 4
_TASKS_PER_CORE_AND_WAVE = 2
_WAVES_IN_FLIGHT = 2
"""One that runs, and one for the cores that it leaves idle at its end."""


def join_by_tasks(
    join: "Join",
    lists: Lists,
    *,
    rows_per_range: int,
    cores: int,
    prepare: Callable[[list[Work]], Callable[[], list[tuple[tuple[Any, ...], tuple[Any, ...]]]]],
    cancel: Callable[[], None],
    reports: list[tuple[Any, ...]],
) -> "Iterator[Share]":
    """Yield the share done while tasks join all leaf ranges.

    ``prepare`` makes a wave of tasks, in this thread; what it returns runs them, in another one, and gives
    for each the fields of ``Found`` and of a report, which goes into ``reports``. ``cancel`` ends tasks that
    still run where the reader stops early.
    """
    ranges = _ranges(len(join.ordered.radii), len(join.ordered.order), rows_per_range, cores)
    pairs = nearest_first(join.ordered, ranges)
    n_pairs, computed, done_pairs = len(pairs), 0, 0
    running: dict[Future[Any], list[NDArray[np.int32]]] = {}
    pool = ThreadPoolExecutor(_WAVES_IN_FLIGHT, thread_name_prefix="join")
    try:
        while pairs or running:
            while pairs and len(running) < _WAVES_IN_FLIGHT:
                wave, pairs = _cut(pairs, len(ranges), _TASKS_PER_CORE_AND_WAVE * cores)
                made = [
                    work_of(join.ordered, [ranges[side] for side in dict.fromkeys(pair)], lists)
                    for pair in wave
                ]
                running[pool.submit(prepare([work for _, work in made]))] = [at for at, _ in made]
                if done_pairs == 0:
                    break  # there are no bounds yet
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                for positions, (fields, report) in zip(running.pop(future), future.result(), strict=True):
                    found = Found(*fields)
                    _native.merge_candidates(join.ordered, lists, positions, *found[:3])
                    computed += found.pairs_computed
                    done_pairs += 1
                    reports.append(report)
            yield done_pairs / n_pairs
    finally:
        if running:
            cancel()
        pool.shutdown()
    join.note_pairs(computed)


def _ranges(n_leaves: int, n_rows: int, rows_per_range: int, cores: int) -> list[tuple[int, int]]:
    """Cut leaves into so few ranges that each core has some pairs of them, and none has too many rows."""
    for_cores = math.ceil(math.sqrt(2 * _PAIRS_PER_CORE * cores))
    n = min(n_leaves, max(for_cores, -(-n_rows // rows_per_range)))
    return [(n_leaves * i // n, n_leaves * (i + 1) // n) for i in range(n)]


def _cut(
    pairs: list[tuple[int, int]], n_ranges: int, size: int
) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """Return the next wave and what is left: first each range with itself, which gives all points a bound."""
    size = max(size, n_ranges) if pairs[0][0] == pairs[0][1] else size
    return pairs[:size], pairs[size:]
