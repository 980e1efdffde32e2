"""What the harness adds: a strategy's fit and query against a script that calls its library directly.

``python tests/benchmarks/compare_bare.py [N [PAIRS [STRATEGY …]]]``: `patches` cut to N points (100,000),
each side PAIRS (7) times in turn, every one in a process of its own. The script is the one that the strategy
offers; imports, compilation (of those that compile) and reading the points come before
the clock on both sides, and the same points are judged alike. Each pair is printed, then the median of their
ratios, the least and the largest, and the ratio of the two sides' fastest times, which a machine of changing
pace disturbs least. It exits with 1 where a median ratio is above 1.05.
"""

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from statistics import mean, median
from string import Template

import numpy as np

from bench import catalog, workloads
from bench.answers import Answers
from bench.judge.verdict import judge
from bench.measure import environment, java, probe, threads
from bench.measure.runner import Runner
from bench.measure.schedule import Limits, PlannedRun, Request, plan
from bench.workloads import Staged

STRATEGIES = ("pynndescent", "faiss_hnsw", "voyager", "pipnn", "faiss_flat")
COMPILED = ("pynndescent",)
"""Those whose ``start`` compiles, on points of the shape ``TOY_POINTS``; their scripts do so as well."""
AT_MOST = 1.05
LOADED = "points = np.load("

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
class Once:
    """One side of a pair."""

    seconds: float
    recall: float


@dataclass(frozen=True)
class Bench:
    """The points, the harness's own runner and the threads of both sides."""

    staged: Staged
    runner: Runner
    cores: int
    directory: Path

    def planned(self, name: str) -> PlannedRun:
        listing = catalog.load(name)
        asked = Request((listing,), {name: (listing.parameters,)}, {name: frozenset()}, (self.cores,))
        return plan(asked, self.staged.id, self.runner.environment.java)[0]

    def ours(self, name: str) -> Once:
        row = self.runner.run(self.planned(name), lambda _message: None)
        if row.status != "ok" or row.fit_seconds is None or row.query_seconds is None or row.recall is None:
            sys.exit(f"{name}: {row.status}: {row.reason}")
        return Once(row.fit_seconds + row.query_seconds, row.recall)

    def bare(self, name: str) -> Once:
        run = self.planned(name)
        values = {parameter: repr(value) for parameter, value in run.params.items()}
        known = values | {"points": repr(str(self.staged.path)), "k": str(self.staged.id.k)}
        lines = Template(run.listing.entry.snippet).substitute(known).splitlines()
        at = next(number for number, line in enumerate(lines) if line.startswith(LOADED))
        toy_points = import_module(f"strategies.{name}").TOY_POINTS if name in COMPILED else None
        parts = ["\n".join(part) for part in (lines[:at], lines[at : at + 1], lines[at + 1 :])]
        answer = self.directory / "bare.npz"
        unset = {name: value for name, value in os.environ.items() if name not in threads.KERNEL_VARIABLES}
        probe.touch(self.runner.warm_up_bytes or probe.PROBE_BYTES)
        done = subprocess.run(
            [sys.executable, "-c", BARE, json.dumps(parts), json.dumps(toy_points), answer],
            env=unset | threads.budget(self.cores),
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        return Once(float(done.stdout), self.recall(answer))

    def recall(self, answer: Path) -> float:
        with np.load(answer) as found:
            ids, lengths = found["indices"].astype(np.int32), found["distances"].astype(np.float32)
        answers = Answers(ids, lengths, np.ones(len(ids), np.bool_))
        workload = self.staged.id
        verdict = judge(self.staged.path, workload.content_hash, answers, workload.k, cache=self.runner.cache)
        if verdict.recall is None:
            sys.exit("the script answered nothing")
        return verdict.recall


def bench(n: int, directory: Path) -> Bench:
    """Stage the points and look at the machine, as ``run`` does."""
    cache = workloads.cache_directory(None)
    staged = workloads.stage(workloads.preset("patches", n=n), cache)
    machine = environment.machine()
    found = java.find()
    return Bench(
        staged,
        Runner(
            results=directory / "results",
            cache=cache,
            points=staged.path,
            limits=Limits(),
            environment=environment.environment(found if isinstance(found, str) else found.version),
            java=found if isinstance(found, str) else found.environment,
            truth_rows=2000,
            warm_up_bytes=probe.warm_up_bytes(environment.usable_memory_bytes()),
        ),
        machine.cores,
        directory,
    )


def main(n: int, pairs: int, names: list[str]) -> int:
    slow = []
    print(f"{n:,} patches, {pairs} pairs; seconds of fit and query, then their medians")  # noqa: T201 (a command)
    print(f"{'strategy':<14}{'ours':>9}{'bare':>9}{'ratio':>8}{'from':>8}{'to':>8}{'fastest':>9}   recalls")  # noqa: T201
    with tempfile.TemporaryDirectory() as directory:
        both = bench(n, Path(directory))
        for name in names:
            ours: list[Once] = []
            bare: list[Once] = []
            for pair in range(pairs):
                sides = [(ours, both.ours), (bare, both.bare)]
                for found, side in sides if pair % 2 else reversed(sides):
                    found.append(side(name))
                seconds = (ours[-1].seconds, bare[-1].seconds)
                print(f"  pair {pair + 1:<7}{seconds[0]:>9.2f}{seconds[1]:>9.2f}", flush=True)  # noqa: T201
            ratios = sorted(a.seconds / b.seconds for a, b in zip(ours, bare, strict=True))
            figures = (median(o.seconds for o in ours), median(b.seconds for b in bare))
            fastest = min(o.seconds for o in ours) / min(b.seconds for b in bare)
            recalls = (mean(o.recall for o in ours), mean(b.recall for b in bare))
            print(  # noqa: T201
                f"{name:<14}{figures[0]:>9.2f}{figures[1]:>9.2f}{median(ratios):>8.3f}{ratios[0]:>8.3f}"
                f"{ratios[-1]:>8.3f}{fastest:>9.3f}   {recalls[0]:.4f}, {recalls[1]:.4f}",
                flush=True,
            )
            slow += [name] * (median(ratios) > AT_MOST)
    return int(bool(slow))


if __name__ == "__main__":
    given = sys.argv[1:]
    sys.exit(
        main(
            int(given[0]) if given else 100_000,
            int(given[1]) if given[1:] else 7,
            given[2:] or list(STRATEGIES),
        )
    )
