"""How good predictions are: a million points as runs on 100,000 and fewer foretell them, then as measured.

``python tests/benchmarks/compare_predictions.py --budget 3h``: runs every strategy on each kind of points at
growing n, then at the target those that the predictions give a chance to finish in time, and prints all pairs
as a table in Markdown. It goes on where it was ended: what is measured already is not run again.
"""

import argparse
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from bench.analysis.calibration import Checked, check, summarize
from bench.analysis.curves import Curve, curves, family_of
from bench.analysis.prediction import Model
from bench.cli import values
from bench.results import Store
from bench.units import format_bytes, format_interval, format_seconds, parse_duration

POINTS = {
    "manifold": ("--workload", "manifold", "-d", "12"),
    "patches": ("--workload", "patches"),
    "embeddings": ("--workload", "embeddings", "-d", "64"),
}
STRATEGIES = (
    *("sklearn_chunked", "scipy_kdtree", "annoy_threads", "spark_annoy", "spark_sklearn", "faiss_hnsw"),
    *("faiss_ivf", "pynndescent", "voyager", "usearch", "pipnn"),
)


def parsed() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    sizes, names = values.listed(values.positive), values.listed(str)
    parser.add_argument("--budget", type=parse_duration, default=3 * 3600.0, help="of all runs (3h)")
    parser.add_argument("--most", type=parse_duration, default=1200.0, help="of one run (20m)")
    parser.add_argument("--sizes", type=sizes, default=(10_000, 30_000, 100_000), help="to learn from")
    parser.add_argument("--target", type=int, default=1_000_000)
    parser.add_argument("--points", type=names, default=tuple(POINTS), help="(all three)")
    parser.add_argument("--strategies", type=names, default=STRATEGIES)
    parser.add_argument("--results", type=Path, default=Path("results/predictions"))
    parser.add_argument("--cache", help="where points are staged")
    return parser.parse_args()


def run(
    asked: argparse.Namespace, points: str, names: Sequence[str], sizes: Iterable[int], ends: float
) -> None:
    """Have the harness measure; what does not fit into the budget is left for another time."""
    left = ends - time.monotonic()
    if not names or left <= 0:
        return
    words = [*names, *POINTS[points], "-n", ",".join(map(str, sizes)), "--results", str(asked.results)]
    words += ["--time-limit", f"{asked.most:.0f}s", "--budget", f"{left:.0f}s"]
    words += ["--cache", asked.cache] if asked.cache else []
    subprocess.run([sys.executable, "-m", "bench", "run", *words], check=True, stdout=subprocess.DEVNULL)


def known(asked: argparse.Namespace, points: str) -> list[tuple[Curve, Model]]:
    """Learn every strategy from all sizes; those that lack one are left out."""
    rows = [row for row in Store(asked.results).latest() if row.strategy in asked.strategies]
    found = []
    for curve in curves(row for row in rows if family_of(row).name == points):
        learned = curve.up_to(max(asked.sizes))
        if learned is not None and set(asked.sizes) <= set(learned.sizes):
            found.append((curve, Model.learn(learned)))
    return found


def lines(asked: argparse.Namespace) -> Iterator[str]:
    """Write the table, what is not in it and why, and the summary."""
    yield "| points | strategy | quantity | predicted | measured | inside | error |"
    yield "|---|---|---|--:|--:|---|--:|"
    pairs: list[Checked] = []
    unfinished: list[str] = []
    for points in asked.points:
        for curve, model in known(asked, points):
            found = check(curve, asked.target, max(asked.sizes))
            pairs += found
            yield from (line(points, pair) for pair in found)
            if not found:
                at = model.at(asked.target).total_seconds
                told = format_interval(at.median, at.low, at.high, format_seconds)
                unfinished.append(f"{curve.label} on {points} ({told})")
    yield ""
    if unfinished:
        yield f"Not finished within {format_seconds(asked.most)}, predicted not to, or not measured yet:"
        yield f"{', '.join(unfinished)}."
        yield ""
    if pairs:
        whole = summarize(pairs)
        share = whole.inside / whole.pairs
        yield f"{whole.inside} of {whole.pairs} pairs inside their 90 % interval ({share:.0%});"
        yield f"median absolute error {whole.median_error:.0%};"
        yield f"median upper / lower end {whole.median_width:.2f}."


def line(points: str, pair: Checked) -> str:
    """Write one pair."""
    write = format_bytes if pair.quantity == "peak_memory_bytes" else format_seconds
    predicted = format_interval(pair.predicted.median, pair.predicted.low, pair.predicted.high, write)
    cells = [
        *(points, pair.label, "memory" if write is format_bytes else "time", predicted),
        *(write(pair.measured), "yes" if pair.inside else "no", f"{pair.error:+.0%}"),
    ]
    return f"| {' | '.join(cells)} |"


def main() -> None:
    """Measure what is missing within the budget; print what there is."""
    asked = parsed()
    ends = time.monotonic() + asked.budget
    for points in asked.points:
        run(asked, points, asked.strategies, asked.sizes, ends)
        in_time = [
            curve.setting.strategy
            for curve, model in known(asked, points)
            if model.at(asked.target).total_seconds.low <= asked.most
        ]
        run(asked, points, in_time, [asked.target], ends)
    for text in lines(asked):
        sys.stdout.write(f"{text}\n")


if __name__ == "__main__":
    main()
