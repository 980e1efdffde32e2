"""A process that holds one started strategy and, whenever it is told to, fits and answers points.

Usage: serve.py JOB.json, the job holding strategy, params and k. It writes a line when it is ready and one
after each round; a line of input, which names points and a directory for the answers, begins a round, and the
end of its input ends it.
"""

import json
import sys
from pathlib import Path

from bench import catalog
from bench.answers import Answers
from bench.measure.worker import read_once
from bench.strategy import Neighbors, Points, Strategy


def one_round(strategy: Strategy, points: Points, answers: Answers, k: int) -> None:
    answers.answered[:] = False
    strategy.fit(points)
    for block in strategy.kneighbors(k):
        if isinstance(block, Neighbors):
            answers.store(block)


def say(word: str) -> None:
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


def main(job_path: Path) -> None:
    job = json.loads(job_path.read_text())
    strategy = catalog.load(job["strategy"]).entry.factory(**job["params"])
    try:
        strategy.start()
        say("ready")
        places: list[str] = []
        for line in sys.stdin:
            if json.loads(line) != places:  # reading points is not a part of a round
                places = json.loads(line)
                points = read_once(Path(places[0]))
                answers = Answers.open(Path(places[1]), writable=True)
                say("read")
                continue
            one_round(strategy, points, answers, job["k"])
            say("done")
    finally:
        strategy.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
