"""scikit-learn's ``NearestNeighbors`` as several strategies use it."""

import difflib
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.strategy import Neighbors, Points
from strategies import _neighbors

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


class Model:
    """A fitted ``NearestNeighbors`` and the rows that it is asked for: the points, or queries.

    For the largest inner products it is fitted on float64 points with one more coordinate, by which all have
    the same norm: of those the nearest to a query are the ones with the largest products (Bachrach et al.,
    RecSys 2014). That takes 8 (d + 1) bytes a point.
    """

    def __init__(
        self, points: Points, queries_from: str, fit: Callable[[NDArray[Any]], Any], *, by_products: bool
    ) -> None:
        self.asking = _neighbors.queries(points, queries_from)
        self._own, self._by_products = not queries_from, by_products
        fitted_on: NDArray[Any] = points
        if by_products:
            wide = np.zeros((len(points), points.shape[1] + 1))
            wide[:, :-1] = points
            squares = np.einsum("ij,ij->i", wide, wide)
            self._largest = float(np.sqrt(squares.max())) or 1.0
            wide[:, -1] = np.sqrt(np.maximum(self._largest**2 - squares, 0.0))
            wide /= self._largest
            fitted_on = wide
        self.fitted = fit(fitted_on)

    def ask(self, rows: range, k: int) -> tuple[NDArray[Any], NDArray[Any]]:
        """Return distances and indices as scikit-learn finds them, of the point itself too."""
        asking = self.asking[rows.start : rows.stop]
        if self._by_products:
            lengths = self._lengths(rows)
            asking = np.pad(asking / np.where(lengths > 0, lengths, 1)[:, None], ((0, 0), (0, 1)))
        distances, indices = self.fitted.kneighbors(asking, k + self._own)
        return distances, indices

    def answer(self, rows: range, distances: NDArray[Any], indices: NDArray[Any]) -> Neighbors:
        """Return the neighbors of some rows as the harness wants them."""
        if self._by_products:
            distances = (distances**2 / 2 - 1) * (self._lengths(rows) * self._largest)[:, None]
        if self._own:
            return Neighbors(rows, *_neighbors.without_self(rows, indices, distances))
        return Neighbors(rows, indices.astype(np.int32), distances.astype(np.float32))

    @property
    def details(self) -> dict[str, float | str]:
        """What is known of the model, and how the time grows with the points."""
        return details(self.fitted) | ({} if self._own else {"growth": "near-linear"})

    def _lengths(self, rows: range) -> NDArray[np.float64]:
        """Norms of the rows asked for, (rows,)."""
        wide = self.asking[rows.start : rows.stop].astype(np.float64)
        lengths: NDArray[np.float64] = np.sqrt(np.einsum("ij,ij->i", wide, wide))
        return lengths


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
