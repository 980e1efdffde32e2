"""The exact join beside its exact peers, and beside the time that its matrix products alone would take.

``python tests/benchmarks/compare_exact.py``: 200,000 points (``-n``), each of ``manifold,uniform,patches``
(``--families``) in each of ``16,32,64,128,384`` dimensions (``--dimensions``), the peers on all rows, or on
the first of them (``--peer-rows``), extrapolated; ``--no-choice`` leaves out the kd-tree and the strategy
that chooses between it and the join. Every run goes through ``python -m bench run``, in a
process of its own, and leaves its row in ``--results``; those measured already are not run again. In each
cell 5,000 sampled rows of the join's answer are compared to the byte with float64 sums of squared differences
in feature order, sorted by (distance, id).
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench import workloads
from bench.cli import values
from bench.judge import exact_neighbors, sample_rows
from bench.measure.environment import machine

K = 10
ROWS_COMPARED = 5_000
SPARE = 40
"""Neighbors looked at beyond k, so that those as far as the k-th are among them."""
FAMILIES = "manifold", "uniform", "patches"
DIMENSIONS = 16, 32, 64, 128, 384
TREE_FACTOR, TREE_LEAST = 1.5, 20
"""A kd-tree may take so many times what the join takes, and so many seconds, before it is given up: inf."""


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def measured(strategy: str, cell: list[str], *more: str) -> dict[str, Any]:
    """The row of one run; measured now where it is not there yet."""
    command = [sys.executable, "-m", "bench", "run", strategy, *cell, "--json", *more]
    ran = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    row: dict[str, Any] = json.loads(ran.stdout.splitlines()[0])
    return row


def seconds(row: dict[str, Any]) -> float:
    """Fit and query, of all rows where some were answered; inf where none were."""
    if row["status"] not in ("ok", "partial"):
        return float("inf")
    return float((row["extrapolated_seconds"] or row["total_seconds"]) - row["start_seconds"])


def product_rate() -> float:
    """Float32 operations a second of a large matrix product, all threads, the best of some."""
    square = np.random.default_rng(0).random((4096, 4096), np.float32)
    out, best = np.empty_like(square), float("inf")
    for _ in range(5):
        began = time.perf_counter()
        np.matmul(square, square, out=out)
        best = min(best, time.perf_counter() - began)
    return 2 * 4096**3 / best


def reference(points: NDArray[np.float32], rows: NDArray[np.int64]) -> Iterator[tuple[Any, Any]]:
    """For each row, ids and float32 distances of its K neighbors by (distance, id)."""
    found = exact_neighbors(points, rows, min(K + SPARE, len(points) - 1), threads=machine().cores)

    def exactly(row: int, others: NDArray[np.int32]) -> tuple[Any, Any]:
        squared = np.zeros(len(others))
        for own, other in zip(points[row].astype(float), points[others].astype(float).T, strict=True):
            squared += (own - other) ** 2
        order = np.lexsort((others, squared))[:K]
        return others[order], np.sqrt(squared[order]).astype(np.float32)

    with ThreadPoolExecutor(machine().cores) as pool:
        yield from pool.map(exactly, rows.tolist(), found.indices)


def differing_rows(points: NDArray[np.float32], saved: Path) -> int:
    """How many of the sampled rows differ in a byte."""
    rows = sample_rows(len(points), ROWS_COMPARED)
    with np.load(saved) as answers:
        indices, distances = answers["indices"][rows], answers["distances"][rows]
    pairs = zip(indices, distances, reference(points, rows), strict=True)
    return sum(
        not np.array_equal(ids, right[0]) or lengths.tobytes() != right[1].tobytes()
        for ids, lengths, right in pairs
    )


def compare(asked: argparse.Namespace, family: str, d: int, rate: float) -> None:
    """Measure one cell and print its line."""
    n = asked.n
    cell = ["--workload", family, "-n", str(n), "-d", str(d), "-k", str(K)]
    cell += ["--fix-blas", "--truth-rows", "500", "--results", asked.results]
    part = ["--stop-after-rows", str(asked.peer_rows)] if asked.peer_rows else []
    with tempfile.TemporaryDirectory() as directory:
        saved = Path(directory, "answers.npz")
        join = measured("blocked_exact", cell, "--save-neighbors", str(saved))
        staged = workloads.stage(workloads.preset(family, n=n, d=d, k=K), workloads.cache_directory(None))
        differing = differing_rows(np.load(staged.path, mmap_mode="r"), saved)
    if asked.no_choice:
        choice = f"{'':16} {'':8}"
    else:
        auto = measured("exact_auto", cell)
        limit = f"{max(TREE_LEAST, TREE_FACTOR * seconds(join)):.0f}s"
        tree = measured("scipy_kdtree", cell, "--time-limit", limit, "--anyway")
        best = min(seconds(join), seconds(tree))
        choice = f"{seconds(tree) / seconds(join):9.2f}{seconds(auto) / best:7.2f} "
        choice += f"{auto['details']['chosen']:8}"
    brute = measured("sklearn_chunked", cell, "--set", "sklearn_chunked.algorithm=brute", "--anyway", *part)
    faiss = measured("faiss_flat", cell, "--anyway", *part)
    took = seconds(join)
    products = n * n * d / rate
    say(
        f"{family:9}{d:5}{took:9.1f}{took / products:7.2f}{seconds(brute) / took:9.2f}"
        f"{seconds(faiss) / took:9.2f}{choice}"
        f"{join['cores_used']:5.2f}{brute['cores_used']:6.2f}{faiss['cores_used']:6.2f}"
        f"{(join['peak_memory_bytes'] - join['baseline_memory_bytes']) / 2**20:7.0f}"
        f"{join['details']['share_of_pairs_computed']:7.3f}{differing:7}"
    )


def parsed() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("-n", type=values.positive, default=200_000)
    parser.add_argument("--families", type=values.listed(str), default=FAMILIES)
    parser.add_argument("--dimensions", type=values.listed(values.positive), default=DIMENSIONS)
    parser.add_argument("--peer-rows", type=values.positive)
    parser.add_argument("--no-choice", action="store_true", help="leave exact_auto and the kd-tree out")
    parser.add_argument("--results", default="results")
    return parser.parse_args()


def main() -> None:
    """Measure all cells."""
    asked, rate = parsed(), product_rate()
    say(f"n = {asked.n:,}; SGEMM: {rate / 1e9:.0f} GFLOP/s; seconds of fit and query; peers as multiples")
    say(
        f"{'points':9}{'d':>5}{'join s':>9}{'/sgemm':>7}{'brute':>9}{'faiss':>9}{'kd-tree':>9}{'auto':>7} "
        f"{'chose':8}{'cores':>5}{'brute':>6}{'faiss':>6}{'MiB':>7}{'pairs':>7}{'differ':>7}"
    )
    for family, d in product(asked.families, asked.dimensions):
        compare(asked, family, d, rate)


if __name__ == "__main__":
    main()
