"""The join by overlapping clusters on Spark: no host holds an index, no vector travels."""

import heapq
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from bench.strategy import Entry, Neighbors, Points, Progress
from strategies import _gateway, _ship, _spark, _spark_modules, _spark_overlap, _spark_phases, _waves
from strategies._by_clusters import LADDER, ByClusters

if TYPE_CHECKING:
    from strategies._join_groups import Groups

_GROUPS_PER_SLOT = 12
_GROUP_ROWS = 1 << 19
"""Rows in a group's clusters, about, and so what a Python worker has to send at once: 8 k + 4 bytes each."""
_RANGE_ROWS = 1 << 17
_RANGE_BYTES = 1 << 25
"""Of points that are given to clusters at once."""
_ASSIGNED, _SOLVED, _MERGED = 0.2, 0.9, 0.95
"""Shares of the query that are done after a phase, about."""


@dataclass
class SparkOverlapJoin(ByClusters):
    """``overlap_join`` with tasks instead of threads: the same bytes, whatever fails on the way.

    The driver finds centroids on a sample. Rows are given to clusters, clusters solved and what they know
    merged by tasks; answers come back range by range.
    """

    driver_memory: str = "2g"
    """Most heap the driver's JVM may take, as Spark writes it."""
    master: str = "local[2,4]"
    shared_dir: str = ""

    def __post_init__(self) -> None:
        super().__post_init__()
        _spark.check(self.master, 0, self.driver_memory)

    def start(self) -> None:
        """Open the Spark session and compile, here and in the Python workers."""
        from strategies import _overlap

        _gateway.refuse_another()  # before it takes time to compile
        _overlap.compile_here(1)
        requires = "numba", "pyspark", "threadpoolctl"
        self._session = _spark_modules.open_session(
            self.master, self.driver_memory, requires, _spark_overlap.compile_there
        )
        self._context = self._session.context

    def fit(self, points: Points) -> None:
        """Ship the points; find equal ones, and the centroids of the others."""
        from strategies import _join_groups, _overlap_clusters

        self._by_path = bool(self.shared_dir or _spark.local_cores(self.master))
        self._find_points = self._send(Path(_spark.file_of(points)))
        self._groups: Groups = _join_groups.group(np.asarray(points))
        self._chosen = self._groups.first
        began = time.perf_counter()
        self._centroids = _overlap_clusters.find(
            points, self._chosen, self.cluster_rows, self.overlap, self.seed
        )
        self._build_seconds = time.perf_counter() - began

    def kneighbors(self, k: int) -> Iterator[Neighbors | Progress]:
        """Yield progress until all clusters are solved, then ranges of rows as they are merged."""
        from strategies import _overlap

        phases = _spark_phases.Phases(self._context)
        self.details = phases.details
        phases.details["build_seconds"] = self._build_seconds
        plan, clusters = self._plan(k)
        sent = self._sent(plan, clusters)
        known = sent.mapPartitionsWithIndex(partial(_spark_overlap.solve, plan=plan))
        merged = known.partitionBy(plan.n_ranges + 1, int).mapPartitionsWithIndex(
            partial(_spark_overlap.merge, plan=plan)
        )
        phases.note(
            "assign", (yield from phases.watched("assign", sent.values(), plan.n_groups, 0, _ASSIGNED))
        )
        told = yield from phases.watched("solve", merged, plan.n_ranges, _ASSIGNED, _SOLVED)
        phases.note("solve", [report for _, report in told])
        sizes = np.concatenate([sizes for sizes, _ in told])
        phases.details["clusters"] = float(len(sizes))
        phases.details["largest_cluster"] = float(sizes.max())
        phases.details["pairs_a_point"] = float((sizes.astype(float) ** 2).sum() / len(self._chosen))
        blocks = phases.answers("merge", merged, plan.n_ranges, k)
        if self.refine:
            yield Progress(_SOLVED)
            refining = self._refining(plan, blocks)
            yield Progress(_MERGED)
            blocks = phases.answers("refine", refining, refining.getNumPartitions(), k)
        for rows, ids, distances in blocks:
            yield _overlap.answer(self._groups, rows, ids, distances)
        phases.end(moved=("assign", "solve"))

    def close(self) -> None:
        """Stop Spark and its JVM."""
        if hasattr(self, "_session"):
            self._session.close()

    def _send(self, file: Path) -> Any:
        return _ship.send_points(self._session, file, by_path=self._by_path, shared_dir=self.shared_dir)

    def _plan(self, k: int) -> tuple[_spark_overlap.Plan, Any]:
        """Pack clusters into groups of about the same cost; number them group by group."""
        from strategies import _overlap_clusters

        centroids, sizes = self._centroids
        overlap = min(self.overlap, len(sizes))
        for_cores = _GROUPS_PER_SLOT * self._context.defaultParallelism
        wanted = max(for_cores, -(-len(self._chosen) * overlap // _GROUP_ROWS))
        packed = _packed(sizes**2, min(len(sizes), wanted))
        range_rows = max(1, min(_RANGE_ROWS, _waves.RECORD_BYTES // (8 * k)))
        plan = _spark_overlap.Plan(
            find_points=self._find_points,
            k=k,
            overlap=overlap,
            most_rows=_overlap_clusters.most_rows(self.cluster_rows, self.overlap),
            groups=np.cumsum([0, *map(len, packed)]),
            range_rows=range_rows,
            n_ranges=-(-len(self._groups.members) // range_rows),
        )
        numbers = np.empty(len(sizes), np.int32)
        numbers[np.concatenate(packed)] = np.arange(len(sizes))
        return plan, self._context.broadcast((centroids, numbers))

    def _sent(self, plan: _spark_overlap.Plan, clusters: Any) -> Any:
        """Rows on their way to groups of clusters."""
        every, parts = len(self._chosen) == len(self._groups.members), []
        size = max(1, min(_RANGE_ROWS, _RANGE_BYTES // (4 * self._centroids[0].centers.shape[1])))
        for start in range(0, len(self._chosen), size):
            rows = self._chosen[start : start + size]
            parts.append((start, start + len(rows), b"" if every else rows.tobytes()))
        assigned = self._context.parallelize(parts, len(parts)).mapPartitions(
            partial(_spark_overlap.assign, plan=plan, clusters=clusters)
        )
        return assigned.partitionBy(plan.n_groups + 1, int)

    def _refining(self, plan: _spark_overlap.Plan, blocks: Iterator[Any]) -> Any:
        """Tasks that refine, given what is known of all and who names each point, in files."""
        from strategies import _overlap_solve

        scratch = self._session.scratch
        files = [scratch / "neighbors.npy", scratch / "namers.npy"]
        shape = len(self._groups.members), plan.k
        neighbors, namers = (np.lib.format.open_memmap(file, "w+", np.int32, shape) for file in files)
        neighbors[:] = -1
        for rows, ids, _ in blocks:
            neighbors[rows] = ids
        _overlap_solve.name_back(np.asarray(neighbors), np.asarray(namers))
        del neighbors, namers
        task = partial(
            _spark_overlap.refine,
            plan=plan,
            find_neighbors=self._send(files[0]),
            find_namers=self._send(files[1]),
        )
        starts = range(0, len(self._chosen), plan.range_rows)
        parts = [self._chosen[start : start + plan.range_rows].tobytes() for start in starts]
        return self._context.parallelize(parts, len(parts)).mapPartitions(task)


def _packed(costs: NDArray[np.float64], n_groups: int) -> list[list[int]]:
    """Items in groups of about the same cost, the dearest first (LPT: Graham, SIAM J. Appl. Math., 1969)."""
    groups: list[list[int]] = [[] for _ in range(n_groups)]
    spent = [(0.0, group) for group in range(n_groups)]
    for item in np.argsort(-costs, kind="stable").tolist():
        cost, group = spent[0]
        groups[group].append(item)
        heapq.heapreplace(spent, (cost + float(costs[item]), group))
    return groups


strategy = Entry(SparkOverlapJoin, exact=False, requires=("numba", "pyspark", "java"), ladder=LADDER)
