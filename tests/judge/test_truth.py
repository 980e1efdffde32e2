import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from bench.judge.truth import cached_truth, exact_neighbors, sample_rows
from tests.judge.slow_truth import hard_points, normal, slow_neighbors, tight_clusters, twenty_times

HARD = hard_points()


@pytest.mark.parametrize("name", HARD)
def test_the_truth_is_float64_brute_force_on_points_that_are(name):
    points = HARD[name]
    rows = np.arange(0, len(points), 7)
    truth = exact_neighbors(points, rows, 10, threads=2)
    indices, distances = slow_neighbors(points, rows, 10)
    np.testing.assert_array_equal(truth.rows, rows)
    np.testing.assert_array_equal(truth.indices, indices)
    np.testing.assert_allclose(truth.distances, distances, rtol=1e-14, atol=0)


@settings(max_examples=60, deadline=None)
@given(
    points=arrays(
        np.float32,
        st.tuples(st.integers(2, 40), st.integers(1, 4)),
        elements=st.one_of(
            st.sampled_from([0.0, -0.0, 1.0, 1.0 + 2**-23, 1e6, 1e-6]),
            st.floats(-(2.0**100), 2.0**100, width=32),
        ),
    ),
    k=st.integers(1, 12),
)
def test_the_truth_is_float64_brute_force_on_any_points(points, k):
    k = min(k, len(points) - 1)
    rows = np.arange(len(points))
    indices, distances = slow_neighbors(points, rows, k)
    truth = exact_neighbors(points, rows, k)
    np.testing.assert_allclose(truth.distances, distances, rtol=1e-14, atol=0)
    for row in rows:  # ids may differ only where float64 rounds equal distances apart
        differ = truth.indices[row] != indices[row]
        near = np.isclose(truth.distances[row], distances[row], rtol=1e-14, atol=0)
        assert np.all(near[differ])
        assert row not in truth.indices[row]
        assert len(set(truth.indices[row])) == k


@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("memory_bytes", [1 << 20, 1 << 30])
@pytest.mark.parametrize("points", [normal(1, 6000, 5), twenty_times(2, 6000, 5)], ids=["plain", "copies"])
def test_neither_threads_nor_memory_change_the_truth(points, threads, memory_bytes):
    rows = sample_rows(len(points), 300)
    truth = exact_neighbors(points, rows, 12, threads=threads, memory_bytes=memory_bytes)
    expected = exact_neighbors(points, rows, 12)
    assert truth.indices.tobytes() == expected.indices.tobytes()
    assert truth.distances.tobytes() == expected.distances.tobytes()


def test_points_that_float32_cannot_tell_apart_are_told_apart_in_float64():
    points, _ = tight_clusters(1, 40_000, 16, 4)
    points[0] = 1e3
    rows = sample_rows(len(points), 12)
    truth = exact_neighbors(points, rows, 10, memory_bytes=1 << 20)
    indices, _ = slow_neighbors(points, rows, 10)
    np.testing.assert_array_equal(truth.indices, indices)


def test_no_rows_have_an_empty_truth():
    truth = exact_neighbors(normal(1, 9, 2), np.empty(0, np.int64), 3)
    assert truth.indices.shape == truth.distances.shape == (0, 3)


def test_every_other_point_can_be_a_neighbor():
    points = normal(1, 30, 3)
    truth = exact_neighbors(points, np.arange(30), 29)
    assert all(set(ids) == set(range(30)) - {row} for row, ids in enumerate(truth.indices.tolist()))


@pytest.mark.parametrize("k", [0, 5])
def test_a_k_that_the_points_do_not_have_is_refused(k):
    with pytest.raises(ValueError, match=f"k must be 1 to 4 for 5 points, got {k}"):
        exact_neighbors(normal(1, 5, 2), np.arange(5), k)


def test_the_sample_is_the_same_each_time_and_without_repetition():
    rows = sample_rows(1000, 100)
    np.testing.assert_array_equal(rows, sample_rows(1000, 100, answered=np.ones(1000, bool)))
    assert len(np.unique(rows)) == 100
    assert np.all(np.diff(rows) > 0)


def test_a_larger_sample_holds_the_smaller_one():
    assert set(sample_rows(1000, 50)) <= set(sample_rows(1000, 100))


def test_only_answered_rows_are_sampled():
    answered = np.arange(1000) % 3 == 0
    rows = sample_rows(1000, 200, answered=answered)
    assert len(rows) == 200
    assert np.all(answered[rows])
    np.testing.assert_array_equal(sample_rows(1000, "all", answered=answered), np.flatnonzero(answered))
    np.testing.assert_array_equal(sample_rows(1000, 999, answered=answered), np.flatnonzero(answered))


def test_a_sample_of_no_rows_is_refused():
    with pytest.raises(ValueError, match="truth rows must be at least 1, or all, got 0"):
        sample_rows(10, 0)


@pytest.fixture
def staged(tmp_path):
    path = tmp_path / "points.npy"
    np.save(path, normal(1, 200, 4))
    return path


def test_a_truth_is_computed_once(staged, tmp_path):
    rows = np.arange(20)
    first = cached_truth(staged, "hash", 5, rows, tmp_path / "cache")
    staged.unlink()
    again = cached_truth(staged, "hash", 5, rows, tmp_path / "cache")
    np.testing.assert_array_equal(again.indices, first.indices)
    np.testing.assert_array_equal(again.distances, first.distances)


def test_other_points_rows_or_k_have_a_truth_of_their_own(staged, tmp_path):
    cached_truth(staged, "hash", 5, np.arange(20), tmp_path)
    cached_truth(staged, "other", 5, np.arange(20), tmp_path)
    cached_truth(staged, "hash", 6, np.arange(20), tmp_path)
    cached_truth(staged, "hash", 5, np.arange(21), tmp_path)
    assert len(list(tmp_path.glob("truth-*"))) == 4


@pytest.mark.parametrize("n_bytes", [0, 1, 100, -1])
def test_a_torn_cached_truth_is_computed_anew(staged, tmp_path, n_bytes):
    rows = np.arange(20)
    first = cached_truth(staged, "hash", 5, rows, tmp_path)
    (file,) = tmp_path.glob("truth-*")
    whole = file.read_bytes()
    file.write_bytes(whole[:n_bytes])
    np.testing.assert_array_equal(cached_truth(staged, "hash", 5, rows, tmp_path).indices, first.indices)
    assert file.read_bytes() == whole


def test_a_cached_truth_with_a_changed_byte_is_computed_anew(staged, tmp_path):
    rows = np.arange(20)
    first = cached_truth(staged, "hash", 5, rows, tmp_path)
    (file,) = tmp_path.glob("truth-*")
    torn = bytearray(file.read_bytes())
    torn[250] ^= 1
    file.write_bytes(torn)
    np.testing.assert_array_equal(cached_truth(staged, "hash", 5, rows, tmp_path).indices, first.indices)


def test_a_cache_that_cannot_be_written_is_done_without(staged, tmp_path):
    blocked = tmp_path / "file"
    blocked.touch()
    assert cached_truth(staged, "hash", 5, np.arange(3), blocked).indices.shape == (3, 5)
