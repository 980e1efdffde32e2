import json
import re
from dataclasses import asdict

import numpy as np
import pytest

from bench.judge.difficulty import describe, local_dimensions
from bench.judge.truth import exact_neighbors, sample_rows
from tests.judge.slow_truth import normal, twenty_times


def description(points, k=10):
    truth = exact_neighbors(points, sample_rows(len(points), 200), min(100, len(points) - 1), threads=2)
    return describe(points, truth, k=k)


def in_a_box(seed, n, latent, d):
    """Uniform in ``latent`` dimensions, turned into ``d``."""
    rng = np.random.default_rng(seed)
    turned, _ = np.linalg.qr(rng.standard_normal((d, latent)))
    return (rng.random((n, latent)) @ turned.T).astype(np.float32)


@pytest.mark.parametrize("latent", [1, 2, 4, 8])
def test_the_intrinsic_dimension_of_a_box_is_found_whatever_the_stored_one(latent):
    difficulty = description(in_a_box(1, 20_000, latent, 16))
    assert difficulty.lid_median == pytest.approx(latent, rel=0.15)
    assert difficulty.lid_low < difficulty.lid_median < difficulty.lid_high


def test_figures_do_not_depend_on_the_scale():
    small, large = (description(normal(1, 2000, 6) * np.float32(scale)) for scale in (2.0**-20, 2.0**20))
    assert (small.lid_median, small.contrast) == (large.lid_median, large.contrast)
    assert large.norm_median == small.norm_median * 2.0**40


def test_size_norms_zeros_and_copies_are_counted():
    points = np.zeros((10, 2), np.float32)
    points[:6] = [[3, 4], [3, 4], [3, 4], [6, 8], [6, 8], [0, 1]]
    difficulty = describe(points, exact_neighbors(points, np.arange(10), 5))
    assert (difficulty.n, difficulty.d, difficulty.bytes) == (10, 2, 80)
    assert difficulty.duplicates_share == pytest.approx(0.6)
    assert difficulty.largest_group == 4
    assert difficulty.zero_vectors == 4
    assert (difficulty.norm_min, difficulty.norm_median, difficulty.norm_max) == (0, 3, 10)


def test_contrast_is_the_mean_distance_over_that_to_the_kth_neighbor():
    points = normal(1, 3000, 4)
    truth = exact_neighbors(points, np.arange(3000), 10)
    wide = points.astype(float)
    mean = np.mean([np.sqrt(((wide - wide[i]) ** 2).sum(1)).sum() / 2999 for i in range(0, 3000, 20)])
    assert describe(points, truth, k=3).contrast == pytest.approx(
        mean / truth.distances[:, 2].mean(), rel=0.02
    )


def test_equal_points_have_no_dimension_and_no_contrast():
    difficulty = description(np.ones((300, 4), np.float32))
    unknown = (difficulty.lid_low, difficulty.lid_median, difficulty.lid_high, difficulty.contrast)
    assert unknown == (None,) * 4
    assert any("do not vary" in sentence for sentence in difficulty.in_words)
    json.dumps(asdict(difficulty), allow_nan=False)


def test_copies_do_not_hide_the_dimension():
    points = np.repeat(in_a_box(1, 5000, 3, 8), 4, axis=0)
    assert description(points).lid_median == pytest.approx(3, rel=0.2)


def test_the_estimate_is_the_inverse_of_the_mean_log_ratio():
    distances = np.array([[1.0, 2.0, 4.0], [0.0, 1.0, np.e], [0.0, 0.0, 1.0], [1.0, 1.0, 1.0]])
    np.testing.assert_allclose(local_dimensions(distances), [2 / np.log(8), 1.0])


def words(points):
    return " ".join(description(points).in_words)


def test_words_say_what_to_expect_of_trees():
    measured = r"A kd-tree must look at .* for one query; on these points, here .* and by brute force \d"
    assert re.search(measured, words(in_a_box(1, 20_000, 2, 12)))
    assert re.search(r"; on 75,000 of these points, here", words(in_a_box(1, 80_000, 2, 40)))
    assert "for one query." in words(normal(1, 50, 4))


def test_words_say_what_to_expect_of_approximate_methods():
    assert "need modest settings" in words(in_a_box(1, 5000, 3, 12))
    assert "need many candidates" in words(normal(1, 5000, 60))


def test_words_say_that_there_are_copies():
    assert any("repeat an earlier one" in word for word in description(twenty_times(1, 1000, 4)).in_words)
    assert not any("repeat" in word for word in description(normal(1, 1000, 4)).in_words)


def test_two_points_can_be_described():
    assert description(normal(1, 2, 3)).n == 2
