"""Faiss's inverted lists as several strategies use them: points by centroid, a few lists looked through."""

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from strategies import _neighbors

if TYPE_CHECKING:
    from bench.strategy import Points

LADDER = (
    {"n_probe": 4},
    {"n_probe": 8},
    {"n_probe": 16},
    {"n_probe": 32},
    {"n_probe": 64},
    {"n_probe": 192},
)
"""From fast to accurate: the one parameter that Faiss's guidelines leave to the query."""

LISTS_PER_ROOT = 4
"""Times the square root of n: Faiss's guidelines (github.com/facebookresearch/faiss/wiki) name 4 to 16."""
FEWEST_POINTS_PER_LIST = 39
"""Below, Faiss warns that a centroid has too few points to be found from."""
MOST_POINTS_PER_LIST = 64
ITERATIONS = 10
"""Of k-means; more of them, or more points, hardly change which lists are the right ones."""


def check(n_lists: int, n_probe: int) -> None:
    """Raise ValueError where a parameter is out of range."""
    if n_lists < 0:
        raise ValueError(f"n_lists is {n_lists}, allowed is 1 or more, or 0 for 4 * sqrt(n)")
    if n_probe < 1:
        raise ValueError(f"n_probe is {n_probe}, allowed is 1 or more")


def fit(points: "Points", n_lists: int) -> Any:
    """Find centroids by k-means and put each point into the list of its nearest."""
    import faiss

    n_samples, n_features = points.shape
    most = max(1, n_samples // FEWEST_POINTS_PER_LIST)
    n_lists = min(n_samples, n_lists) or min(most, round(LISTS_PER_ROOT * n_samples**0.5))
    index = faiss.IndexIVFFlat(faiss.IndexFlatL2(n_features), n_features, n_lists)
    index.cp.niter = ITERATIONS
    index.cp.min_points_per_centroid = 1
    index.cp.max_points_per_centroid = MOST_POINTS_PER_LIST
    index.train(points)
    index.add(points)
    return index


def save(index: Any, path: str) -> None:
    """Write an index to a file."""
    import faiss

    faiss.write_index(index, path)


def load(path: str, n_features: int) -> Any:  # noqa: ARG001 (other indexes must be told)
    """Map an index: the processes that do so share its lists."""
    import faiss

    return faiss.read_index(path, faiss.IO_FLAG_MMAP)


def search(
    index: Any, points: "Points", rows: range | NDArray[np.int64], k: int, threads: int, *, n_probe: int
) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """Look for the neighbors of ``rows`` in the ``n_probe`` lists nearest to each.

    Returns ids and distances of shape (rows, k); -1 and inf where those lists hold fewer.
    """
    import faiss

    faiss.omp_set_num_threads(threads)
    index.nprobe = n_probe
    queries = points[rows.start : rows.stop] if isinstance(rows, range) else points[rows]
    squared, indices = index.search(queries, k + 1)
    distances = np.where(indices < 0, np.inf, np.sqrt(np.maximum(squared, 0)))
    return _neighbors.without_self(rows, indices, distances)


def by_list(index: Any) -> NDArray[np.int64]:
    """Ids of all points, list after list: neighboring queries look into the same lists."""
    from faiss.contrib.inspect_tools import get_invlist

    listed: Any = get_invlist  # it has no types
    return np.concatenate([listed(index.invlists, number)[0] for number in range(index.nlist)])
