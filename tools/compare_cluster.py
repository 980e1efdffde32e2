"""Predictions for a cluster: two cores, here and as two workers, predicted from runs on one core.

Runs spark_sklearn on one core at each size, then on two cores at the largest size, in one process and on a
cluster of two workers. Prints predicted and measured wall time as a table in Markdown. What is measured
already is not run again.
"""

import argparse
import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from bench.analysis.cluster import Cluster, on_cluster, spark_curves
from bench.analysis.curves import curves
from bench.cli import values
from bench.results import Measurement, Store
from bench.units import format_interval, format_seconds
from tools.harness import bench, comma_separated

STRATEGY = "spark_sklearn"
POINTS = ("--workload", "manifold", "-d", "12")
ONE_CORE, TWO_CORES = "local[1,4]", "local[2,4]"
HEADER = "| where | n | predicted | measured | error |\n|---|--:|--:|--:|--:|"


@dataclass(frozen=True)
class Options:
    """What the command line asks for."""

    sizes: tuple[int, ...]
    repeats: int
    results: Path


def options() -> Options:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m tools.compare_cluster", description=__doc__)
    sizes = values.listed(values.positive)
    parser.add_argument(
        "--sizes",
        type=sizes,
        default=(100_000, 300_000, 1_000_000),
        help="numbers of points on one core (default: 100000,300000,1000000)",
    )
    parser.add_argument("--repeats", type=values.positive, default=1, help="of each run (default: 1)")
    parser.add_argument(
        "--results",
        type=Path,
        default=Path("results/cluster"),
        help="results directory (default: %(default)s)",
    )
    return Options(**vars(parser.parse_args()))


@contextmanager
def two_workers() -> Iterator[tuple[str, str]]:
    """Start a cluster of two workers with one core each; yield its master, and the cache that knows it."""
    with tempfile.TemporaryDirectory(prefix="bench-cluster-") as cache:
        size = ("--workers", "2", "--cores", "1", "--memory", "3g", "--port", "0")
        try:
            started = json.loads(bench("cluster", "start", *size, "--cache", cache, "--json"))
            yield started["master"], cache
        finally:
            bench("cluster", "stop", "--cache", cache)


def line(name: str, rows: list[Measurement], one_core: list[Measurement], cluster: Cluster, n: int) -> str:
    """Predict from the rows on one core, and write it beside the median of the rows."""
    (curve,) = spark_curves(curves(one_core))
    predicted = on_cluster(curve, n, cluster).wall_seconds
    measured = median(row.total_seconds for row in rows if row.total_seconds is not None)
    interval = format_interval(predicted.median, predicted.low, predicted.high, format_seconds)
    error = predicted.median / measured - 1
    return f"| {name} | {n:,} | {interval} | {format_seconds(measured)} | {error:+.0%} |"


def main() -> None:
    """Measure what is missing, then print."""
    asked = options()
    n = max(asked.sizes)
    how = ("--repeats", str(asked.repeats), "--results", str(asked.results), "--truth-rows", "200")
    run = ("run", STRATEGY, *POINTS, *how)
    bench(*run, "-n", comma_separated(asked.sizes), "--master", ONE_CORE)
    bench(*run, "-n", str(n), "--master", TWO_CORES)
    with two_workers() as (master, cache):
        bench(*run, "-n", str(n), "--master", master, "--cache", cache)
    rows = [row for row in Store(asked.results).latest() if row.status == "ok"]
    one_core = [row for row in rows if row.master == ONE_CORE]
    print(HEADER)
    for name, its_master, cluster in (
        ("`local[2]`", TWO_CORES, Cluster(1, 2)),
        ("two workers of one core", master, Cluster(2, 1)),
    ):
        measured = [row for row in rows if row.master == its_master and row.workload.n == n]
        print(line(name, measured, one_core, cluster, n))


if __name__ == "__main__":
    main()
