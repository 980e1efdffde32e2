"""The exact join beside its exact peers, and beside the time that its matrix products alone would take.

Every run goes through the harness, in a process of its own, and leaves its row in the results directory; what
is measured already is not run again. In each cell 5,000 sampled rows of the join's answer are compared to the
byte with float64 sums of squared differences in feature order, sorted by (distance, id).
"""

import argparse
import json
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import cast

import numpy as np
from numpy.typing import NDArray

from bench import workloads
from bench.cli import values
from bench.judge import exact_neighbors, sample_rows
from bench.measure.environment import machine
from bench.results import Measurement
from tools.harness import bench

K = 10
ROWS_COMPARED = 5_000
SPARE = 40
"""Neighbors looked at beyond k, so that those as far as the k-th are among them."""
FAMILIES = "manifold", "uniform", "patches"
DIMENSIONS = 16, 32, 64, 128, 384
TREE_FACTOR, TREE_SECONDS = 1.5, 20
"""A kd-tree is given up, as inf, after so many times what the join takes, and no fewer seconds than this."""
MATRIX_SIZE = 4096
PEERS = {
    "sklearnex_brute": "intel",
    "faiss_panorama": "panorama",
    "knncolle_kmknn": "kmknn",
}
"""Optional peers and their columns; inf where one is not installed."""
HEADER = (
    f"{'points':9}{'d':>5}{'join s':>9}{'/sgemm':>7}{'brute':>9}{'faiss':>9}{'kd-tree':>9}{'auto':>7} "
    f"{'chose':8}{''.join(f'{name:>9}' for name in PEERS.values())}"
    f"{'cores':>6}{'brute':>6}{'faiss':>6}{'MiB':>7}{'pairs':>7}{'differ':>7}"
)

Neighbors = tuple[NDArray[np.int32], NDArray[np.float32]]
"""Ids and distances of one row's neighbors, (K,) each."""


@dataclass(frozen=True)
class Options:
    """What the command line asks for."""

    n: int
    families: tuple[str, ...]
    dimensions: tuple[int, ...]
    peer_rows: int | None
    choice: bool
    results: str


def options() -> Options:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.compare_exact",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "-n", type=values.positive, default=200_000, help="number of points (default: 200000)"
    )
    parser.add_argument(
        "--families",
        type=values.listed(str),
        default=FAMILIES,
        help=f"kinds of points (default: {','.join(FAMILIES)})",
    )
    parser.add_argument(
        "--dimensions",
        type=values.listed(values.positive),
        default=DIMENSIONS,
        help=f"numbers of dimensions (default: {','.join(map(str, DIMENSIONS))})",
    )
    parser.add_argument(
        "--peer-rows",
        type=values.positive,
        help="rows that the peers answer, extrapolated to all (default: all)",
    )
    parser.add_argument(
        "--no-choice",
        dest="choice",
        action="store_false",
        help="leave out exact_auto and the kd-tree",
    )
    parser.add_argument("--results", default="results", help="results directory (default: %(default)s)")
    return Options(**vars(parser.parse_args()))


def run(strategy: str, cell: tuple[str, ...], *more: str) -> Measurement:
    """Return the row of one run; run it now where it is not measured yet."""
    (line,) = bench("run", strategy, *cell, "--json", *more).splitlines()[:1]
    return Measurement.from_json(json.loads(line))


def seconds(row: Measurement) -> float:
    """Fit and query, of all rows where some were answered; inf where none were."""
    total = row.extrapolated_seconds or row.total_seconds
    if row.status not in ("ok", "partial") or total is None:
        return float("inf")
    return total - (row.start_seconds or 0.0)


def matrix_product_rate() -> float:
    """Float32 operations a second of a large matrix product with all threads, the best of some."""
    square = np.random.default_rng(0).random((MATRIX_SIZE, MATRIX_SIZE), np.float32)
    out, best = np.empty_like(square), float("inf")
    for _ in range(5):
        began = time.perf_counter()
        np.matmul(square, square, out=out)
        best = min(best, time.perf_counter() - began)
    return float(2 * MATRIX_SIZE**3 / best)


