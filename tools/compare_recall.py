"""The recall that is promised beside the one that is reached, of all points, by ``allknn.nearest_neighbors``.

Of each kind of points the exact neighbors are found once; then others, for each recall and seed. Their recall
is counted over all rows. Finished runs are kept in a directory, exact neighbors too: started again, with
the same or with other kinds and seeds, it goes on from there, and a changed library starts anew. A promise
may fail in 5 % of the runs: the exit code is 1 where more fail than a binomial test at 1 % allows.
"""

import argparse
import hashlib
import json
import sys
import time
from dataclasses import asdict, dataclass
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binom

import allknn
from bench import source_code, workloads
from bench.cli import values
from bench.results.lines import append_line, read_lines

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
    f"{'points':11}{'d':>4}{'asked':>7}{'runs':>5}{'least':>9}{'mean':>8}{'below':>6}{'exact':>6}{'s':>8}"
    f"{'exact s':>8}"
)
ROUNDING = np.float32(1 + 1e-6)
FAILURES_ALLOWED, LEVEL = 0.05, 0.01


@dataclass(frozen=True)
class Options:
    """What the command line asks for."""

    n: int
    k: int
    seeds: tuple[int, ...]
    kinds: tuple[str, ...]
    recalls: tuple[float, ...]
    threads: int
    runs: Path


@dataclass(frozen=True)
class Run:
    """One run that is finished."""

    kind: str
    d: int
    recall: float
    seed: int
    reached: float
    """The recall over all rows."""
    exact: bool
    """Whether the library chose the exact search."""
    seconds: float
    exact_seconds: float
    """Those of the exact neighbors of these points."""


def options(words: list[str] | None = None) -> Options:
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
    parser.add_argument(
        "--seeds", type=seeds, default=seeds("20"), help="how many seeds, or from:to, as 5:10 (default: 20)"
    )
    parser.add_argument(
        "--kinds", type=values.listed(kind), default=tuple(KINDS), help=f"points (default: {','.join(KINDS)})"
    )
    parser.add_argument(
        "--recalls",
        type=values.listed(float),
        default=RECALLS,
        help=f"recalls asked for (default: {','.join(map(str, RECALLS))})",
    )
    parser.add_argument("--threads", type=values.positive, default=2, help="number of threads (default: 2)")
    parser.add_argument(
        "--runs",
        type=Path,
        default=Path("results/recall"),
        help="directory of finished runs (default: results/recall)",
    )
    return Options(**vars(parser.parse_args(words)))


def seeds(text: str) -> tuple[int, ...]:
    """Read ``20`` as the first 20 seeds, ``5:10`` as those from 5 to 9."""
    start, colon, stop = text.rpartition(":")
    return tuple(range(int(start) if colon else 0, values.positive(stop)))


def kind(text: str) -> str:
    """Take the name of a kind."""
    if text not in KINDS:
        raise argparse.ArgumentTypeError(f"unknown kind {text!r}, there are {', '.join(KINDS)}")
    return text


def points_of(kind: str, n: int, k: int) -> NDArray[np.float32]:
    """Make the points of a kind, or map those that are made already."""
    family, d, knobs = KINDS[kind]
    workload = workloads.preset(family, n=n, d=d, k=k, **knobs)
    staged = workloads.stage(workload, workloads.cache_directory(None))
    mapped: NDArray[np.float32] = np.load(staged.path, mmap_mode="r")
    return mapped


def file_of(asked: Options) -> Path:
    """Name the file of the finished runs of this library on so many points and threads."""
    code = source_code.code_hash(Path(__file__).parent.parent / "strategies" / "allknn_recall.py")
    key = hashlib.sha256(f"{code} {asked.n} {asked.k} {asked.threads}".encode()).hexdigest()[:12]
    return asked.runs / f"{key}.jsonl"


def finished(file: Path, asked: Options) -> list[Run]:
    """Read the finished runs of those that are asked for."""
    runs = [Run(**fields) for fields in read_lines(file)]
    cells = set(product(asked.kinds, asked.recalls, asked.seeds))
    return list({cell: run for run in runs if (cell := (run.kind, run.recall, run.seed)) in cells}.values())


def measure(kind: str, file: Path, asked: Options) -> None:
    """Do the runs on points of one kind that are not finished yet."""
    done = {(run.recall, run.seed) for run in finished(file, asked) if run.kind == kind}
    if not (missing := [cell for cell in product(asked.recalls, asked.seeds) if cell not in done]):
        return
    points = points_of(kind, asked.n, asked.k)
    last, exact_seconds = exactly(points, file.with_name(f"{file.stem}-{kind}.npz"), asked)
    for recall, seed in missing:
        began = time.perf_counter()
        answer = allknn.nearest_neighbors(
            points, asked.k, recall=recall, n_jobs=asked.threads, random_state=seed
        )
        seconds = time.perf_counter() - began
        reached = float((answer.distances <= last[:, None] * ROUNDING).mean())
        run = Run(kind, points.shape[1], recall, seed, reached, answer.exact, seconds, exact_seconds)
        append_line(file, json.dumps(asdict(run)), file.with_suffix(".torn"))


def exactly(points: NDArray[np.float32], kept: Path, asked: Options) -> tuple[NDArray[np.float32], float]:
    """Return the distance of each point to its k-th neighbor, (n,), and the seconds of finding them."""
    if not kept.exists():
        exact = allknn.nearest_neighbors(points, asked.k, n_jobs=asked.threads)
        draft = kept.with_suffix(".unfinished.npz")
        np.savez(draft, last=exact.distances[:, -1], seconds=exact.seconds)
        draft.replace(kept)
    with np.load(kept) as arrays:
        return arrays["last"], float(arrays["seconds"])


def lines_of(runs: list[Run]) -> list[str]:
    """Put the runs of each kind and recall into one line."""
    lines = []
    for kind, recall in dict.fromkeys((run.kind, run.recall) for run in runs):
        cell = [run for run in runs if (run.kind, run.recall) == (kind, recall)]
        reached = [run.reached for run in cell]
        lines.append(
            f"{kind:11}{cell[0].d:4}{recall:7.2f}{len(cell):5}{min(reached):9.4f}{np.mean(reached):8.4f}"
            f"{sum(one < recall for one in reached):6}{sum(run.exact for run in cell):6}"
            f"{np.median([run.seconds for run in cell]):8.1f}{cell[0].exact_seconds:8.1f}"
        )
    return lines


def most_below(runs: int) -> int:
    """Return how many runs may miss the recall asked for, by a binomial test."""
    return int(binom.ppf(1 - LEVEL, runs, FAILURES_ALLOWED))


def main(words: list[str] | None = None) -> int:
    """Measure what is missing of all cells, and say what came of them."""
    asked = options(words)
    asked.runs.mkdir(parents=True, exist_ok=True)
    file = file_of(asked)  # once: the code that is loaded does not change with its files
    print(f"n = {asked.n:,}, k = {asked.k}, {len(asked.seeds)} seeds, {asked.threads} threads")
    print(HEADER)
    for kind in asked.kinds:
        measure(kind, file, asked)
        print(*lines_of([run for run in finished(file, asked) if run.kind == kind]), sep="\n", flush=True)
    runs = finished(file, asked)
    missed, most = sum(run.reached < run.recall for run in runs), most_below(len(runs))
    print(f"{missed} of {len(runs)} runs below the recall asked for, allowed are {most}")
    return int(missed > most)


if __name__ == "__main__":
    sys.exit(main())
