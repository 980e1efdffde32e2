"""The exact join by tasks: two leaf ranges each, near ones first, what they find merged as it comes."""

from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import TYPE_CHECKING, Any

from allknn import _native
from allknn.exact.points import Lists
from allknn.exact.schedule import Schedule
from allknn.exact.task import Found, Work, work_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from allknn.answers import Share
    from allknn.exact.join import Join

_RANGES_PER_CORE = 4


def join_by_tasks(
    join: "Join",
    lists: Lists,
    *,
    rows_per_range: int,
    cores: int,
    prepare: Callable[[Work], Callable[[], tuple[tuple[Any, ...], tuple[Any, ...]]]],
    cancel: Callable[[], None],
    reports: list[tuple[Any, ...]],
) -> "Iterator[Share]":
    """Yield the share done while tasks join all leaf ranges, one for each core and one in waiting.

    ``prepare`` makes a task, in this thread; what it returns runs the task, in another one, and gives the
    fields of ``Found`` and of a report, which goes into ``reports``. ``cancel`` ends tasks that still run
    where the reader stops early.
    """
    share = len(join.ordered.radii) // (_RANGES_PER_CORE * cores)
    schedule = Schedule(join.ordered, max(1, min(rows_per_range // _native.LEAF, share)))
    running: dict[Future[Any], tuple[tuple[int, int], NDArray[np.int32]]] = {}
    computed = 0
    pool = ThreadPoolExecutor(cores + 1, thread_name_prefix="join")
    try:
        while not schedule.is_over:
            while len(running) <= cores and (pair := schedule.take()):
                ranges = [schedule.ranges[side] for side in dict.fromkeys(pair)]
                positions, work = work_of(join.ordered, ranges, lists)
                running[pool.submit(prepare(work))] = pair, positions
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                pair, positions = running.pop(future)
                fields, report = future.result()
                found = Found(*fields)
                _native.merge_candidates(join.ordered, lists, positions, *found[:3])
                schedule.finish(pair)
                computed += found.pairs_computed
                reports.append(report)
            yield schedule.done
    finally:
        if running:
            cancel()
        pool.shutdown()
    join.note_pairs(computed)
