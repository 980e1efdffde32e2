"""The recall that is promised beside the one that is reached, of all points, by ``allknn.nearest_neighbors``.

Of each kind of points the exact neighbors are found once; then others, for each recall and seed. Their recall
is counted over all rows. A promise may fail in 5 % of the runs: the exit code is 1 where more fail than a
binomial test at 1 % allows.
"""

import argparse
import sys
import time
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binom

import allknn
from bench import workloads
from bench.cli import values

KINDS: dict[str, tuple[str, int | None, dict[str, Any]]] = {
    "patches": ("patches", None, {}),
    "manifold": ("manifold", 64, {"latent": 12}),
    "embeddings": ("embeddings", None, {}),
    "text": ("text", None, {}),
    "uniform": ("uniform", 16, {}),
}
"""The workload, d (None: its own) and knobs of each kind."""
RECALLS = 0.8, 0.9, 0.95, 0.99
HEADER = (
    f"{'points':11}{'d':>4}{'asked':>7}{'least':>9}{'mean':>8}{'below':>6}{'exact':>6}{'s':>8}{'exact s':>8}"
)
ROUNDING = np.float32(1 + 1e-6)
FAILURES_ALLOWED, LEVEL = 0.05, 0.01


@dataclass(frozen=True)
class Options:
    """What the command line asks for."""

    n: int
    k: int
    seeds: int
    kinds: tuple[str, ...]
    recalls: tuple[float, ...]
    threads: int


def options() -> Options:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.compare_recall",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "-n", type=values.positive, default=200_000, help="number of points (default: 200000)"
    )
    parser.add_argument("-k", type=values.positive, default=10, help="neighbors (default: 10)")
    parser.add_argument("--seeds", type=values.positive, default=20, help="runs of each cell (default: 20)")
    parser.add_argument(
        "--kinds", type=values.listed(str), default=tuple(KINDS), help=f"points (default: {','.join(KINDS)})"
    )
    parser.add_argument(
        "--recalls",
        type=values.listed(float),
        default=RECALLS,
        help=f"recalls asked for (default: {','.join(map(str, RECALLS))})",
    )
    parser.add_argument("--threads", type=values.positive, default=2, help="number of threads (default: 2)")
    return Options(**vars(parser.parse_args()))


def points_of(kind: str, n: int, k: int) -> NDArray[np.float32]:
    """Make the points of a kind, or map those that are made already."""
    family, d, knobs = KINDS[kind]
    workload = workloads.preset(family, n=n, d=d, k=k, **knobs)
    staged = workloads.stage(workload, workloads.cache_directory(None))
    mapped: NDArray[np.float32] = np.load(staged.path, mmap_mode="r")
    return mapped


def compare(kind: str, asked: Options) -> int:
    """Write a line for each recall; return how many runs missed it."""
    points = points_of(kind, asked.n, asked.k)
    exact = allknn.nearest_neighbors(points, asked.k, n_jobs=asked.threads)
    last = exact.distances[:, -1:] * ROUNDING
    missed = 0
    for recall in asked.recalls:
        reached, seconds, exacts = [], [], 0
        for seed in range(asked.seeds):
            began = time.perf_counter()
            answer = allknn.nearest_neighbors(
                points, asked.k, recall=recall, n_jobs=asked.threads, random_state=seed
            )
            seconds.append(time.perf_counter() - began)
            reached.append(float((answer.distances <= last).mean()))
            exacts += answer.exact
        below = sum(one < recall for one in reached)
        missed += below
        print(
            f"{kind:11}{points.shape[1]:4}{recall:7.2f}{min(reached):9.4f}{np.mean(reached):8.4f}{below:6}"
            f"{exacts:6}{np.median(seconds):8.1f}{exact.seconds:8.1f}",
            flush=True,
        )
    return missed


def main() -> int:
    """Measure all cells."""
    asked = options()
    print(f"n = {asked.n:,}, k = {asked.k}, {asked.seeds} seeds, {asked.threads} threads")
    print(HEADER)
    missed = sum(compare(kind, asked) for kind in asked.kinds)
    runs = len(list(product(asked.kinds, asked.recalls))) * asked.seeds
    most = int(binom.ppf(1 - LEVEL, runs, FAILURES_ALLOWED))
    print(f"{missed} of {runs} runs below the recall asked for, allowed are {most}")
    return int(missed > most)


if __name__ == "__main__":
    sys.exit(main())
