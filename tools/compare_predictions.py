"""Predictions for a million points, made from runs on 100,000 and fewer, beside what is then measured.

Runs every strategy on each kind of points at growing n, then at the target those that may finish in time by
their prediction, and prints all pairs as a table in Markdown. It goes on where it ended: what is measured
already is not run again.
"""

import argparse
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.analysis.calibration import Checked, check, summarize
from bench.analysis.curves import Curve, curves, family_of
from bench.analysis.prediction import Model
from bench.cli import values
from bench.results import Store
from bench.units import format_bytes, format_interval, format_seconds, parse_duration
from tools.harness import comma_separated

POINTS = {
    "manifold": ("--workload", "manifold", "-d", "12"),
    "patches": ("--workload", "patches"),
    "embeddings": ("--workload", "embeddings", "-d", "64"),
}
STRATEGIES = (
    *("sklearn_chunked", "scipy_kdtree", "annoy_threads", "spark_annoy", "spark_sklearn", "faiss_hnsw"),
    *("faiss_ivf", "pynndescent", "voyager", "usearch", "pipnn"),
)
HEADER = (
    "| points | strategy | quantity | predicted | measured | inside | error |\n|---|---|---|--:|--:|---|--:|"
)


@dataclass(frozen=True)
class Options:
    """What the command line asks for."""

    budget: float
    time_limit: float
    sizes: tuple[int, ...]
    target: int
    points: tuple[str, ...]
    strategies: tuple[str, ...]
    results: Path
    cache: str | None


def options() -> Options:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m tools.compare_predictions", description=__doc__)
    sizes, names = values.listed(values.positive), values.listed(str)
    parser.add_argument(
        "--budget", type=parse_duration, default=3 * 3600.0, help="total time budget (default: 3h)"
    )
    parser.add_argument(
        "--time-limit", type=parse_duration, default=1200.0, help="time limit of one run (default: 20m)"
    )
    parser.add_argument(
        "--sizes",
        type=sizes,
        default=(10_000, 30_000, 100_000),
        help="numbers of points to predict from (default: 10000,30000,100000)",
    )
    parser.add_argument(
        "--target", type=values.positive, default=1_000_000, help="points to predict (default: 1000000)"
    )
    parser.add_argument(
        "--points", type=names, default=tuple(POINTS), help=f"kinds of points (default: {','.join(POINTS)})"
    )
    parser.add_argument(
        "--strategies", type=names, default=STRATEGIES, help="(default: those of the table in the docs)"
    )
    parser.add_argument(
        "--results",
        type=Path,
        default=Path("results/predictions"),
        help="results directory (default: %(default)s)",
    )
    parser.add_argument("--cache", help="where points are staged")
    return Options(**vars(parser.parse_args()))


def run(asked: Options, points: str, names: Sequence[str], sizes: tuple[int, ...], ends: float) -> None:
    """Have the harness measure; what does not fit into the budget is left for another time."""
    seconds_left = ends - time.monotonic()
    if not names or seconds_left <= 0:
        return
    words = [*names, *POINTS[points], "-n", comma_separated(sizes), "--results", str(asked.results)]
    words += ["--time-limit", f"{asked.time_limit:.0f}s", "--budget", f"{seconds_left:.0f}s"]
    words += ["--cache", asked.cache] if asked.cache else []
    subprocess.run([sys.executable, "-m", "bench", "run", *words], check=True, stdout=subprocess.DEVNULL)


def models(asked: Options, points: str) -> list[tuple[Curve, Model]]:
    """Learn every strategy from all sizes; those that lack one are left out."""
    rows = [row for row in Store(asked.results).latest() if row.strategy in asked.strategies]
    learned = []
    for curve in curves(row for row in rows if family_of(row).name == points):
        smaller = curve.up_to(max(asked.sizes))
        if smaller is not None and set(asked.sizes) <= set(smaller.sizes):
            learned.append((curve, Model.learn(smaller)))
    return learned


def lines(asked: Options) -> Iterator[str]:
    """Write the table, what is not in it and why, and the summary."""
    yield HEADER
    pairs: list[Checked] = []
    unfinished: list[str] = []
    for points in asked.points:
        for curve, model in models(asked, points):
            checked = check(curve, asked.target, max(asked.sizes))
            pairs += checked
            yield from (line(points, pair) for pair in checked)
            if not checked:
                seconds = model.at(asked.target).total_seconds
                interval = format_interval(seconds.median, seconds.low, seconds.high, format_seconds)
                unfinished.append(f"{curve.label} on {points} ({interval})")
    yield ""
    if unfinished:
        limit = format_seconds(asked.time_limit)
        yield f"Not finished within {limit}, predicted not to, or not measured yet:"
        yield f"{', '.join(unfinished)}."
        yield ""
    if pairs:
        summary = summarize(pairs)
        share = summary.inside / summary.pairs
        yield f"{summary.inside} of {summary.pairs} pairs inside their 90 % interval ({share:.0%});"
        yield f"median absolute error {summary.median_error:.0%};"
        yield f"median upper / lower end {summary.median_width:.2f}."


def line(points: str, pair: Checked) -> str:
    """Write one pair."""
    is_memory = pair.quantity == "peak_memory_bytes"
    write = format_bytes if is_memory else format_seconds
    cells = [
        *(points, pair.label, "memory" if is_memory else "time"),
        format_interval(pair.predicted.median, pair.predicted.low, pair.predicted.high, write),
        *(write(pair.measured), "yes" if pair.inside else "no", f"{pair.error:+.0%}"),
    ]
    return f"| {' | '.join(cells)} |"


def main() -> None:
    """Measure what is missing within the budget; print what there is."""
    asked = options()
    ends = time.monotonic() + asked.budget
    for points in asked.points:
        run(asked, points, asked.strategies, asked.sizes, ends)
        in_time = [
            curve.setting.strategy
            for curve, model in models(asked, points)
            if model.at(asked.target).total_seconds.low <= asked.time_limit
        ]
        run(asked, points, in_time, (asked.target,), ends)
    for text in lines(asked):
        print(text)


if __name__ == "__main__":
    main()
