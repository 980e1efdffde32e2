"""The exact join by tasks: two leaf ranges each, near ones first, what they find merged as it comes.

A wave of tasks is one job. Its tasks may share leaf ranges: each gets the bounds known by then, which those
of the waves before made tight. How many waves there are, and tasks at most, depends neither on the number of
points nor on the cores.
"""

import math
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import TYPE_CHECKING, Any

from allknn import _native
from allknn._native import LEAF
from allknn.exact.points import Lists
from allknn.exact.schedule import nearest_first, nodes_of
from allknn.exact.task import Found, Range, Work, positions_of

if TYPE_CHECKING:
    from allknn.answers import Share
    from allknn.exact.join import Join

_PAIRS_PER_CORE = 4
_FEWEST_ROWS = 1 << 13
"""In a range, about: a shorter task costs more for being one."""
_MOST_RANGES = 32
"""However many points there are; more only for more cores."""
_WAVES = 4
"""Besides the first."""
_WAVES_IN_FLIGHT = 2
"""One that runs, and one for the cores that it leaves idle at its end."""


def join_by_tasks(
    join: "Join",
    lists: Lists,
    *,
    k: int,
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
    ordered = join.ordered
    ranges = _ranges(len(ordered.radii), len(ordered.order), rows_per_range, cores)
    pairs = [(ranges[i], ranges[j]) for i, j in nearest_first(ordered, ranges)]
    n_pairs, computed, done_pairs = len(pairs), 0, 0
    waves = _waves(pairs, len(ranges))
    running: dict[Future[Any], list[tuple[Range, Range]]] = {}
    pool = ThreadPoolExecutor(_WAVES_IN_FLIGHT, thread_name_prefix="join")
    try:
        while waves or running:
            while waves and len(running) < _WAVES_IN_FLIGHT:
                wave = waves.pop(0)
                works = [_work(join, lists, pair, k) for pair in wave]
                running[pool.submit(prepare(works))] = wave
                if done_pairs == 0:
                    break  # there are no bounds yet
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                for pair, (fields, report) in zip(running.pop(future), future.result(), strict=True):
                    found = Found(*fields)
                    _take(join, lists, pair, found)
                    computed += found.pairs_computed
                    done_pairs += 1
                    reports.append(report)
            yield done_pairs / n_pairs
    finally:
        if running:
            cancel()
        pool.shutdown()
    join.note_pairs(computed)


def planned(n: int, rows_per_range: int, cores: int) -> tuple[int, int, int]:
    """How n points are joined: tasks of the first wave, tasks of the others, how many others there are."""
    n_ranges = len(_ranges(-(-n // LEAF), n, rows_per_range, cores))
    n_others = n_ranges * (n_ranges - 1) // 2
    return n_ranges, n_others, -(-n_others // _wave_size(n_others))


def _work(join: "Join", lists: Lists, pair: tuple[Range, Range], k: int) -> Work:
    bounds = lists.nearness[positions_of(join.ordered, *pair), -1]
    return Work(*pair, bounds, min(k, lists.others.shape[1]), lists.others.shape[1])


def _take(join: "Join", lists: Lists, pair: tuple[Range, Range], found: Found) -> None:
    """Take in what a task found; in the first wave, before there is anybody, also the bounds."""
    positions = positions_of(join.ordered, *pair)
    if pair[0] == pair[1]:
        lists.nearness[positions] = found.bounds[:, None]
    _native.merge_candidates(join.ordered, lists, positions, found.sizes, found.others, found.nearness)


def _ranges(n_leaves: int, n_rows: int, rows_per_range: int, cores: int) -> list[Range]:
    """Halve leaves until each core has some pairs of ranges, and none too many rows, both about."""
    for_cores = math.ceil(math.sqrt(2 * _PAIRS_PER_CORE * cores))
    for_rows = min(-(-n_rows // rows_per_range), _MOST_RANGES)
    wanted = max(min(for_cores, -(-n_rows // _FEWEST_ROWS)), for_rows)
    return nodes_of(0, n_leaves, -(-n_leaves // (1 << round(math.log2(wanted)))))


def _waves(pairs: list[tuple[Range, Range]], n_ranges: int) -> list[list[tuple[Range, Range]]]:
    """Cut pairs into waves: first each range with itself, which gives all points a bound."""
    first, others = pairs[:n_ranges], pairs[n_ranges:]
    size = _wave_size(len(others))
    return [first, *(others[start : start + size] for start in range(0, len(others), size))]


def _wave_size(n_others: int) -> int:
    return max(1, -(-n_others // _WAVES))
