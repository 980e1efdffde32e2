"""What the harness adds: a strategy's fit and query beside a script that calls its library directly.

The script is the one that the strategy offers. Each side runs several times in turn, every time in a process
of its own. Imports, compilation and reading the points come before the clock on both sides, and both answers
are judged alike. Each pair is printed, then the median of their ratios, the least and the largest, and the
ratio of the two sides' fastest times, which a machine of changing pace disturbs least. The exit code is 1
where a median ratio is above 1.05.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from statistics import mean, median

import numpy as np

from bench import catalog, workloads
from bench.answers import Answers
from bench.experiment.script import filled
from bench.judge.verdict import judge
from bench.measure import environment, java, probe, threads
from bench.measure.runner import Runner
from bench.measure.schedule import Limits, PlannedRun, Request, plan
from bench.workloads import Staged

STRATEGIES = (
    *("pynndescent", "faiss_hnsw", "voyager", "pipnn", "faiss_flat"),
    *("rinnd", "sklearnex_brute", "knncolle_kmknn", "faiss_panorama"),
)
"""Others can be named: ``duckdb_nearest``, which takes few points, with ``-n 10000``."""
COMPILED = ("pynndescent",)
"""Those whose ``start`` compiles, on points of the shape ``TOY_POINTS``; their scripts do so as well."""
LARGEST_RATIO = 1.05
LOADED = "points = np.load("
TRUTH_ROWS = 2000

BARE = """
import json, os, sys, time
import numpy as np
imports, load, work = (compile(text, "bare", "exec") for text in json.loads(sys.argv[1]))
toy_points = json.loads(sys.argv[2])
bare = {}
exec(imports, bare)
if toy_points:
    bare["points"] = np.random.default_rng(0).standard_normal(toy_points, np.float32)
    exec(work, bare)  # compiles
