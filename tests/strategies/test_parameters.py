import sys
from types import SimpleNamespace

import numpy as np
import pytest

from bench import catalog

REFUSED = (
    (
        "sklearn_matrix",
        {"algorithm": "kdtree"},
        "algorithm is 'kdtree' (did you mean 'kd_tree'?), allowed",
    ),
    ("sklearn_matrix", {"leaf_size": 0}, "leaf_size is 0, allowed is 1 or more"),
    ("sklearn_chunked", {"chunk_size": 0}, "chunk_size is 0, allowed is 1 or more"),
    ("annoy_loop", {"n_trees": 0}, "n_trees is 0, allowed is 1 or more"),
    ("annoy_loop", {"search_k": 0}, "search_k is 0, allowed is 1 or more, or -1"),
    ("annoy_loop", {"build_threads": -1}, "build_threads is -1, allowed is 1 or more"),
    ("annoy_loop", {"seed": -1}, "seed is -1, allowed is 0 to"),
    ("spark_sklearn", {"n_partitions": -1}, "n_partitions is -1, allowed is 1 or more, or 0"),
    (
        "spark_annoy",
        {"master": "loca[2]"},
        "master is 'loca[2]', allowed are local[2], local[2,4], spark://",
    ),
    ("spark_native", {"most_points": 0}, "most_points is 0, allowed is 1 or more"),
    ("spark_annoy", {"driver_memory": "2 GiB"}, "driver_memory is '2 GiB', allowed is a number with"),
)


@pytest.mark.parametrize(
    ("strategy", "params", "message"),
    [pytest.param(*case, marks=pytest.mark.strategies(case[0])) for case in REFUSED],
)
def test_a_bad_value_is_refused_in_one_line(strategy: str, params: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError) as refused:  # noqa: PT011 (the message is compared below)
        catalog.load(strategy).entry.factory(**params)
    assert str(refused.value).startswith(message)
    assert "\n" not in str(refused.value)


@pytest.mark.strategies("spark_native")
def test_more_points_than_a_cross_product_allows_are_refused_with_the_way_out() -> None:
    strategy = catalog.load("spark_native").entry.factory(most_points=100)
    with pytest.raises(ValueError, match=r"101 points are a cross product of .* most_points is 100: take"):
        strategy.fit(np.zeros((101, 2), np.float32))


def test_faiss_says_that_squares_overflow(monkeypatch: pytest.MonkeyPatch) -> None:
    """As Faiss answers then: no id, and the largest float32."""

    def knn(queries: np.ndarray, _points: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
        shape = (len(queries), k)
        return np.full(shape, np.finfo(np.float32).max, np.float32), np.full(shape, -1)

    faiss = SimpleNamespace(knn=knn, omp_set_num_threads=lambda _: None)
    monkeypatch.setitem(sys.modules, "faiss", faiss)
    strategy = catalog.load("faiss_flat").entry.factory(threads=1)
    strategy.start()
    strategy.fit(np.full((40, 3), 4e21, np.float32))
    with pytest.raises(
        OverflowError, match=r"squares of distances overflow float32, values are up to 4e\+21"
    ):
        list(strategy.kneighbors(3))
