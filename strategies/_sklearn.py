"""scikit-learn's ``NearestNeighbors`` as several strategies use it."""

import difflib
from typing import Any

from bench.strategy import Points

ALGORITHMS = ("auto", "ball_tree", "brute", "kd_tree")


def check(algorithm: str, leaf_size: int) -> None:
    """Raise ValueError where scikit-learn would refuse a parameter."""
    if algorithm not in ALGORITHMS:
        close = difflib.get_close_matches(algorithm, ALGORITHMS, n=1)
        hint = f" (did you mean {close[0]!r}?)" if close else ""
        raise ValueError(f"algorithm is {algorithm!r}{hint}, allowed are {', '.join(ALGORITHMS)}")
    if leaf_size < 1:
        raise ValueError(f"leaf_size is {leaf_size}, allowed is 1 or more")


def start(threads: int) -> None:
    """Import scikit-learn and hold its OpenMP loops and BLAS to the thread budget.

    ``n_jobs`` alone would not: it bounds the joblib threads that query a tree, while brute force runs in
    OpenMP threads.
    """
    import sklearn.neighbors  # noqa: F401 (imported here so that fit does not pay for it)
    import threadpoolctl

    threadpoolctl.threadpool_limits(threads)


def fit(points: Points, algorithm: str, leaf_size: int, threads: int) -> Any:
    """Return a fitted ``NearestNeighbors``; brute force keeps the map, a tree copies it to float64."""
    from sklearn.neighbors import NearestNeighbors

    return NearestNeighbors(algorithm=algorithm, leaf_size=leaf_size, n_jobs=threads).fit(points)


def details(model: Any) -> dict[str, float | str]:
    """What ``auto`` chose, and how much memory a tree's arrays take."""
    tree = model._tree  # noqa: SLF001 (scikit-learn tells it nowhere else)
    arrays = [] if tree is None else tree.get_arrays()
    return {
        "algorithm_used": model._fit_method,  # noqa: SLF001 (as above)
        "growth": "quadratic" if tree is None else "near-linear",
        "index_bytes": float(sum(array.nbytes for array in arrays)),
    }


def save(model: Any, path: str) -> None:
    """Write a fitted model so that its arrays can be mapped."""
    import joblib

    joblib.dump(model, path)


def load(path: str, n_features: int) -> Any:  # noqa: ARG001 (other indexes must be told)
    """Map a fitted model: the processes that do so share its arrays."""
    import joblib

    return joblib.load(path, mmap_mode="r")
