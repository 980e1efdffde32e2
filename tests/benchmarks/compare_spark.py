"""What Spark costs: queries a second of its strategies against the same library without it, on two cores.

``python tests/benchmarks/compare_spark.py [N [ROUNDS]]``: `million` cut to N points (1,000,000), each side
ROUNDS (2) times in turn, every one in a process of its own. The index is there before the clock runs;
loading it stands apart.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from bench import catalog, workloads
from bench.measure import java
from strategies import _annoy, _neighbors

K = 10
CORES = 2
PER_ROW_SAMPLE = 40_000
PAIRS = {
    "spark_sklearn / sklearn_chunked": ("spark_sklearn", "sklearn_chunked", 0.85),
    "spark_sklearn / a map row by row": ("spark_sklearn", "spark_per_row", 2.5),
    "spark_annoy / two processes": ("spark_annoy", "annoy_processes", 0.85),
}


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def asked(name: str, points: Any, rows: int | None = None, **params: Any) -> dict[str, float]:
    """Queries a second of a strategy, without what its workers spent on loading."""
    strategy = catalog.load(name).entry.factory(**params)
    try:
        strategy.start()
        strategy.fit(points)
        began = time.perf_counter()
        done = 0
        for block in strategy.kneighbors(K):
            done += len(getattr(block, "rows", ()))
            if rows is not None and done >= rows:
                break
        seconds = time.perf_counter() - began
    finally:
        strategy.close()
    load = float(strategy.details.get("load_seconds", 0.0))
    return {"queries": done / (seconds - load), "load_seconds": load, "seconds": seconds}


def annoy_half(points: Any, forest: str, half: int) -> None:
    """One of the processes without Spark: say when the forest is there, then answer half of the rows."""
    index = _annoy.load(forest, points.shape[1])
    say("ready")
    sys.stdin.readline()
    for rows in _neighbors.row_ranges(len(points), 8192):
        if rows.start // 8192 % CORES == half:
            _annoy.search(index, rows, K, -1)


def annoy_processes(points: Any) -> dict[str, float]:
    """Two processes that map one forest, each asked for every other range of rows."""
    forest = f"{points.filename}.forest"
    _annoy.save(_annoy.grow(points, 8, 1, 0), forest)
    command = [sys.executable, __file__, "--child", "annoy_half", str(points.filename), forest]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    halves = [subprocess.Popen([*command, str(half)], **pipes) for half in range(CORES)]  # type: ignore[call-overload]
    for half in halves:
        half.stdout.readline()
    began = time.perf_counter()
    for half in halves:
        half.stdin.write("go\n")
        half.stdin.flush()
    for half in halves:
        half.wait()
    seconds = time.perf_counter() - began
    Path(forest).unlink()
    return {"queries": len(points) / seconds, "load_seconds": 0.0, "seconds": seconds}


MASTER = f"local[{CORES},4]"
SIDES: dict[str, Callable[[Any], dict[str, float]]] = {
    "sklearn_chunked": lambda points: asked("sklearn_chunked", points, threads=CORES),
    "spark_sklearn": lambda points: asked("spark_sklearn", points, master=MASTER),
    "spark_sklearn mapped": lambda points: asked("spark_sklearn", points, master=MASTER, ship="file"),
    "spark_sklearn fat": lambda points: asked(
        "spark_sklearn", points, master=MASTER, ship="file", tasks="fat"
    ),
    "spark_per_row": lambda points: asked(
        "spark_sklearn", points, PER_ROW_SAMPLE, master=MASTER, per_row=True
    ),
    "annoy_processes": annoy_processes,
    "spark_annoy": lambda points: asked("spark_annoy", points, master=MASTER),
}


def measured(side: str, points: str) -> dict[str, float]:
    found = java.find()
    assert isinstance(found, java.Java), found
    ran = subprocess.run(
        [sys.executable, __file__, "--child", side, points],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, **found.environment},
        text=True,
        check=True,
    )
    answer: dict[str, float] = json.loads(ran.stdout.splitlines()[-1])
    return answer


def main(n: int = 1_000_000, rounds: int = 2) -> None:
    staged = workloads.stage(workloads.preset("million", n=n), workloads.cache_directory(None))
    figures: dict[str, list[dict[str, float]]] = {side: [] for side in SIDES}
    for turn in range(rounds):
        for side in SIDES:
            figures[side].append(measured(side, str(staged.path)))
            told = {name: round(x, 2) for name, x in figures[side][-1].items()}
            say(f"{turn} {side} {told}")
    for title, (one, other, wanted) in PAIRS.items():
        ratios = [a["queries"] / b["queries"] for a, b in zip(figures[one], figures[other], strict=True)]
        say(f"{title}: {median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f}), wanted {wanted}")


def child(side: str, path: str, *more: str) -> None:
    points = np.load(path, mmap_mode="r")
    points.max()
    if side == "annoy_half":
        annoy_half(points, more[0], int(more[1]))
    else:
        say(json.dumps(SIDES[side](points)))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        child(*sys.argv[2:])
    else:
        main(*(int(word) for word in sys.argv[1:]))
