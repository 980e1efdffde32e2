"""Run strategies one after the other, each over some points, and save what they answer and tell.

Usage: ask_spark.py JOBS.json, with a Java runtime in the environment: a list of {strategy, params, k, points:
paths of .npy files, out: path of an .npz without number and ending}.
"""

import json
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

from bench import catalog


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
                for block in strategy.kneighbors(job["k"]):
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
