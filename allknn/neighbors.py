"""The library in one line: the k nearest other points of every point, or the k nearest points of queries."""

import os
from collections.abc import Callable
from numbers import Integral, Real
from typing import Any

import numpy as np
from numpy.typing import NDArray

from allknn.answers import Shares
from allknn.inputs import as_array
from allknn.metrics import METRICS, nonzero_rows
from allknn.result import Result
from allknn.search import Search

ZERO_VECTORS = ("refuse", "last")


def nearest_neighbors(
    points: Any,
    k: int,
    *,
    queries: Any = None,
    metric: str = "euclidean",
    recall: float | None = None,
    n_jobs: int | None = None,
    random_state: int = 0,
    progress: Callable[[float], object] | None = None,
    seconds: float | None = None,
    zero_vectors: str = "refuse",
) -> Result:
    """Find the k nearest other points of every point; with ``queries``, the k nearest points of every query.

    ``points``, (n_samples, n_features), and ``queries``, (n_queries, n_features), are real numbers of any
    type, finite in float32: NumPy arrays, memory maps, Arrow fixed-size lists, pandas and polars frames,
    tensors that offer ``__array__`` or ``__dlpack__``. Under ``euclidean`` what is float32 and in C order is
    read where it lies, so that a memory map may be larger than memory; else all is copied once, as float32.

    ``metric``:

    - ``euclidean``: ranked by the float64 distances of the values given.
    - ``cosine``: rows are divided by their norms in float64, then taken as float32; distances are 1 -
      cosine. A zero vector has no direction: it is refused, or with ``zero_vectors="last"`` infinitely far
      from all.
    - ``inner_product``: ranked by the float64 products of the values given, the largest first; distances
      are the products with a minus. A point is not its own neighbor, even where that product is the
      largest.

    Without ``recall`` the answer is exact. With it, above 0 and at most 1, the search goes on until the
    recall on rows drawn at random lies above it with 95 % confidence; float32 tells the candidates apart.
    Where the exact search is expected to take less time than that, the answer is exact, ``exact`` says so,
    and ``exact_because`` why. The nearer the recall is to 1, the more rows show it, about 10 / (1 - recall),
    each held against all points: above 1 - 100 / n_samples the answer is exact at once.

    ``n_jobs`` is the number of threads as scikit-learn counts: None is 1, -1 is all cores. ``random_state``
    is at least 0. No answer depends on the number of threads, and an exact one not on ``random_state``
    either. ``progress`` is called now and then with the share that is done, 0 to 1. ``seconds`` limits the
    time: what is known by then is returned, and ``recall_low`` says how good it is; one approximate round
    is always done.

    Returns indices (int32) and distances (float32), (rows, k), nearest first, ties by id; without
    ``queries`` never the point itself. Where a limit left some unfound: -1 and inf. The pair has the
    attributes ``recall``, ``recall_low``, ``rounds``, ``exact``, ``exact_because`` and ``seconds``.

    Memory besides: exact about 12 (k + 4) bytes a point; approximate about 16 k + 80 bytes a point, at
    most 80 MB a thread and, of up to 128 features, a copy of the points unless they are a memory map of more
    than 1 GiB; with ``queries`` a copy of these and of 256 MiB of points, where approximate of all points.

    Raises ValueError, in one line, where an argument is out of range.

    >>> import allknn
    >>> indices, distances = allknn.nearest_neighbors([[0.0], [1.0], [3.0]], k=1)
    >>> indices.ravel().tolist(), distances.ravel().tolist()
    ([1, 0, 1], [1.0, 1.0, 2.0])
    >>> allknn.nearest_neighbors([[0.0], [1.0], [3.0]], k=1, queries=[[2.5]]).indices.tolist()
    [[2]]
    """
    _check_words(metric, zero_vectors)
    _check_numbers(k, recall, n_jobs, random_state, seconds)
    array, others = as_array(points), None if queries is None else as_array(queries, "queries")
    _check_shapes(array, others, k)
    if metric == "cosine" and zero_vectors == "refuse":
        _refuse_zero_vectors(array, "points")
        if others is not None:
            _refuse_zero_vectors(others, "queries")
    threads = _threads(n_jobs)
    search = Search(array, others, int(k), metric, recall, threads, int(random_state), seconds)
    shares, done = Shares(search.run()), 0.0
    try:
        for share in shares:
            if progress is not None and share > done:
                progress(done := share)
    finally:
        shares.close()
    if progress is not None and done < 1:
        progress(1.0)
    return Result(*shares.answer, search.report)


def _check_words(metric: str, zero_vectors: str) -> None:
    for name, word, words in (("metric", metric, METRICS), ("zero_vectors", zero_vectors, ZERO_VECTORS)):
        if word not in words:
            raise ValueError(f"{name} must be one of {', '.join(words)}, got {word!r}")


def _check_numbers(k: Any, recall: Any, n_jobs: Any, random_state: Any, seconds: Any) -> None:
    for name, number, allowed in (
        ("recall", recall, "above 0 and at most 1, or None for the exact answer"),
        ("seconds", seconds, "above 0, or None for no limit"),
    ):
        most = 1 if name == "recall" else np.inf
        if number is not None and not (isinstance(number, Real) and 0 < float(number) <= most):
            raise ValueError(f"{name} must be {allowed}, got {number!r}")
    for name, whole in (
        ("k", k),
        ("random_state", random_state),
        ("n_jobs", 1 if n_jobs is None else n_jobs),
    ):
        if not isinstance(whole, Integral) or isinstance(whole, bool):
            raise ValueError(f"{name} must be a whole number, got {whole!r}")  # noqa: TRY004 (bad input)
    if random_state < 0:
        raise ValueError(f"random_state must be at least 0, got {random_state}")


def _check_shapes(points: NDArray[Any], queries: NDArray[Any] | None, k: int) -> None:
    n_points, two_sets = len(points), queries is not None
    if queries is not None and queries.shape[1] != points.shape[1]:
        raise ValueError(
            f"queries must have as many features as points, {points.shape[1]}, got {queries.shape[1]}"
        )
    if not 1 <= k <= n_points - (not two_sets):
        allowed = "at most" if two_sets else "below"
        raise ValueError(f"k must be at least 1 and {allowed} the number of points, {n_points}, got {k}")


def _refuse_zero_vectors(given: NDArray[Any], name: str) -> None:
    zeros = np.setdiff1d(np.arange(len(given)), nonzero_rows(given))
    if len(zeros):
        raise ValueError(
            f"{name} must not be zero vectors under cosine: {len(zeros)} rows are, the first is {zeros[0]}; "
            'zero_vectors="last" puts them after all others'
        )


def _threads(n_jobs: int | None) -> int:
    if n_jobs == 0:
        raise ValueError("n_jobs must be None, at least 1, or negative to count from all cores, got 0")
    if n_jobs is None:
        return 1
    return n_jobs if n_jobs > 0 else max(1, len(os.sched_getaffinity(0)) + 1 + n_jobs)
