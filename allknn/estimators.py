"""The library in scikit-learn's way: estimators that find neighbors, and turn points into their graph."""

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted, validate_data

from allknn.neighbors import nearest_neighbors
from allknn.result import Result

MODES = ("distance", "connectivity")


class _Neighbors(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):  # type: ignore[misc] # untyped
    """What both estimators do; they differ in ``_search``."""

    n_neighbors: int
    metric: str
    mode: str

    def _search(self, points: NDArray[Any], k: int, queries: NDArray[Any] | None) -> Result:
        raise NotImplementedError

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = ["float32"]
        return tags

    def fit(self, X: Any, y: Any = None) -> Self:
        """Keep the points, (n_samples, n_features), real numbers; ``y`` is ignored."""
        del y
        if self.mode not in MODES:
            raise ValueError(f"mode must be one of {', '.join(MODES)}, got {self.mode!r}")
        if self.n_neighbors < 1:
            raise ValueError(f"n_neighbors must be at least 1, got {self.n_neighbors}")
        self._points = validate_data(self, X)
        self.n_samples_fit_ = self._n_features_out = len(self._points)
        return self

    def kneighbors(
        self,
        X: Any = None,
        n_neighbors: int | None = None,
        return_distance: bool = True,
    ) -> Any:
        """Find the nearest points of the rows of ``X``; without it the nearest others of each point.

        Returns distances and indices, (n_queries, n_neighbors), nearest first, or indices alone. Raises
        ValueError where there are not as many points.
        """
        check_is_fitted(self)
        result = self._found(X, self.n_neighbors if n_neighbors is None else n_neighbors)
        return (result.distances, result.indices) if return_distance else result.indices

    def kneighbors_graph(
        self,
        X: Any = None,
        n_neighbors: int | None = None,
        mode: str = "connectivity",
    ) -> Any:
        """Return the neighbors of the rows of ``X``, or of each point, as CSR, (n_queries, n_samples).

        Its values are 1 (``connectivity``) or distances (``distance``).
        """
        check_is_fitted(self)
        if mode not in MODES:
            raise ValueError(f"mode must be one of {', '.join(MODES)}, got {mode!r}")
        result = self._found(X, self.n_neighbors if n_neighbors is None else n_neighbors)
        return _graph(result.indices, result.distances, mode, self.n_samples_fit_)

    def transform(self, X: Any) -> Any:
        """Return the graph of the neighbors of ``X`` among the points, CSR, (n_queries, n_samples).

        With distances as its values each row has one neighbor more, as in KNeighborsTransformer: a point that
        the estimator was fitted on is one of its own.
        """
        check_is_fitted(self)
        k = self.n_neighbors + (self.mode == "distance")
        return self.kneighbors_graph(X, k, self.mode)

    def fit_transform(self, X: Any, y: Any = None) -> Any:
        """Keep the points and return the graph of the neighbors of each, itself before all others.

        ``recall_``, ``recall_low_`` and ``exact_`` are what the search has reached.
        """
        points = self.fit(X, y)._points  # noqa: SLF001 (its own)
        others = self.n_neighbors - (self.mode == "connectivity")
        rows = np.arange(len(points), dtype=np.int32)[:, None]
        result = self._found(None, max(1, others))
        self.recall_, self.recall_low_, self.exact_ = result.recall, result.recall_low, result.exact
        own = np.zeros(len(points), np.float32)
        if self.metric == "inner_product":
            own = -(points.astype(np.float64) ** 2).sum(axis=1).astype(np.float32)
        indices = np.hstack([rows, result.indices[:, :others]])
        distances = np.hstack([own[:, None], result.distances[:, :others]])
        return _graph(indices, distances, self.mode, len(points))

    def _found(self, X: Any, k: int) -> Result:
        queries = None if X is None else validate_data(self, X, reset=False)
        most = self.n_samples_fit_ - (X is None)
        if not 1 <= k <= most:
            sign, n_rows = ("<", self.n_samples_fit_) if queries is None else ("<=", len(queries))
            raise ValueError(
                f"n_neighbors must be at least 1 and {sign} n_samples_fit, got n_neighbors = {k}, "
                f"n_samples_fit = {self.n_samples_fit_}, n_samples = {n_rows}"
            )
        return self._search(self._points, k, queries)


class ExactNeighbors(_Neighbors):
    """The exact nearest neighbors; in pipelines what scikit-learn's KNeighborsTransformer is.

    ``n_neighbors``, ``metric``, ``n_jobs`` and ``zero_vectors`` are as in ``allknn.nearest_neighbors``, where
    the first is ``k``; ``mode`` says what ``transform`` gives, ``distance`` or ``connectivity``. A fitted one
    has ``n_samples_fit_`` and ``n_features_in_``.

    >>> import allknn
    >>> graph = allknn.ExactNeighbors(n_neighbors=1).fit_transform([[0.0], [1.0], [3.0]])
    >>> graph.toarray().tolist()
    [[0.0, 1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 2.0, 0.0]]
    """

    def __init__(
        self,
        n_neighbors: int = 5,
        *,
        metric: str = "euclidean",
        mode: str = "distance",
        n_jobs: int | None = None,
        zero_vectors: str = "refuse",
    ) -> None:
        self.n_neighbors = n_neighbors
        self.metric = metric
        self.mode = mode
        self.n_jobs = n_jobs
        self.zero_vectors = zero_vectors

    def _search(self, points: NDArray[Any], k: int, queries: NDArray[Any] | None) -> Result:
        return nearest_neighbors(
            points,
            k,
            queries=queries,
            metric=self.metric,
            n_jobs=self.n_jobs,
            zero_vectors=self.zero_vectors,
        )


class ApproximateNeighbors(_Neighbors):
    """Nearest neighbors at a recall that is measured; in pipelines what KNeighborsTransformer is.

    ``recall`` is what is reached at least, with 95 % confidence, as in ``allknn.nearest_neighbors``; others
    are those of ``ExactNeighbors``, and ``random_state`` as scikit-learn has it.

    >>> import allknn
    >>> neighbors = allknn.ApproximateNeighbors(n_neighbors=1, recall=0.9).fit([[0.0], [1.0], [3.0]])
    >>> neighbors.kneighbors([[2.5]], return_distance=False).tolist()
    [[2]]
    """

    def __init__(
        self,
        n_neighbors: int = 5,
        *,
        recall: float = 0.95,
        metric: str = "euclidean",
        mode: str = "distance",
        n_jobs: int | None = None,
        random_state: Any = 0,
        zero_vectors: str = "refuse",
    ) -> None:
        self.n_neighbors = n_neighbors
        self.recall = recall
        self.metric = metric
        self.mode = mode
        self.n_jobs = n_jobs
        self.random_state = random_state
        self.zero_vectors = zero_vectors

    def _search(self, points: NDArray[Any], k: int, queries: NDArray[Any] | None) -> Result:
        return nearest_neighbors(
            points,
            k,
            queries=queries,
            metric=self.metric,
            recall=self.recall,
            n_jobs=self.n_jobs,
            random_state=int(check_random_state(self.random_state).randint(1 << 31)),
            zero_vectors=self.zero_vectors,
        )


def _graph(indices: NDArray[np.int32], distances: NDArray[np.float32], mode: str, n_points: int) -> Any:
    from scipy.sparse import csr_matrix

    found = indices >= 0  # a search until a recall may leave some unfound
    values = distances[found] if mode == "distance" else np.ones(found.sum(), np.float32)
    begin = np.append(0, np.cumsum(found.sum(axis=1)))
    return csr_matrix((values, indices[found], begin), shape=(len(indices), n_points))
