"""Pairs of real runs: the same work under two labels, or more of it under one."""

import math
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bench import catalog
from bench.analysis.compare import LOOKS
from bench.analysis.repeats import compare_series, undecided
from bench.measure.environment import environment
from bench.measure.messages import RunProgress
from bench.measure.runner import Runner
from bench.measure.schedule import Limits, PlannedRun, Request, plan
from bench.measure.session import Session
from bench.results import AUTO_REPEATS, Measurement, Store
from bench.workloads.identity import WorkloadId

BUSY_LOOP = Path(__file__).with_name("busy_loop.py")
WORK = 150
TIME_LIMIT_SECONDS = 60
N_SAMPLES, N_FEATURES, K = 100, 8, 5
NO_JAVA = "no Java is needed"


@dataclass(frozen=True)
class Compared:
    """What ``--repeats auto`` said of a pair."""

    different: bool
    repeats: int
    ratio: float


@dataclass
class Silent:
    """A display that shows nothing."""

    def begins(self, run: PlannedRun, number: int, of: int) -> None:
        """Show nothing."""

    def progress(self, progress: RunProgress) -> None:
        """Show nothing."""

    def ends(self, row: Measurement | None) -> None:
        """Show nothing."""


def compare_pair(more_work: float, seed: int) -> Compared:
    """Run two series until they are distinguishable, or need not be run on; the second does more work."""
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        points = directory / "points.npy"
        rng = np.random.default_rng(0)
        np.save(points, rng.standard_normal((N_SAMPLES, N_FEATURES)).astype(np.float32))
        workload = WorkloadId("gaussian", N_SAMPLES, N_FEATURES, K, "euclidean", 0, "selftest")
        results = directory / "results"
        results.mkdir()
        runner = Runner(
            results=results,
            cache=directory / "cache",
            points=points,
            limits=Limits(TIME_LIMIT_SECONDS),
            environment=environment(NO_JAVA),
            java=NO_JAVA,
            truth_rows=None,
            judge=False,
        )
        session = Session(runner, Store(results), Silent())
        rows = session.measure_until(plan(_request(more_work, seed), workload, ""), [], undecided, math.inf)
    a, b = ([row for row in rows if row.params["label"] == label] for label in "ab")
    comparison = compare_series(a, b)
    return Compared(comparison.verdict == "different", len(a), comparison.ratio)


def _request(more_work: float, seed: int) -> Request:
    listing = catalog.load(str(BUSY_LOOP))
    work = {"a": WORK, "b": round(WORK * more_work)}
    return Request(
        strategies=(listing,),
        params={listing.name: tuple({"label": label, "work": units} for label, units in work.items())},
        pinned={listing.name: frozenset({"label", "work"})},
        threads=(1,),
        repeats=LOOKS[-1],
        repeats_asked=AUTO_REPEATS,
        seed=seed,
    )
