"""Run one strategy over all cases in a process of its own and save what it answers.

Usage: drive.py STRATEGY DIRECTORY; DIRECTORY holds NAME.K.npy, the points of each case, and gets the answers.
"""

import json
import sys
from pathlib import Path

import numpy as np

from bench import catalog

BUDGET = {"threads": 2, "master": "local[2,4]"}


def main(name: str, directory: Path) -> None:
    listing = catalog.load(name)
    filled = {field: value for field, value in BUDGET.items() if field in listing.defaults}
    strategy = listing.entry.factory(**filled)
    try:
        strategy.start()
        for staged in sorted(directory.glob("*.*.npy")):
            case, k, _ = staged.name.split(".")
            strategy.fit(cut(staged, listing.defaults.get("most_points")))
            blocks = list(strategy.kneighbors(int(k)))
            np.savez(
                directory / f"{name}.{case}.npz",
                rows=np.concatenate([np.asarray(block.rows) for block in blocks]),
                indices=np.concatenate([block.indices for block in blocks]),
                distances=np.concatenate([block.distances for block in blocks]),
                details=json.dumps(dict(strategy.details)),
            )
    finally:
        strategy.close()


def cut(staged: Path, most: int | None) -> np.ndarray:
    """The points of a case, or as many as a strategy says it takes."""
    points = np.load(staged, mmap_mode="r")
    if most is None or len(points) <= most:
        return points
    fewer = staged.with_suffix(f".{most}")
    with fewer.open("wb") as file:
        np.save(file, points[:most])
    return np.load(fewer, mmap_mode="r")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
