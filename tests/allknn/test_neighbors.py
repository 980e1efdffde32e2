"""The library's one line: equal to brute force, as good as it promises, and clear about bad input."""

import copy
import doctest
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from mypy import api

import allknn
from allknn import neighbors, result
from tests.allknn import brute_force


@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.float16, np.int8, np.uint8])
@pytest.mark.parametrize("order", ["C", "F"])
def test_without_a_recall_the_answer_is_that_of_brute_force(dtype: type, order: Any) -> None:
    points = np.asarray(np.random.default_rng(0).normal(0, 9, (300, 4)) + 30, dtype=dtype, order=order)
    indices, distances = allknn.nearest_neighbors(points, 7, n_jobs=2)
    expected, lengths = brute_force.neighbors(points, 7)
    assert indices.tolist() == expected.tolist()
    assert np.array_equal(distances, lengths.astype(np.float32))


@pytest.mark.parametrize("shape", [(2, 1), (5, 3), (40, 500)])
def test_as_many_neighbors_as_there_are_other_points(shape: tuple[int, int]) -> None:
    points = np.random.default_rng(0).random(shape)
    k = len(points) - 1
    assert allknn.nearest_neighbors(points, k)[0].tolist() == brute_force.neighbors(points, k)[0].tolist()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"k": 0}, "k must be at least 1 and below the number of points, 9, got 0"),
        ({"k": 9}, "got 9"),
        ({"recall": 1.5}, r"recall must be above 0 and at most 1, or None for the exact answer, got 1.5"),
        (
            {"recall": "high"},
            "recall must be above 0 and at most 1, or None for the exact answer, got 'high'",
        ),
        ({"seconds": float("nan")}, "seconds must be above 0, or None for no limit, got nan"),
        ({"k": True}, "k must be a whole number, got True"),
        ({"n_jobs": 1.5}, "n_jobs must be a whole number, got 1.5"),
        ({"random_state": None}, "random_state must be a whole number, got None"),
        ({"n_jobs": 0}, "n_jobs must be None, at least 1, or negative"),
        ({"points": np.zeros(9)}, r"shape \(n_samples, n_features\), got \(9,\)"),
        ({"points": [["a"]]}, "points must be real numbers, got <U1"),
        ({"points": [[0.0], [np.nan], [np.inf]]}, "2 rows are not, the first is 1"),
        ({"points": [[0.0], [1e300]], "k": 1}, "finite in float32"),
        ({"k": 10, "queries": np.zeros((1, 2))}, "at most the number of points, 9, got 10"),
        ({"recall": 0.0}, "recall must be above 0 and at most 1, or None for the exact answer, got 0.0"),
        ({"recall": float("nan")}, "got nan"),
        ({"metric": "manhattan"}, "metric must be one of euclidean, cosine, inner_product, got 'manhattan'"),
        ({"zero_vectors": "first"}, "zero_vectors must be one of refuse, last, got 'first'"),
        ({"seconds": 0}, "seconds must be above 0, or None for no limit, got 0"),
        ({"random_state": -1}, "random_state must be at least 0, got -1"),
        ({"queries": np.zeros((4, 3))}, "queries must have as many features as points, 2, got 3"),
        ({"queries": [[0.0, np.nan]]}, "queries must be finite in float32: 1 rows are not, the first is 0"),
        (
            {"metric": "cosine"},
            "points must not be zero vectors under cosine: 9 rows are, the first is 0; zero_",
        ),
        (
            {"points": np.ones((9, 2)), "metric": "cosine", "queries": [[1, 1], [0, 0], [0, 0]]},
            "queries must not be zero vectors under cosine: 2 rows are, the first is 1",
        ),
    ],
)
def test_bad_input_is_one_line_with_the_value(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        allknn.nearest_neighbors(**{"points": np.zeros((9, 2)), "k": 2} | arguments)


def test_zero_vectors_come_last_under_cosine_if_asked_for() -> None:
    points = np.array([[1, 0], [0, 0], [0, 2], [0, 0], [3, 1]])
    answer = allknn.nearest_neighbors(points, 4, metric="cosine", zero_vectors="last")
    assert answer.indices.tolist() == [[4, 2, 1, 3], [0, 2, 3, 4], [4, 0, 1, 3], [0, 1, 2, 4], [0, 2, 1, 3]]
    assert np.isinf(answer.distances).sum(axis=1).tolist() == [2, 4, 2, 4, 2]
    answer = allknn.nearest_neighbors(
        points, 4, metric="cosine", zero_vectors="last", queries=[[0, 1], [0, 0]]
    )
    assert answer.indices.tolist() == [[2, 4, 0, 1], [0, 1, 2, 3]]
    assert np.isinf(answer.distances).sum(axis=1).tolist() == [1, 4]
    zeros = allknn.nearest_neighbors(np.zeros((4, 2)), 2, metric="cosine", zero_vectors="last")
    assert zeros.indices.tolist() == [[1, 2], [0, 2], [0, 1], [0, 1]]


def test_a_zero_query_has_a_product_of_0_with_all_points() -> None:
    points = np.array([[1.0, 0], [0, 0], [0, 2], [3, 1]])
    answer = allknn.nearest_neighbors(points, 2, metric="inner_product")
    assert answer.indices.tolist() == [[3, 1], [0, 2], [3, 0], [0, 2]]
    assert answer.distances.tolist() == [[-3, 0], [0, 0], [-2, 0], [-3, -2]]


def test_a_result_is_a_pair_that_can_be_copied() -> None:
    answer = allknn.nearest_neighbors([[0.0], [1.0], [3.0]], 1)
    other = copy.deepcopy(answer)
    assert (other.indices.tolist(), other.exact, other.seconds) == ([[1], [0], [1]], True, answer.seconds)
    assert len(answer) == 2


@pytest.mark.parametrize("module", [neighbors, result])
def test_the_example_in_the_documentation_is_true(module: ModuleType) -> None:
    results = doctest.testmod(module)
    assert (results.failed, results.attempted > 0) == (0, True)


@pytest.mark.slow
def test_strict_users_of_mypy_are_told_the_types(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(
        "import allknn\nimport numpy as np\nfrom numpy.typing import NDArray\n"
        "answer = allknn.nearest_neighbors([[1.0], [2.0]], 1, recall=0.9)\n"
        "right: NDArray[np.int32] = answer[0]\n"
        "graph = allknn.ExactNeighbors(n_neighbors=3).fit_transform([[1.0]])\n"
        "wrong: str = answer[0]\n"
        "wrong = answer.recall\n"
        "wrong = allknn.ApproximateNeighbors(recal=0.9)\n"
    )
    (tmp_path / "mypy.ini").write_text(
        "[mypy]\nstrict = true\n[mypy-sklearn.*,scipy.*,pyarrow.*]\nignore_missing_imports = true\n"
    )
    where = ["--config-file", str(tmp_path / "mypy.ini"), "--cache-dir", str(tmp_path)]
    said, _, _ = api.run([str(tmp_path / "mine.py"), *where])
    lines = [line.partition(":")[2].partition(":")[0] for line in said.splitlines() if "error" in line][:-1]
    assert lines == ["7", "8", "9"], said


@pytest.mark.filterwarnings("error")
def test_a_distance_beyond_float32_is_infinite_and_no_warning() -> None:
    points = np.array([[3e38], [-3e38], [2e38]], np.float32)
    for queries, expected in ((None, [[2, 1], [2, 0], [0, 1]]), (points, [[0, 2], [1, 2], [2, 0]])):
        answer = allknn.nearest_neighbors(points, 2, queries=queries)
        assert answer.indices.tolist() == expected
        assert np.isinf(answer.distances[0, 1]) == (queries is None)
