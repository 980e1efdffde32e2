"""Faiss as several strategies use it: its threads, its distances, and an inverted file."""

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from strategies import _neighbors

if TYPE_CHECKING:
    from bench.strategy import Points

IVF_LADDER = (
    {"n_probe": 4},
    {"n_probe": 8},
    {"n_probe": 16},
    {"n_probe": 32},
    {"n_probe": 64},
    {"n_probe": 192},
)
"""From fast to accurate: ``nprobe`` is what Faiss's documentation names as the trade of speed for accuracy
("Faster search"), for the number of cells that it advises ("Guidelines to choose an index")."""

FEWEST_POINTS_A_CELL = 39
"""Below it, Faiss warns that the centers are trained on too little."""


def start(threads: int) -> None:
    """Import Faiss and give it its threads."""
    import faiss

    faiss.omp_set_num_threads(threads)


def lengths(squared: NDArray[np.float32]) -> NDArray[np.float32]:
    """Distances from squared ones, which rounding may have taken below zero; inf where none was found."""
    found = squared < np.finfo(np.float32).max
    return np.sqrt(np.where(found, np.maximum(squared, 0), np.float32(np.inf)))


def check_ivf(n_cells: int, n_probe: int, points_per_cell: int) -> None:
    """Raise ValueError where a parameter is out of range."""
    if n_cells < 0:
        raise ValueError(f"n_cells is {n_cells}, allowed is 1 or more, or 0 for 4 * sqrt(n)")
    if n_probe < 1:
        raise ValueError(f"n_probe is {n_probe}, allowed is 1 or more")
    if points_per_cell < FEWEST_POINTS_A_CELL:
        raise ValueError(f"points_per_cell is {points_per_cell}, allowed is {FEWEST_POINTS_A_CELL} or more")


def build_ivf(points: "Points", n_cells: int, points_per_cell: int) -> Any:
    """Train the cells' centers on a sample and put all points, float32 as they are, into their cells."""
    import faiss

    n_samples, n_features = points.shape
    asked = n_cells or round(4 * math.sqrt(n_samples))
    cells = max(1, min(asked, n_samples // FEWEST_POINTS_A_CELL))
    index = faiss.IndexIVFFlat(faiss.IndexFlatL2(n_features), n_features, cells)
    index.cp.max_points_per_centroid = points_per_cell
    index.train(points)
    index.add(points)
    return index


def by_cell(index: Any) -> NDArray[np.int64]:
    """Ids of all points, cell after cell: neighboring queries look into the same cells."""
    from faiss.contrib.inspect_tools import get_invlist

    listed: Any = get_invlist  # it has no types
    return np.concatenate([listed(index.invlists, cell)[0] for cell in range(index.nlist)])


def search_ivf(
    index: Any, points: "Points", rows: range | NDArray[np.int64], k: int, n_probe: int
) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """Ids and distances, (rows, k), from the ``n_probe`` cells nearest to each of the rows."""
    index.nprobe = min(n_probe, index.nlist)
    queries = points[rows.start : rows.stop] if isinstance(rows, range) else points[rows]
    squared, indices = index.search(queries, k + 1)
    return _neighbors.without_self(rows, indices, lengths(squared))
