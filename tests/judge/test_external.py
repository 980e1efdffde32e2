import h5py
import numpy as np
import pytest

from bench.judge.external import read_neighbors
from bench.judge.truth import exact_neighbors
from tests.judge.slow_truth import normal, on_the_sphere, twenty_times

N, K = 60, 5
POINTS = normal(1, N, 3)
TRUTH = exact_neighbors(POINTS, np.arange(N), K)
IDS, DISTANCES = TRUTH.indices, TRUTH.distances.astype(np.float32)
OWN = np.arange(N)[:, None]
IDS_WITH_SELF = np.hstack([OWN, IDS])
DISTANCES_WITH_SELF = np.hstack([np.zeros((N, 1), np.float32), DISTANCES])


@pytest.fixture(params=["npy", "npz", "h5", "hdf5"])
def written(request, tmp_path):
    """Writes neighbors in one of the forms and returns the paths."""

    def written(ids, distances):
        path = tmp_path / f"neighbors.{request.param}"
        if request.param == "npy":
            np.save(path, ids)
            np.save(tmp_path / "distances.npy", distances)
            return [path, tmp_path / "distances.npy"]
        if request.param == "npz":
            np.savez(path, indices=ids, distances=distances)
        else:
            with h5py.File(path, "w") as file:
                file["knns"], file["dists"] = ids, distances
        return [path]

    return written


@pytest.fixture
def npz(tmp_path):
    def npz(ids, distances=DISTANCES):
        np.savez(tmp_path / "neighbors.npz", indices=ids, distances=distances)
        return [tmp_path / "neighbors.npz"]

    return npz


@pytest.mark.parametrize("first_id", [0, 1])
@pytest.mark.parametrize("with_self", [False, True])
@pytest.mark.parametrize("k", [K, None])
def test_every_form_is_read_as_the_same_neighbors(written, first_id, with_self, k):
    ids, distances = (IDS_WITH_SELF, DISTANCES_WITH_SELF) if with_self else (IDS, DISTANCES)
    answers = read_neighbors(written(ids.astype(np.int64) + first_id, distances.astype(np.float64)), N, k)
    np.testing.assert_array_equal(answers.indices, IDS)
    np.testing.assert_array_equal(answers.distances, DISTANCES)
    assert (answers.indices.dtype, answers.distances.dtype) == (np.int32, np.float32)
    assert answers.rows_answered == N


def test_the_first_id_can_be_given(npz):
    ids = np.minimum(IDS, N - 2)
    np.testing.assert_array_equal(read_neighbors(npz(ids + 1), N, K).indices, ids + 1)
    np.testing.assert_array_equal(read_neighbors(npz(ids + 1), N, K, first_id=1).indices, ids)


def test_self_is_taken_out_by_id_wherever_it_stands(npz):
    points = twenty_times(1, N, 2)
    truth = exact_neighbors(points, np.arange(N), K)
    ids = np.insert(truth.indices, 2, np.arange(N), axis=1)
    ids[7] = [i for i in range(10, 16) if i != 7]  # self crowded out by its copies
    answers = read_neighbors(npz(ids, np.zeros(ids.shape)), N, K)
    np.testing.assert_array_equal(np.delete(answers.indices, 7, 0), np.delete(truth.indices, 7, 0))
    np.testing.assert_array_equal(answers.indices[7], range(10, 15))


def test_more_columns_than_k_are_cut(npz):
    answers = read_neighbors(npz(IDS_WITH_SELF, DISTANCES_WITH_SELF), N, 3)
    np.testing.assert_array_equal(answers.indices, IDS[:, :3])
    np.testing.assert_array_equal(answers.distances, DISTANCES[:, :3])


@pytest.mark.parametrize("first_id", [0, 1])
def test_missing_neighbors_stay_missing_and_impossible_ids_impossible(npz, first_id):
    ids = IDS.astype(np.int64) + first_id
    ids[3, 3:] = -1
    ids[4, 0] = 1 << 40
    ids[5, 0] = -9
    answers = read_neighbors(npz(ids), N, K, first_id=first_id)
    np.testing.assert_array_equal(answers.indices[3, 3:], [-1, -1])
    np.testing.assert_array_equal(answers.distances[3, 3:], [np.inf, np.inf])
    assert answers.indices[4, 0] >= N
    assert answers.indices[5, 0] < -1


