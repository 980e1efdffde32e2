"""What Spark's tasks do in the join by overlapping clusters.

``assign``  a range of rows -> for each group of clusters, the rows that belong to them
``solve``   a group of clusters -> for each range of rows, what the clusters know of them
``merge``   a range of rows -> their neighbors

Between them Spark carries pairs (where to, what): rows, ids and distances, never a vector. One
place more than there are groups, or ranges, takes the reports of those who sent.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Sent: TypeAlias = tuple[int, tuple[Any, ...]]
_KINDS: tuple[Any, Any] = np.int32, np.float32
"""Of ids and distances."""


@dataclass(frozen=True)
class Plan:
    """What all tasks know."""

    load_core: Callable[[], None]
    """Loads the compiled core where a task runs."""
    load_points: Callable[[], NDArray[np.float32]]
    """Gives the staged points, mapped, where a task runs."""
    report: Callable[[float, float, int], tuple[Any, ...]]
    """Says how a task went: when it began, when it had the points (``time.perf_counter``), bytes sent."""
    k: int
    overlap: int
    most_rows: int
    """That a cluster may hold."""
    groups: NDArray[np.int64]
    """(n_groups + 1,): the first cluster of each group, as tasks number them."""
    range_rows: int
    """Rows in a range."""
    n_ranges: int

    @property
    def n_groups(self) -> int:
        """How many groups of clusters there are."""
        return len(self.groups) - 1


def assign(parts: Iterable[tuple[int, int, bytes]], plan: Plan, clusters: Any) -> Iterator[Sent]:
    """Send each row to its ``overlap`` nearest clusters.

    ``parts`` are rows from, to, and which of them where not all; ``clusters``, a broadcast, are centroids and
    the number of each cluster in its group, (n_clusters,).
    """
    plan.load_core()
    from allknn.approximate import clustering

    for start, stop, some in parts:
        began = time.perf_counter()
        points, sent_bytes = plan.load_points(), 0
        loaded = time.perf_counter()
        rows = np.frombuffer(some, np.int32) if some else np.arange(start, stop, dtype=np.int32)
        centroids, numbers = clusters.value
        nearest = numbers[clustering.assign(points[rows], centroids, plan.overlap)]
        found = clustering.listed(rows, nearest, int(plan.groups[-1]))
        for group, (first, last) in enumerate(zip(plan.groups[:-1], plan.groups[1:], strict=True)):
            sizes = np.diff(found.begin[first : last + 1]).astype(np.int32)
            own = found.rows[found.begin[first] : found.begin[last]]
            if len(own):
                sent_bytes += own.nbytes + sizes.nbytes
                yield group, (start, sizes.tobytes(), own.tobytes())
        yield plan.n_groups, plan.report(began, loaded, sent_bytes)


def solve(group: int, arrived: Iterable[Sent], plan: Plan) -> Iterator[Sent]:
    """Solve each cluster of a group exactly; send what it knows to the ranges of its rows."""
    from allknn.approximate import clustering, solve

    if group == plan.n_groups:
        return
    plan.load_core()
    began = time.perf_counter()
    points, sent_bytes = plan.load_points(), 0
    loaded = time.perf_counter()
    solved = [
        solve.solve(points, rows, plan.k)
        for cluster in _clusters(arrived, int(plan.groups[group + 1] - plan.groups[group]))
        for rows in clustering.bounded(points, cluster, plan.most_rows)
    ]
    sizes = [len(one.rows) for one in solved]
    if solved:
        rows, ids, distances = (np.concatenate(parts) for parts in zip(*solved, strict=True))
        del solved
        order = np.argsort(rows // plan.range_rows, kind="stable")
        begin = np.searchsorted(rows[order] // plan.range_rows, np.arange(plan.n_ranges + 1))
        for to in range(plan.n_ranges):
            own = order[begin[to] : begin[to + 1]]
            if len(own):
                parts = tuple(part[own].tobytes() for part in (rows, ids, distances))
                sent_bytes += sum(map(len, parts))
                yield to, parts
    yield plan.n_ranges, (np.array(sizes, np.int64), plan.report(began, loaded, sent_bytes))


def _clusters(arrived: Iterable[Sent], n_clusters: int) -> Iterator[NDArray[np.int32]]:
    """Put together what came for a group: the rows of each cluster, ascending."""
    parts = sorted(part for _, part in arrived)
    rows = [np.frombuffer(own, np.int32) for _, _, own in parts]
    begins = [np.append(0, np.cumsum(np.frombuffer(sizes, np.int32))) for _, sizes, _ in parts]
    for cluster in range(n_clusters):
        own = [part[b[cluster] : b[cluster + 1]] for part, b in zip(rows, begins, strict=True)]
        yield np.concatenate(own) if own else np.empty(0, np.int32)


def merge(number: int, arrived: Iterable[Sent], plan: Plan) -> Iterator[tuple[Any, ...]]:
    """Merge what clusters know of a range of rows: its rows, ids, distances, and a report.

    The last place gives back the reports that came there.
    """
    from allknn import _native

    if number == plan.n_ranges:
        yield from (what for _, what in arrived)
        return
    plan.load_core()
    began = time.perf_counter()
    first = number * plan.range_rows
    ids = np.full((plan.range_rows, plan.k), -1, np.int32)
    distances = np.full(ids.shape, np.inf, np.float32)
    seen = np.zeros(plan.range_rows, np.bool_)
    for _, parts in arrived:
        rows = np.frombuffer(parts[0], np.int32) - np.int32(first)
        found, lengths = (np.frombuffer(part, kind) for part, kind in zip(parts[1:], _KINDS, strict=True))
        _native.merge_answers(rows, found.reshape(-1, plan.k), lengths.reshape(-1, plan.k), ids, distances)
        seen[rows] = True
    rows = np.flatnonzero(seen).astype(np.int32)
    parts = (rows + np.int32(first)).tobytes(), ids[rows].tobytes(), distances[rows].tobytes()
    yield *parts, plan.report(began, began, sum(map(len, parts)))
