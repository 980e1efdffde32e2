import h5py
import numpy as np
import pytest
from scipy import sparse

from bench.answers import Answers
from bench.judge.export import check_target, save_neighbors
from bench.judge.external import read_neighbors
from bench.judge.truth import exact_neighbors
from tests.judge.slow_truth import normal, on_the_sphere, twenty_times

N, K = 60, 5


def answers_of(points):
    truth = exact_neighbors(points, np.arange(len(points)), K)
    return Answers(truth.indices, truth.distances.astype(np.float32), np.ones(len(points), bool))


@pytest.fixture
def answers():
    return answers_of(normal(1, N, 3))


@pytest.mark.parametrize("name", ["a.h5", "a.hdf5", "a.npz"])
@pytest.mark.parametrize("with_self", [False, True])
def test_what_is_written_is_read_back(answers, tmp_path, name, with_self):
    save_neighbors(tmp_path / name, answers, with_self=with_self)
    again = read_neighbors([tmp_path / name], N)
    np.testing.assert_array_equal(again.indices, answers.indices)
    np.testing.assert_array_equal(again.distances, answers.distances)
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_missing_neighbors_are_read_back_as_missing(answers, tmp_path):
    answers.indices[7:9, 2:], answers.distances[7:9, 2:] = -1, np.inf
    save_neighbors(tmp_path / "a.h5", answers)
    again = read_neighbors([tmp_path / "a.h5"], N)
    np.testing.assert_array_equal(again.indices, answers.indices)
    np.testing.assert_array_equal(again.distances, answers.distances)


def test_hdf5_counts_from_zero(answers, tmp_path):
    save_neighbors(tmp_path / "a.h5", answers)
    with h5py.File(tmp_path / "a.h5") as file:
        np.testing.assert_array_equal(file["knns"][:], answers.indices)
        assert (file["knns"].dtype, file["dists"].dtype) == (np.int32, np.float32)


def test_cosine_distances_are_written_and_read_back(tmp_path):
    points = on_the_sphere(normal(1, N, 3))
    answers = answers_of(points)
    save_neighbors(tmp_path / "a.npz", answers, metric="cosine")
    cosine = 1 - np.einsum("id,ikd->ik", points.astype(float), points[answers.indices].astype(float))
    np.testing.assert_allclose(np.load(tmp_path / "a.npz")["distances"], cosine, atol=1e-6)
    again = read_neighbors([tmp_path / "a.npz"], N, metric="cosine")
    np.testing.assert_allclose(again.distances, answers.distances, rtol=1e-6)


def test_with_self_each_point_comes_first_at_distance_zero_even_among_copies(tmp_path):
    save_neighbors(tmp_path / "a.npz", answers_of(twenty_times(1, N, 2)), with_self=True)
    written = np.load(tmp_path / "a.npz")
    assert written["indices"].shape == written["distances"].shape == (N, K + 1)
    np.testing.assert_array_equal(written["indices"][:, 0], np.arange(N))
    np.testing.assert_array_equal(written["distances"][:, 0], 0)


@pytest.mark.parametrize("with_self", [False, True])
def test_a_graph_holds_each_distance_nearest_first_zeros_included(tmp_path, with_self):
    answers = answers_of(twenty_times(1, N, 2))
    answers.indices[3, 2:], answers.distances[3, 2:] = -1, np.inf
    save_neighbors(tmp_path / "a.npz", answers, graph=True, with_self=with_self)
    graph = sparse.load_npz(tmp_path / "a.npz")
    assert (graph.format, graph.shape, graph.dtype) == ("csr", (N, N), np.float32)
    assert graph.nnz == N * K - 3 + N * with_self
    for row in (0, 3, N - 1):
        present = answers.indices[row] >= 0
        ids = [row] * with_self + answers.indices[row][present].tolist()
        assert graph.indices[graph.indptr[row] : graph.indptr[row + 1]].tolist() == ids
    np.testing.assert_array_equal(graph.data[-K:], answers.distances[-1])


@pytest.mark.parametrize(
    ("name", "graph", "reason"),
    [
        ("a.csv", False, r"cannot write neighbors as '\.csv', allowed are \.h5, \.hdf5, \.npz"),
        ("a", False, "a file without ending"),
        ("a.h5", True, r"cannot write a graph as '\.h5', allowed are \.npz"),
    ],
)
def test_another_ending_is_refused_before_anything_is_computed(tmp_path, name, graph, reason):
    with pytest.raises(ValueError, match=reason):
        check_target(tmp_path / name, graph=graph)


def test_a_directory_that_is_not_there_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="does not exist"):
        check_target(tmp_path / "none" / "a.npz")


def test_a_failed_write_leaves_the_old_file_and_nothing_else(answers, tmp_path, monkeypatch):
    (tmp_path / "a.npz").write_bytes(b"old")
    monkeypatch.setattr(np, "savez", lambda *_, **__: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        save_neighbors(tmp_path / "a.npz", answers)
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"old"]
