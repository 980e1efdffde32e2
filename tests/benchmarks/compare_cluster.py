"""How good predictions for a cluster are: two cores, here and as two workers, foretold by runs on one core.

``python tests/benchmarks/compare_cluster.py [--sizes 100000,300000,1000000]``: runs spark_sklearn on one core
at each size, then on two cores at the largest one, in one process and on a cluster of two workers, and prints
predicted and measured wall time as a table in Markdown. What is measured already is not run again.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from bench.analysis.cluster import Cluster, on_cluster, spark_curves
from bench.analysis.curves import curves
from bench.cli import values
from bench.results import Measurement, Store
from bench.units import format_interval, format_seconds

STRATEGY = "spark_sklearn"
POINTS = ("--workload", "manifold", "-d", "12")
ONE, TWO = "local[1,4]", "local[2,4]"


def bench(*words: str) -> str:
    """Do a command; what it prints."""
    command = [sys.executable, "-m", "bench", *words]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


@contextmanager
def two_workers() -> Iterator[tuple[str, str]]:
    """Start a cluster of two workers with one core each; its master, and the cache that knows it."""
    with tempfile.TemporaryDirectory(prefix="bench-cluster-") as cache:
        size = ("--workers", "2", "--cores", "1", "--memory", "3g", "--port", "0")
        try:
            yield json.loads(bench("cluster", "start", *size, "--cache", cache, "--json"))["master"], cache
        finally:
            bench("cluster", "stop", "--cache", cache)


def line(name: str, rows: list[Measurement], known: list[Measurement], cluster: Cluster, n: int) -> str:
    """Predict from the rows known, and write it beside the median of the rows."""
    (curve,) = spark_curves(curves(known))
    found = on_cluster(curve, n, cluster).wall_seconds
    took = median(row.total_seconds for row in rows if row.total_seconds is not None)
    told = format_interval(found.median, found.low, found.high, format_seconds)
    return f"| {name} | {n:,} | {told} | {format_seconds(took)} | {found.median / took - 1:+.0%} |"


def main() -> None:
    """Measure what is missing, then print."""
    parser = argparse.ArgumentParser(description=__doc__)
    sizes = values.listed(values.positive)
    parser.add_argument("--sizes", type=sizes, default=(100_000, 300_000, 1_000_000), help="on one core")
    parser.add_argument("--repeats", type=int, default=1)
    parser.add_argument("--results", type=Path, default=Path("results/cluster"))
    asked = parser.parse_args()
    how = ("--repeats", str(asked.repeats), "--results", str(asked.results), "--truth-rows", "200")
    n = max(asked.sizes)
    bench("run", STRATEGY, *POINTS, "-n", ",".join(map(str, asked.sizes)), "--master", ONE, *how)
    bench("run", STRATEGY, *POINTS, "-n", str(n), "--master", TWO, *how)
    with two_workers() as (master, cache):
        bench("run", STRATEGY, *POINTS, "-n", str(n), "--master", master, "--cache", cache, *how)
    rows = [row for row in Store(asked.results).latest() if row.status == "ok"]
    known = [row for row in rows if row.master == ONE]
    local = [row for row in rows if row.master == TWO and row.workload.n == n]
    workers = [row for row in rows if row.master == master and row.workload.n == n]
    sys.stdout.write("| where | n | predicted | measured | error |\n|---|--:|--:|--:|--:|\n")
    sys.stdout.write(line("`local[2]`", local, known, Cluster(1, 2), n) + "\n")
    sys.stdout.write(line("two workers of one core", workers, known, Cluster(2, 1), n) + "\n")


if __name__ == "__main__":
    main()
