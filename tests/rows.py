"""Made-up rows for tests that need measurements without measuring."""

from typing import Any

from bench.results import Measurement
from bench.workloads.identity import WorkloadId

WORKLOAD = WorkloadId("made-up", 1000, 8, 5, "euclidean", 0, "feed")


def row(**fields: Any) -> Measurement:
    """A successful row; what a test is about is passed in."""
    known: dict[str, Any] = {
        "run_id": "r1",
        "series_id": "s1",
        "strategy": "annoy_loop",
        "exact": False,
        "params": {"n_trees": 10},
        "workload": WORKLOAD,
        "repeat": 1,
        "threads": 2,
        "multi_threaded": True,
        "master": None,
        "status": "ok",
        "total_seconds": 1.0,
    }
    return Measurement(**known | fields)
