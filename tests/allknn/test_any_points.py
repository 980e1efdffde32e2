"""nearest_neighbors equals float64 brute force, whatever the points, the metric and one or two sets."""

from itertools import combinations
from typing import Any

import hypothesis.extra.numpy as given_arrays
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

import allknn
from tests.allknn import brute_force

METRICS = ("euclidean", "cosine", "inner_product")
DTYPES = (np.float64, np.float32, np.float16, np.int64, np.int16, np.uint8)


@st.composite
def some_points(draw: st.DrawFn, n_features: int) -> NDArray[Any]:
    """Points of any type: on a coarse grid, many of them equal, or drawn at random; some far from 0."""
    dtype, n = np.dtype(draw(st.sampled_from(DTYPES))), draw(st.integers(2, 40))
    if draw(st.booleans()):
        values = draw(given_arrays.arrays(np.int8, (n, n_features), elements=st.integers(0, 5))).astype(dtype)
    else:
        seed = draw(st.integers(0, 1 << 30))
        values = (np.random.default_rng(seed).normal(10, 3, (n, n_features)) * 4).astype(dtype)
    if dtype in (np.float64, np.int64):
        values = values + dtype.type(draw(st.sampled_from([0, 1000, 10_000_000])))
    return np.asarray(values, order=draw(st.sampled_from("CF")))


@settings(max_examples=50, deadline=None)
@given(st.data())
@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("sets", [1, 2])
def test_the_answer_is_that_of_float64_brute_force(sets: int, metric: str, data: st.DataObject) -> None:
    n_features = data.draw(st.sampled_from([1, 2, 9]))
    points = data.draw(some_points(n_features))
    queries = data.draw(some_points(n_features)) if sets == 2 else None
    if metric == "cosine":
        points = points[points.any(axis=1)]
        queries = None if queries is None else queries[queries.any(axis=1)]
        if len(points) < 2 or (queries is not None and not len(queries)):
            return
    k = data.draw(st.integers(1, len(points) - (sets == 1)))
    answer = allknn.nearest_neighbors(points, k, queries=queries, metric=metric)
    ids, distances = brute_force.neighbors(points, k, queries, metric)
    assert answer.indices.tolist() == ids.tolist()
    assert np.allclose(answer.distances, distances, rtol=1e-6, atol=1e-12)
    assert (answer.indices.dtype, answer.distances.dtype, answer.exact) == (np.int32, np.float32, True)


@pytest.mark.parametrize("metric", ["euclidean", "inner_product"])
def test_a_few_thousand_points_that_float32_cannot_tell_apart_are_ranked_as_float64_does(metric: str) -> None:
    rng = np.random.default_rng(0)
    points = 1 + rng.normal(size=(1500, 3)) * 1e-9
    points[700:900] = points[:200]
    points[:30] = points[0]
    queries = 1 + rng.normal(size=(300, 3)) * 1e-9
    for asked in (None, queries):
        answer = allknn.nearest_neighbors(points, 6, queries=asked, metric=metric, n_jobs=2)
        assert answer.indices.tolist() == brute_force.neighbors(points, 6, asked, metric)[0].tolist()


def test_points_that_lie_closer_than_float32_can_tell_are_ranked_as_float64_does() -> None:
    rng = np.random.default_rng(0)
    points = np.concatenate([rng.normal(size=(300, 2)), rng.normal(size=(300, 2)) + 1e9])
    for asked in (None, points[200:400] + 0.25):
        for metric in ("euclidean", "inner_product"):
            answer = allknn.nearest_neighbors(points, 6, queries=asked, metric=metric)
            assert answer.indices.tolist() == brute_force.neighbors(points, 6, asked, metric)[0].tolist()


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("scale", [1e-200, 1e-30, 1e30])
def test_tiny_and_huge_values_are_ranked_as_float64_does(scale: float, metric: str) -> None:
    points = np.random.default_rng(0).normal(size=(80, 3)) * scale
    answer = allknn.nearest_neighbors(points, 5, metric=metric)
    assert answer.indices.tolist() == brute_force.neighbors(points, 5, None, metric)[0].tolist()


def test_what_float32_rounds_near_0_and_beyond_its_range_proves_nothing() -> None:
    tiny = np.zeros((301, 14))
    three = np.array(list(combinations(range(14), 3))[:300])
    factors = 1 + 1e-9 * np.arange(300, 0, -1)[:, None]
    np.put_along_axis(tiny[1:], three, 2.0**-149 * factors, axis=1)
    assert allknn.nearest_neighbors(tiny, 5).indices[0].tolist() == [300, 299, 298, 297, 296]
    far = np.repeat([0.0, 3e38, -3e38], (100, 40, 1))[:, None] * np.ones(4)
    far[100:140] *= 1 + 1e-9 * np.arange(40, 0, -1)[:, None]
    assert allknn.nearest_neighbors(far, 110).indices[140, 100:].tolist() == list(range(139, 129, -1))