exec(load, bare)
bare["points"].max()
began = time.perf_counter()
exec(work, bare)
seconds = time.perf_counter() - began
np.savez(sys.argv[3], indices=bare["indices"], distances=bare["distances"])
print(seconds)
"""


@dataclass(frozen=True)
class Options:
    """What the command line asks for."""

    n: int
    pairs: int
    strategies: list[str]


@dataclass(frozen=True)
class Side:
    """One run of a pair."""

    seconds: float
    recall: float


@dataclass(frozen=True)
class Comparison:
    """The points, the harness's own runner and the threads of both sides."""

    staged: Staged
    runner: Runner
    cores: int
    directory: Path

    def run_in_harness(self, name: str) -> Side:
        """Run a strategy as ``run`` does. Exits where it fails."""
        row = self.runner.run(self._planned(name), lambda _message: None)
        if row.status != "ok" or row.fit_seconds is None or row.query_seconds is None or row.recall is None:
            sys.exit(f"{name}: {row.status}: {row.reason}")
        return Side(row.fit_seconds + row.query_seconds, row.recall)

    def run_bare(self, name: str) -> Side:
        """Run the strategy's script. Raises CalledProcessError where it fails."""
        run = self._planned(name)
        values = run.params | {"points": str(self.staged.path), "k": self.staged.id.k}
        lines = filled(run.listing.entry.snippet, values).splitlines()
        at = next(number for number, line in enumerate(lines) if line.startswith(LOADED))
        toy_points = import_module(f"strategies.{name}").TOY_POINTS if name in COMPILED else None
        parts = ["\n".join(part) for part in (lines[:at], lines[at : at + 1], lines[at + 1 :])]
        answer = self.directory / "bare.npz"
        unset = {name: value for name, value in os.environ.items() if name not in threads.KERNEL_VARIABLES}
        probe.touch(self.runner.warm_up_bytes or probe.PROBE_BYTES)
        ran = subprocess.run(
            [sys.executable, "-c", BARE, json.dumps(parts), json.dumps(toy_points), answer],
            env=unset | threads.budget(self.cores),
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        return Side(float(ran.stdout), self._recall(answer))

    def _planned(self, name: str) -> PlannedRun:
        listing = catalog.load(name)
        request = Request((listing,), {name: (listing.parameters,)}, {name: frozenset()}, (self.cores,))
        return plan(request, self.staged.id, self.runner.environment.java)[0]

    def _recall(self, answer: Path) -> float:
        with np.load(answer) as saved:
            ids, lengths = saved["indices"].astype(np.int32), saved["distances"].astype(np.float32)
        answers = Answers(ids, lengths, np.ones(len(ids), np.bool_))
        workload = self.staged.id
        verdict = judge(self.staged.path, workload.content_hash, answers, workload.k, cache=self.runner.cache)
        if verdict.recall is None:
            sys.exit("the script answered nothing")
        return verdict.recall


def prepare(n: int, directory: Path) -> Comparison:
    """Stage the points and look at the machine, as ``run`` does."""
    cache = workloads.cache_directory(None)
    staged = workloads.stage(workloads.preset("patches", n=n), cache)
    runtime = java.find()
    runner = Runner(
        results=directory / "results",
        cache=cache,
        points=staged.path,
        limits=Limits(),
        environment=environment.environment(runtime if isinstance(runtime, str) else runtime.version),
        java=runtime if isinstance(runtime, str) else runtime.environment,
        truth_rows=TRUTH_ROWS,
        warm_up_bytes=probe.warm_up_bytes(environment.usable_memory_bytes()),
    )
    return Comparison(staged, runner, environment.machine().usable_cores, directory)


def compare(comparison: Comparison, name: str, pairs: int) -> float:
    """Run a strategy and its script in turn, print the pairs and their summary; return the median ratio."""
    ours: list[Side] = []
    bare: list[Side] = []
    for pair in range(pairs):
        sides = [(ours, comparison.run_in_harness), (bare, comparison.run_bare)]
        for results, run in sides if pair % 2 else reversed(sides):
            results.append(run(name))
        print(f"  pair {pair + 1:<7}{ours[-1].seconds:>9.2f}{bare[-1].seconds:>9.2f}", flush=True)
    ratios = sorted(a.seconds / b.seconds for a, b in zip(ours, bare, strict=True))
    medians = (median(o.seconds for o in ours), median(b.seconds for b in bare))
    fastest = min(o.seconds for o in ours) / min(b.seconds for b in bare)
    recalls = (mean(o.recall for o in ours), mean(b.recall for b in bare))
    print(
        f"{name:<14}{medians[0]:>9.2f}{medians[1]:>9.2f}{median(ratios):>8.3f}{ratios[0]:>8.3f}"
        f"{ratios[-1]:>8.3f}{fastest:>9.3f}   {recalls[0]:.4f}, {recalls[1]:.4f}",
        flush=True,
    )
    return median(ratios)


def options() -> Options:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.compare_bare",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "strategies",
        nargs="*",
        default=[name for name in STRATEGIES if name in catalog.names()],
        metavar="STRATEGY",
        help=f"(default: {' '.join(STRATEGIES)})",
    )
    parser.add_argument("-n", type=int, default=100_000, help="patches to search (default: %(default)s)")
    parser.add_argument("--pairs", type=int, default=7, help="runs of each side (default: %(default)s)")
    return Options(**vars(parser.parse_args()))


def main() -> int:
    """Compare each strategy; return the exit code."""
    asked = options()
    print(f"{asked.n:,} patches, {asked.pairs} pairs; seconds of fit and query, then their medians")
    print(f"{'strategy':<14}{'ours':>9}{'bare':>9}{'ratio':>8}{'from':>8}{'to':>8}{'fastest':>9}   recalls")
    with tempfile.TemporaryDirectory() as directory:
        comparison = prepare(asked.n, Path(directory))
        ratios = [compare(comparison, name, asked.pairs) for name in asked.strategies]
    return int(max(ratios) > LARGEST_RATIO)


if __name__ == "__main__":
    sys.exit(main())
