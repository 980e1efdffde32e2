"""Run strategies one after the other, each over some points, and save what they answer and tell.

Usage: ask_spark.py JOBS.json, with a Java runtime in the environment: a list of {strategy, params, k, points:
paths of .npy files, out: path of an .npz without number and ending}. With ``lose_executor_after``, a share of
the query's progress, an executor is killed then, or the process that ``loses`` names; 1.0 is after the first
block.
"""

import json
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

from bench import catalog


def executors(strategy: Any) -> list[int]:
    """Process ids of a Spark strategy's executors on this machine."""
    application = strategy._context.applicationId.encode()
    commands = {int(path.parent.name): path.read_bytes() for path in Path("/proc").glob("[0-9]*/cmdline")}
    return [
        pid
        for pid, words in commands.items()
        if application in words and b"CoarseGrainedExecutorBackend" in words and words.startswith(b"/")
    ]


def main(jobs: list[dict[str, Any]]) -> None:
    for job in jobs:
        strategy = catalog.load(job["strategy"]).entry.factory(**job["params"])
        try:
            began = time.perf_counter()
            strategy.start()
            seconds = {"start": time.perf_counter() - began}
            for number, path in enumerate(job["points"]):
                points = np.load(path, mmap_mode="r")
                began = time.perf_counter()
                strategy.fit(points)
                seconds["fit"] = time.perf_counter() - began
                indices = np.full((len(points), job["k"]), -2, np.int32)
                distances = np.full((len(points), job["k"]), -2, np.float32)
                loses_at = job.get("lose_executor_after", 2.0)
                for block in strategy.kneighbors(job["k"]):
                    if getattr(block, "done", 1.0) >= loses_at:
                        os.kill(job.get("loses") or executors(strategy)[0], signal.SIGKILL)
                        loses_at = 2.0
                    if not hasattr(block, "rows"):
                        continue
                    rows = np.asarray(block.rows)
                    assert (indices[rows] == -2).all()
                    indices[rows], distances[rows] = block.indices, block.distances
                told = json.dumps(strategy.details | {"seconds": seconds})
                np.savez(f"{job['out']}.{number}", indices=indices, distances=distances, details=told)
        finally:
            strategy.close()


if __name__ == "__main__":
    main(json.loads(Path(sys.argv[1]).read_text()))
