"""Run one strategy over all cases in a process of its own and save what it answers.

Usage: drive.py STRATEGY DIRECTORY; DIRECTORY holds NAME.K.npy, the points of each case, and gets the answers.
"""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import numpy as np

from bench import catalog
from bench.strategy import Neighbors

BUDGET = {"threads": 2, "master": "local[2,4]"}
REPEATED = "plain"
"""How the names of the cases begin that must be answered alike."""
IN_BLOCKS = "in_blocks"
"""The case in which blocks are small, so that a few points fill several."""
LARGE, SMALL = 1 << 12, 1 << 9
"""Rows of a block from which on it is made smaller, and of how many it then is."""
FEW = 600
"""Points for a strategy that takes only some; more than a small block."""


def main(name: str, directory: Path) -> None:
    """Answer with two threads; what is repeated, with one where they may overtake each other."""
    listing = catalog.load(name)
    alone = listing.takes_threads and not listing.entry.exact
    cases = sorted(directory.glob("*.*.npy"))
    if alone:
        answer(listing, {"threads": 1}, [case for case in cases if case.name.startswith(REPEATED)])
        cases = [case for case in cases if not case.name.startswith(REPEATED)]
    answer(listing, {field: value for field, value in BUDGET.items() if field in listing.defaults}, cases)


def answer(listing: catalog.Listing, filled: dict[str, Any], cases: list[Path]) -> None:
    strategy = listing.entry.factory(**filled)
    try:
        strategy.start()
        for staged in cases:
            case, k, _ = staged.name.split(".")
            with small_blocks(strategy) if case == IN_BLOCKS else nullcontext():
                strategy.fit(cut(staged, most_points(listing)))
                blocks = [block for block in strategy.kneighbors(int(k)) if isinstance(block, Neighbors)]
            np.savez(
                staged.with_name(f"{listing.name}.{case}.npz"),
                rows=np.concatenate([np.asarray(block.rows) for block in blocks]),
                indices=np.concatenate([block.indices for block in blocks]),
                distances=np.concatenate([block.distances for block in blocks]),
                details=json.dumps(dict(strategy.details)),
                n_blocks=len(blocks),
            )
    finally:
        strategy.close()


@contextmanager
def small_blocks(strategy: Any) -> Iterator[None]:
    """Have a strategy, and what it is made of, cut rows into small blocks."""
    modules = [module for name, module in sys.modules.items() if name.startswith(("allknn.", "strategies."))]
    places = [(module, name) for module in modules for name in vars(module) if "ROWS" in name]
    places += [(strategy, name) for name in ("block", "chunk_size") if hasattr(strategy, name)]
    before = [(place, name, getattr(place, name)) for place, name in places]
    large = [(place, name, rows) for place, name, rows in before if isinstance(rows, int) and rows >= LARGE]
    for place, name, _ in large:
        setattr(place, name, SMALL)
    yield
    for place, name, rows in large:
        setattr(place, name, rows)


def most_points(listing: catalog.Listing) -> int | None:
    """At most so many points: few where a strategy limits them, as its work grows with the square."""
    return FEW if "most_points" in listing.defaults else None


def cut(staged: Path, most: int | None) -> np.ndarray:
    """The points of a case, or the first of them."""
    points = np.load(staged, mmap_mode="r")
    if most is None or len(points) <= most:
        return points
    fewer = staged.with_suffix(f".{most}")
    with fewer.open("wb") as file:
        np.save(file, points[:most])
    return np.load(fewer, mmap_mode="r")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
