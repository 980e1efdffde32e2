"""What a cluster would take at growing n, from the rows of a results directory, as a table in Markdown.

Measured and assumed parts of the wall time stand apart. Below the table stand the rows that it rests on.
"""

import argparse
import json
from dataclasses import dataclass
from pathlib import Path

from bench import catalog
from bench.analysis.cluster import Cluster, OnCluster, on_cluster, spark_curves
from bench.analysis.curves import Curve, curves
from bench.cli import values
from bench.results import Store
from bench.units import format_interval, format_seconds

_DRIVER = "driver: "
HEADER = (
    "| strategy | n | wall | tasks, on all cores | the driver | session, jobs | assumed | jobs, tasks "
    "| driver CPU | cores that bring little more | set by |\n"
    "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|---|"
)


@dataclass(frozen=True)
class Options:
    """What the command line asks for."""

    strategies: tuple[str, ...]
    sizes: tuple[int, ...]
    executors: int
    cores: int
    results: Path


def options() -> Options:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m tools.cluster_table", description=__doc__)
    parser.add_argument("strategies", nargs="*", default=("spark_blocked_exact", "spark_leaf_join"))
    sizes = values.listed(values.positive)
    default = (10**6, 10**7, 10**8, 10**9)
    parser.add_argument(
        "--sizes", type=sizes, default=default, help="numbers of points (default: 1e6 to 1e9)"
    )
    parser.add_argument("--executors", type=values.positive, default=20, help="(default: 20)")
    parser.add_argument("--cores", type=values.positive, default=8, help="of each executor (default: 8)")
    parser.add_argument("--results", type=Path, required=True, help="results directory")
    return Options(**vars(parser.parse_args()))


def line(name: str, found: OnCluster) -> str:
    """Write one prediction; what is measured is divided by who does it."""
    parts = {"shared": 0.0, "driver": 0.0, "overhead": 0.0, "assumed": 0.0}
    for term in found.terms:
        shared = term.name.endswith(", on all cores") or term.name == "search"
        kind = "shared" if shared else "driver" if term.name.startswith(_DRIVER) else "overhead"
        parts[kind if term.told == "measured" else "assumed"] += term.seconds.median
    wall, top = found.wall_seconds, found.ceiling
    jobs, tasks = (sum(counts) for counts in zip(*found.phases.values(), strict=True))
    cells = [
        name,
        f"{found.n:,}",
        format_interval(wall.median, wall.low, wall.high, format_seconds),
        *(format_seconds(seconds) for seconds in parts.values()),
        f"{jobs:,}, {tasks:,}",
        "" if found.driver_cpu_seconds is None else format_seconds(found.driver_cpu_seconds.median),
        f"{top.slots:,}",
        top.set_by,
    ]
    return f"| {' | '.join(cells)} |"


def basis(curve: Curve) -> str:
    """Name the rows that a curve's predictions rest on."""
    rows = (f"{row.workload.n:,} points on {row.master}, run {row.run_id}" for row in curve.rows)
    return f"{curve.setting.strategy} {curve.setting.params}, {curve.setting.family}: {'; '.join(rows)}"


def main() -> None:
    """Print the table."""
    asked = options()
    measured = spark_curves(curves(row for row in Store(asked.results).latest() if row.status == "ok"))
    chosen = [curve for curve in measured if curve.setting.strategy in asked.strategies]
    cluster = Cluster(asked.executors, asked.cores)
    print(HEADER)
    for curve in chosen:
        name, kind = curve.setting.strategy, curve.setting.family
        planner = catalog.planner(name, json.loads(curve.setting.params), kind.d, kind.k)
        for n in asked.sizes:
            print(line(name, on_cluster(curve, n, cluster, planner)))
    print()
    for curve in chosen:
        print(basis(curve))


if __name__ == "__main__":
    main()
