import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.judge import kd_tree
from bench.judge.kd_tree import tree_share
from bench.judge.truth import exact_neighbors
from tests.judge.slow_truth import normal, tight_clusters


def share(points, n_rows=50, k=10):
    rows = np.arange(n_rows)
    return tree_share(points, rows, exact_neighbors(points, rows, k).distances[:, -1])


@settings(max_examples=30, deadline=None)
@given(n=st.integers(2, 500), d=st.integers(1, 5))
def test_leaves_hold_nearly_all_points_once_and_their_boxes_hold_them(n, d):
    points = normal(1, n, d)
    leaves = kd_tree._leaves(points)
    low, high = kd_tree._boxes(points, leaves)
    assert len(np.unique(leaves)) == leaves.size > n - len(leaves)
    assert len(leaves) == 1 or 30 <= leaves.shape[1] < 60
    for leaf, least, most in zip(leaves, low, high, strict=True):
        np.testing.assert_array_equal(points[leaf].min(axis=0), least)
        np.testing.assert_array_equal(points[leaf].max(axis=0), most)


def test_a_ball_meets_the_leaves_that_hold_a_point_within_it():
    points = normal(1, 3000, 3)
    low, high = kd_tree._boxes(points, kd_tree._leaves(points))
    for row in range(20):
        radius = 0.5
        corner = np.clip(points[row], low, high).astype(float)
        met = np.linalg.norm(corner - points[row], axis=1) <= radius
        assert tree_share(points, np.array([row]), np.array([radius])) == pytest.approx(met.mean())


def test_a_line_is_skipped_almost_wholly_and_forty_dimensions_not_at_all():
    assert share(normal(1, 20_000, 1)) < 0.005
    assert share(normal(1, 20_000, 40)) > 0.9


def test_a_tree_skips_other_clusters_whatever_the_dimension():
    points, _ = tight_clusters(1, 20_000, 40, 100)
    assert 0.003 < share(points) < 0.03


def test_blocks_do_not_change_the_share(monkeypatch):
    points = normal(1, 2000, 4)
    expected = share(points)
    monkeypatch.setattr(kd_tree, "_BLOCK", 1 << 12)
    assert share(points) == expected
