import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from bench.judge.recall import interval, measure_recall, row_recalls, row_recalls_by_id
from bench.judge.truth import Truth, exact_neighbors
from tests.judge.slow_truth import hard_points, normal, slow_neighbors, slow_row_recalls, twenty_times

HARD = hard_points()


def random_answers(seed, n, rows, k):
    return np.random.default_rng(seed).integers(0, n, (rows, k)).astype(np.int32)


@pytest.mark.parametrize("name", HARD)
def test_recall_is_that_of_the_slow_reference_on_points_that_are(name):
    points = HARD[name]
    rows = np.arange(0, len(points), 11)
    truth = exact_neighbors(points, rows, 10)
    answers = truth.indices.copy()
    answers[:, ::2] = random_answers(1, len(points), len(rows), 5)
    np.testing.assert_array_equal(
        row_recalls(points, truth, answers), slow_row_recalls(points, rows, answers)
    )


@settings(max_examples=80, deadline=None)
@given(
    points=arrays(
        np.float32,
        st.tuples(st.integers(3, 25), st.integers(1, 3)),
        elements=st.sampled_from([0.0, 1.0, 2.0, 1e-4, 1e4]),
    ),
    k=st.integers(1, 5),
    seed=st.integers(0, 1000),
    scale=st.sampled_from([1.0, 2.0**13, 2.0**-13]),
)
def test_recall_is_that_of_the_slow_reference_on_any_answers(points, k, seed, scale):
    k = min(k, len(points) - 1)
    rows = np.arange(len(points))
    answers = np.random.default_rng(seed).integers(-2, len(points) + 2, (len(points), k)).astype(np.int32)
    expected = slow_row_recalls(points, rows, answers)
    scaled = points * np.float32(scale)
    truth = exact_neighbors(scaled, rows, k)
    np.testing.assert_array_equal(row_recalls(scaled, truth, answers), expected)
    true_ids, _ = slow_neighbors(points, rows, k)
    by_id = [
        len(set(ids) & set(true)) / k for ids, true in zip(answers.tolist(), true_ids.tolist(), strict=True)
    ]
    if np.array_equal(truth.indices, true_ids):
        np.testing.assert_array_equal(row_recalls_by_id(truth, answers, len(points)), by_id)


def test_an_id_counts_once_and_self_missing_and_out_of_range_ids_not_at_all():
    points = np.zeros((6, 2), np.float32)
    truth = exact_neighbors(points, np.arange(3), 4)
    answers = np.array([[1, 1, 1, 2], [1, 0, 2, -1], [6, -7, 5, 4]], np.int32)
    np.testing.assert_array_equal(row_recalls(points, truth, answers), [0.5, 0.5, 0.5])


def test_any_order_of_ties_is_recall_one_though_ids_differ():
    points = twenty_times(1, 400, 6)
    rows = np.arange(400)
    truth = exact_neighbors(points, rows, 11)
    _, group = np.unique(points, axis=0, return_inverse=True)
    copies = [np.flatnonzero((group == group[row]) & (rows != row))[::-1][:10] for row in rows]
    recall = measure_recall(points, truth, np.array(copies, np.int32), 400)
    assert recall.mean == recall.low == recall.high == recall.p01 == 1.0
    assert recall.by_id < 0.7
    assert recall.ties_share == 1.0


def test_a_point_a_little_beyond_the_tolerance_is_a_miss_at_any_scale():
    for scale in (1e-30, 1e-4, 1.0, 1e4, 1e30):
        points = np.array([[0.0], [1.0], [1 + 4e-6], [1 + 3e-5]], np.float32) * np.float32(scale)
        truth = exact_neighbors(points, np.array([0]), 1)
        recalls = [row_recalls(points, truth, np.array([[i]], np.int32))[0] for i in (1, 2, 3)]
        assert recalls == [1.0, 1.0, 0.0]


def test_the_kth_neighbor_has_no_tie_where_the_next_is_farther():
    points = normal(1, 100, 3)
    rows = np.arange(100)
    truth = exact_neighbors(points, rows, 6)
    assert measure_recall(points, truth, truth.indices[:, :5], 100).ties_share == 0.0
    short = Truth(rows, truth.indices[:, :5], truth.distances[:, :5])
    assert measure_recall(points, short, truth.indices[:, :5], 100).ties_share is None


def test_percentiles_show_the_rows_that_the_mean_hides():
    points = normal(1, 300, 3)
    rows = np.arange(300)
    truth = exact_neighbors(points, rows, 5)
    answers = truth.indices.copy()
    answers[:10] = -1
    recall = measure_recall(points, truth, answers, 300)
    assert recall.mean == pytest.approx(290 / 300)
    assert (recall.p01, recall.p05) == (0.0, 1.0)


def test_no_miss_among_the_rows_leaves_about_three_in_as_many_possible():
    low, high = interval(np.ones(2000), 10**9)
    assert high == 1.0
    assert 1 - 4 / 2000 < low < 1 - 3 / 2000


def test_no_hit_among_the_rows_leaves_about_three_in_as_many_possible():
    low, high = interval(np.zeros(2000), 10**9)
    assert low == 0.0
    assert 3 / 2000 < high < 4 / 2000


def test_all_rows_judged_leave_no_doubt():
    assert interval(np.array([1.0, 0.5, 0.0]), 3) == (0.5, 0.5)


@settings(max_examples=100, deadline=None)
@given(
    arrays(np.float64, st.integers(1, 50), elements=st.sampled_from([0.0, 0.1, 0.5, 0.9, 1.0])),
    st.integers(0, 1000),
)
def test_the_interval_holds_the_mean_and_stays_within_0_and_1(recalls, unseen):
    low, high = interval(recalls, len(recalls) + unseen)
    assert 0 <= low <= recalls.mean() + 1e-12
    assert recalls.mean() - 1e-12 <= high <= 1


def populations(recall, rng, n=20_000, k=10):
    """Row recalls of mean ``recall``: misses spread evenly, in clumps, in few rows, all or nothing."""
    yield rng.binomial(k, recall, n) / k
    for clumping in (0.1, 0.4, 0.8):
        weight = 1 / clumping - 1
        yield rng.binomial(k, rng.beta(recall * weight, (1 - recall) * weight, n)) / k
    yield np.where(rng.random(n) < 2 * (1 - recall), rng.random(n), 1.0)
    bad = rng.random(n) < (1 - recall) / 1.8
    yield np.where(bad, 0.1, rng.binomial(k, (1 + recall) / 2, n) / k)
    yield (rng.random(n) < recall).astype(float)


@pytest.mark.parametrize(("recall", "least", "most"), [(0.5, 92, 98), (0.95, 92, 98), (0.999, 92, 100)])
def test_the_interval_covers_the_recall_of_all_rows_in_95_percent_of_samples(recall, least, most):
    rng = np.random.default_rng(7)
    for rows in populations(recall, rng):
        samples = [interval(rng.choice(rows, 2000, replace=False), len(rows)) for _ in range(300)]
        covering = np.mean([low <= rows.mean() <= high for low, high in samples])
        assert least <= 100 * covering <= most
