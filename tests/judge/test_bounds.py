import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.judge.bounds import Frame, as_candidates, as_queries, squared_from, thresholds
from bench.judge.distances import squared_distances
from tests.judge.slow_truth import hard_points, normal

HARD = hard_points()


def all_pairs(points):
    rows = np.repeat(np.arange(len(points)), len(points))
    others = np.tile(np.arange(len(points)), len(points))
    return squared_distances(points, rows, others).reshape(len(points), -1)


def assert_that_no_bound_is_broken(points, dtype):
    frame = Frame.of(points)
    placed = frame.place(points)
    squared = all_pairs(points)
    queries = as_queries(placed, dtype)
    near = queries @ as_candidates(placed, dtype, nearest=True).T
    far = queries @ as_candidates(placed, dtype, nearest=False).T
    for column in range(0, len(points), 5):
        limit = squared[:, column]
        let_through = near >= thresholds(placed, limit, frame.scale, dtype)[:, None]
        assert np.all(let_through[squared <= limit[:, None]])
        assert np.all(squared_from(far[:, column], placed, frame.scale) >= limit)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", HARD)
def test_a_product_never_rules_out_a_point_within_the_limit_on_points_that_are(name, dtype):
    assert_that_no_bound_is_broken(HARD[name][::4], dtype)


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 1 << 30),
    d=st.integers(1, 300),
    offset=st.sampled_from([0.0, 1.0, 1e3, 1e6]),
    exponent=st.integers(-30, 30),
)
def test_a_product_never_rules_out_a_point_within_the_limit(seed, d, offset, exponent):
    points = ((normal(seed, 40, d) + offset) * 10.0**exponent).astype(np.float32)
    assert_that_no_bound_is_broken(points, np.float32)


def test_the_bound_rules_out_nearly_all_points_beyond_the_limit():
    points = normal(1, 400, 32)
    frame = Frame.of(points)
    placed = frame.place(points)
    squared = all_pairs(points)
    limit = np.quantile(squared, 0.05, axis=1)
    product = as_queries(placed, np.float32) @ as_candidates(placed, np.float32, nearest=True).T
    let_through = product >= thresholds(placed, limit, frame.scale, np.float32)[:, None]
    assert np.count_nonzero(let_through) <= 1.01 * np.count_nonzero(squared <= limit[:, None])