def reference(points: NDArray[np.float32], rows: NDArray[np.int64]) -> Iterator[Neighbors]:
    """For each row, its K neighbors by (distance, id), in float64 until the end."""
    candidates = exact_neighbors(
        points, rows, min(K + SPARE, len(points) - 1), threads=machine().usable_cores
    )

    def nearest(row: int, others: NDArray[np.int32]) -> Neighbors:
        squared = np.zeros(len(others))
        for own, other in zip(points[row].astype(float), points[others].astype(float).T, strict=True):
            squared += (own - other) ** 2
        order = np.lexsort((others, squared))[:K]
        return others[order], np.sqrt(squared[order]).astype(np.float32)

    with ThreadPoolExecutor(machine().usable_cores) as pool:
        yield from pool.map(nearest, rows.tolist(), candidates.indices)


def differing_rows(points: NDArray[np.float32], saved: Path) -> int:
    """Count the sampled rows that differ in a byte."""
    rows = sample_rows(len(points), ROWS_COMPARED)
    with np.load(saved) as answers:
        indices, distances = answers["indices"][rows], answers["distances"][rows]
    return sum(
        not np.array_equal(ids, true_ids) or lengths.tobytes() != true_lengths.tobytes()
        for ids, lengths, (true_ids, true_lengths) in zip(
            indices, distances, reference(points, rows), strict=True
        )
    )


def compare(asked: Options, family: str, d: int, rate: float) -> str:
    """Measure one cell; write its line."""
    n = asked.n
    points = ("--workload", family, "-n", str(n), "-d", str(d), "-k", str(K))
    cell = (*points, "--fix-blas", "--truth-rows", "500", "--results", asked.results)
    some_rows = ("--stop-after-rows", str(asked.peer_rows)) if asked.peer_rows else ()
    with tempfile.TemporaryDirectory() as directory:
        saved = Path(directory, "answers.npz")
        join = run("blocked_exact", cell, "--save-neighbors", str(saved))
        staged = workloads.stage(workloads.preset(family, n=n, d=d, k=K), workloads.cache_directory(None))
        differing = differing_rows(np.load(staged.path, mmap_mode="r"), saved)
    choice = compare_choice(cell, join) if asked.choice else f"{'':16} {'':8}"
    brute = run("sklearn_chunked", cell, "--set", "sklearn_chunked.algorithm=brute", "--anyway", *some_rows)
    faiss = run("faiss_flat", cell, "--anyway", *some_rows)
    join_seconds = seconds(join)
    peers = "".join(
        f"{seconds(run(peer, cell, '--anyway', *some_rows)) / join_seconds:9.2f}" for peer in PEERS
    )
    memory_bytes = (join.peak_memory_bytes or 0) - (join.baseline_memory_bytes or 0)
    return (
        f"{family:9}{d:5}{join_seconds:9.1f}{join_seconds / (n * n * d / rate):7.2f}"
        f"{seconds(brute) / join_seconds:9.2f}{seconds(faiss) / join_seconds:9.2f}{choice}{peers}"
        f"{join.cores_used:6.2f}{brute.cores_used:6.2f}{faiss.cores_used:6.2f}{memory_bytes / 2**20:7.0f}"
        f"{cast('float', join.details['share_of_pairs_computed']):7.3f}{differing:7}"
    )


def compare_choice(cell: tuple[str, ...], join: Measurement) -> str:
    """Measure a kd-tree and the strategy that chooses between it and the join; write their columns."""
    auto = run("exact_auto", cell)
    limit = f"{max(TREE_SECONDS, TREE_FACTOR * seconds(join)):.0f}s"
    tree = run("scipy_kdtree", cell, "--time-limit", limit, "--anyway")
    best = min(seconds(join), seconds(tree))
    return f"{seconds(tree) / seconds(join):9.2f}{seconds(auto) / best:7.2f} {auto.details['chosen']:8}"


def main() -> None:
    """Measure all cells."""
    asked, rate = options(), matrix_product_rate()
    print(f"n = {asked.n:,}; SGEMM: {rate / 1e9:.0f} GFLOP/s; seconds of fit and query; peers as multiples")
    print(HEADER, flush=True)
    for family, d in product(asked.families, asked.dimensions):
        print(compare(asked, family, d, rate), flush=True)


if __name__ == "__main__":
    main()
