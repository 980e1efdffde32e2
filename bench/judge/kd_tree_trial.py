"""A kd-tree beside brute force on some of the points: what each takes for a query on this machine."""

import time
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_MOST_VALUES = 3_000_000
_QUERIES = 100


@dataclass(frozen=True, slots=True)
class TreeTrial:
    """What a query took, both in one thread."""

    points: int
    """How many points were searched."""
    tree_seconds: float
    brute_seconds: float


def try_tree(points: NDArray[np.float32], k: int) -> TreeTrial | None:
    """Search a random sample of the points both ways, with scikit-learn; None where there are too few."""
    from sklearn.neighbors import NearestNeighbors  # noqa: PLC0415 (takes a second, and few need it)

    n_samples, n_features = points.shape
    most = min(n_samples, max(1, _MOST_VALUES // n_features))
    if most <= max(k, _QUERIES):
        return None
    rng = np.random.default_rng(0)
    some = np.array(points[np.sort(rng.choice(n_samples, most, replace=False))], np.float64)
    queries = some[rng.choice(most, _QUERIES, replace=False)]
    seconds = []
    for algorithm in ("kd_tree", "brute"):
        index = NearestNeighbors(n_neighbors=k, algorithm=algorithm, n_jobs=1).fit(some)
        began = time.perf_counter()
        index.kneighbors(queries)
        seconds.append((time.perf_counter() - began) / _QUERIES)
    return TreeTrial(most, *seconds)
