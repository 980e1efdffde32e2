"""Real supervised runs for tests: a few points, a strategy file, a row."""

from pathlib import Path
from typing import Any

import numpy as np

from bench import catalog
from bench.measure import environment, java
from bench.measure.runner import Runner
from bench.measure.schedule import Limits, PlannedRun, Request, plan
from bench.results import Measurement
from bench.workloads.identity import WorkloadId

FAKES = Path(__file__).parent.parent / "fakes"


def fake(name: str) -> str:
    """The path by which a fake strategy is loaded."""
    return str(FAKES / f"{name}.py")


def stage(directory: Path, n: int = 1000, d: int = 8) -> tuple[Path, WorkloadId]:
    """Write Gaussian points; return their file and identity."""
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / "points.npy"
    np.save(path, np.random.default_rng(0).standard_normal((n, d)).astype(np.float32))
    return path, WorkloadId("gaussian", n, d, 5, "euclidean", 0, f"test-{n}-{d}")


def planned(strategy: str, workload: WorkloadId, *, wrap: str | None = None, **params: Any) -> PlannedRun:
    """Plan one run of a strategy with some parameters set."""
    listing = catalog.load(strategy)
    request = Request(
        strategies=(listing,),
        params={listing.name: (listing.parameters | params,)},
        pinned={listing.name: frozenset(params)},
        threads=(2,),
        wrap=wrap,
    )
    return plan(request, workload, "17")[-1]


def runner(directory: Path, points: Path, limits: Limits | None = None, **options: Any) -> Runner:
    """A runner with its results and cache below a directory."""
    runtime = java.find()
    return Runner(
        results=directory / "results",
        cache=directory / "cache",
        points=points,
        limits=limits or Limits(time_seconds=60),
        environment=environment.environment("17"),
        java=runtime if isinstance(runtime, str) else runtime.environment,
        truth_rows=200,
        **options,
    )


def run(directory: Path, strategy: str, limits: Limits | None = None, **params: Any) -> Measurement:
    """Run a strategy once; return its row."""
    points, workload = stage(directory)
    return runner(directory, points, limits).run(
        planned(strategy, workload, **params), lambda _progress: None
    )