def test_cosine_distances_become_euclidean_ones_of_unit_vectors(npz):
    points = on_the_sphere(POINTS)
    truth = exact_neighbors(points, np.arange(N), K)
    cosine = 1 - np.einsum("id,ikd->ik", points.astype(float), points[truth.indices].astype(float))
    cosine[0, 0] = -1e-9
    answers = read_neighbors(npz(truth.indices, cosine), N, K, metric="cosine")
    np.testing.assert_allclose(answers.distances[1:], truth.distances[1:], atol=1e-6)
    assert answers.distances[0, 0] == 0


@pytest.mark.parametrize(
    ("ids", "distances", "n_samples", "k", "reason"),
    [
        (IDS[0], DISTANCES[0], N, K, r"ids have shape \(5,\) and distances \(5,\), expected both \(n, k\)"),
        (IDS, DISTANCES[:, :3], N, K, r"shape \(60, 5\) and distances \(60, 3\)"),
        (IDS, DISTANCES, N + 1, K, "neighbors of 60 points, the workload has 61"),
        (IDS + 0.5, DISTANCES, N, K, "ids are float64, distances float32, expected integers"),
        (IDS.T, DISTANCES.T, N, K, r"neighbors of 5 points, the workload has 60: is it turned round\?"),
        (IDS, DISTANCES, N, K + 1, "k is 6, allowed are 1 to 5, the columns there are"),
        (IDS, DISTANCES, N, 0, "k is 0, allowed are 1 to 5"),
    ],
)
def test_neighbors_that_do_not_fit_are_refused_in_one_line(npz, ids, distances, n_samples, k, reason):
    with pytest.raises(ValueError, match=reason) as error:
        read_neighbors(npz(ids, distances), n_samples, k)
    assert "neighbors.npz" in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("name", ["torn.npz", "torn.h5", "torn.npy", "empty.npz", "empty.h5", "empty.npy"])
def test_a_file_that_is_not_what_its_name_says_is_refused_in_one_line(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(b"" if name.startswith("empty") else b"PK\x03\x04 not really")
    with pytest.raises(ValueError, match=name) as error:
        read_neighbors([path, path] if name.endswith("npy") else [path], N, K)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("name", ["missing.npz", "missing.h5", "missing.npy"])
def test_a_file_that_is_not_there_is_named(tmp_path, name):
    path = tmp_path / name
    with pytest.raises(FileNotFoundError, match=name):
        read_neighbors([path, path] if name.endswith("npy") else [path], N, K)


def test_keys_that_are_not_there_are_named_with_those_that_are(tmp_path):
    np.savez(tmp_path / "a.npz", numbers=IDS, others=IDS, distances=DISTANCES)
    with pytest.raises(ValueError, match=r"no ids in it, there is distances, numbers, others"):
        read_neighbors([tmp_path / "a.npz"], N, K)
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["knns"] = IDS
    with pytest.raises(ValueError, match=r"there are ids only, and no points to measure their distances"):
        read_neighbors([tmp_path / "a.h5"], N, K)


@pytest.mark.parametrize("names", [["a.csv"], ["a.npz", "b.npz"], []])
def test_other_sets_of_files_are_refused(tmp_path, names):
    for name in names:
        (tmp_path / name).touch()
    with pytest.raises(ValueError, match=r"allowed are two \.npy \(ids, distances\)"):
        read_neighbors([tmp_path / name for name in names], N, K)


def test_pickled_objects_are_never_read(tmp_path):
    np.save(tmp_path / "a.npy", np.array([{}, 1], object), allow_pickle=True)
    with pytest.raises(ValueError, match=r"a\.npy: not a readable"):
        read_neighbors([tmp_path / "a.npy"] * 2, N, K)
