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
            strategy.fit(np.load(staged, mmap_mode="r"))
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


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
