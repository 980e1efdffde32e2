"""The library's one line: equal to brute force, as good as it promises, and clear about bad input."""

import doctest
from typing import Any

import numpy as np
import pytest

import allknn
from allknn import neighbors
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


def test_a_recall_asked_for_is_reached_and_any_number_of_threads_gives_the_same() -> None:
    points = np.random.default_rng(0).normal(size=(12_000, 12)).astype(np.float32)
    one, two = (allknn.nearest_neighbors(points, 10, recall=0.9, n_jobs=threads) for threads in (1, 2))
    assert all(a.tobytes() == b.tobytes() for a, b in zip(one, two, strict=True))
    exact = allknn.nearest_neighbors(points, 10, n_jobs=-1)[1]
    assert (one[1] <= exact[:, -1:] * np.float32(1 + 1e-5)).mean() > 0.9


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"k": 0}, "k must be at least 1 and below the number of points, 9, got 0"),
        ({"k": 9}, "got 9"),
        ({"recall": 1.5}, r"recall must be above 0 and at most 1, or None for the exact answer, got 1.5"),
        ({"n_jobs": 0}, "n_jobs must be None, at least 1, or negative"),
        ({"points": np.zeros(9)}, r"shape \(n_samples, n_features\), got \(9,\)"),
        ({"points": [["a"]]}, "points must be real numbers, got <U1"),
        ({"points": [[0.0], [np.nan], [np.inf]]}, "2 rows are not, the first is 1"),
        ({"points": [[0.0], [1e300]], "k": 1}, "finite in float32"),
    ],
)
def test_bad_input_is_one_line_with_the_value(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        allknn.nearest_neighbors(**{"points": np.zeros((9, 2)), "k": 2} | arguments)


def test_the_example_in_the_documentation_is_true() -> None:
    results = doctest.testmod(neighbors)
    assert (results.failed, results.attempted > 0) == (0, True)
