"""A process that holds one started strategy and, whenever it is told to, fits and answers all points.

Usage: serve.py JOB.json, the job holding strategy, params, points, answers (a directory) and k. It writes a
line when it is ready and one after each round; it reads a line to begin a round and ends with its input.
"""

import json
import sys
from pathlib import Path

from bench import catalog
from bench.answers import Answers
from bench.measure.worker import read_once
from bench.strategy import Neighbors


def main(job_path: Path) -> None:
    job = json.loads(job_path.read_text())
    strategy = catalog.load(job["strategy"]).entry.factory(**job["params"])
    answers = Answers.open(Path(job["answers"]), writable=True)
    try:
        strategy.start()
        points = read_once(Path(job["points"]))
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        for _ in sys.stdin:
            answers.answered[:] = False
            strategy.fit(points)
            for block in strategy.kneighbors(job["k"]):
                if isinstance(block, Neighbors):
                    answers.store(block)
            sys.stdout.write("done\n")
            sys.stdout.flush()
    finally:
        strategy.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
