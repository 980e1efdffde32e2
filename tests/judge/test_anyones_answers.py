"""Answers of other tools, in their layouts, numbers and units: read right, or named for what they are."""

import h5py
import numpy as np
import pytest
from scipy import sparse

from bench.judge.distance_kinds import KINDS
from bench.judge.export import save_neighbors
from bench.judge.external import read_external
from bench.judge.truth import exact_neighbors
from tests.judge.slow_truth import normal, on_the_sphere

N, K = 200, 6
POINTS = normal(1, N, 8)
TRUTH = exact_neighbors(POINTS, np.arange(N), K)
IDS, DISTANCES = TRUTH.indices, TRUTH.distances
UNIT = on_the_sphere(POINTS)
UNIT_TRUTH = exact_neighbors(UNIT, np.arange(N), K)


def read(path, *more, points=POINTS, **options):
    return read_external([path, *more], N, points=points, **options)


def assert_right(found, truth=TRUTH):
    np.testing.assert_array_equal(found.answers.indices, truth.indices)
    np.testing.assert_allclose(found.answers.distances, truth.distances, atol=1e-5)


def graph(order=None):
    rows = np.repeat(np.arange(N), K)
    matrix = sparse.csr_matrix((DISTANCES.ravel(), (rows, IDS.ravel())), shape=(N, N))
    matrix.sort_indices()
    return matrix


def hdf5(path, **arrays):
    with h5py.File(path, "w") as file:
        for name, array in arrays.items():
            file[name.replace("__", "/")] = array


def vecs(path, array):
    width = np.full((len(array), 1), array.shape[1], "<i4")
    path.write_bytes(np.hstack([width, np.ascontiguousarray(array).view("<i4")]).tobytes())


def anndata(path):
    matrix = graph()
    hdf5(
        path,
        obsp__distances__data=matrix.data,
        obsp__distances__indices=matrix.indices,
        obsp__distances__indptr=matrix.indptr,
        obsp__connectivities__data=matrix.data,
        obsp__connectivities__indices=matrix.indices,
        obsp__connectivities__indptr=matrix.indptr,
        X=POINTS,
    )


LAYOUTS = {
    "umap.npz": lambda path: np.savez(path, knn_indices=IDS, knn_dists=DISTANCES),
    "faiss.npz": lambda path: np.savez(path, I=IDS, D=DISTANCES),
    "swapped.npz": lambda path: np.savez(path, indices=DISTANCES, distances=IDS),
    "graph.npz": lambda path: sparse.save_npz(path, graph()),
    "coo.npz": lambda path: sparse.save_npz(path, graph().tocoo()),
    "ann_benchmarks.hdf5": lambda path: hdf5(path, neighbors=IDS, distances=DISTANCES),
    "sisap.h5": lambda path: hdf5(path, allknn__knns=IDS + 1, allknn__dists=DISTANCES),
    "several.h5": lambda path: hdf5(
        path, itest__knns=IDS[:9], itest__dists=DISTANCES[:9], all__knns=IDS, all__dists=DISTANCES
    ),
    "scanpy.h5ad": anndata,
    "ids.npy": lambda path: np.save(path, IDS),
    "ids.ivecs": lambda path: vecs(path, IDS.astype("<i4")),
    "ids.ibin": lambda path: path.write_bytes(
        np.array([N, K], "<u4").tobytes() + IDS.astype("<i4").tobytes()
    ),
}


@pytest.mark.parametrize("name", LAYOUTS)
def test_every_layout_is_read_as_the_same_neighbors(tmp_path, name):
    LAYOUTS[name](tmp_path / name)
    assert_right(read(tmp_path / name))


def test_our_own_graph_is_read_again(tmp_path):
    save_neighbors(tmp_path / "a.npz", read_external_answers(tmp_path), graph=True)
    assert_right(read(tmp_path / "a.npz"))


def read_external_answers(tmp_path):
    np.savez(tmp_path / "own.npz", indices=IDS, distances=DISTANCES)
    return read(tmp_path / "own.npz").answers


def test_ids_with_their_distances_beside_them_in_vecs(tmp_path):
    vecs(tmp_path / "a.ivecs", IDS.astype("<i4"))
    vecs(tmp_path / "a.fvecs", DISTANCES.astype("<f4"))
    assert_right(read(tmp_path / "a.ivecs", tmp_path / "a.fvecs"))


def test_two_arrays_in_either_order(tmp_path):
    np.save(tmp_path / "i.npy", IDS)
    np.save(tmp_path / "d.npy", DISTANCES)
    assert_right(read(tmp_path / "i.npy", tmp_path / "d.npy"))
    found = read(tmp_path / "d.npy", tmp_path / "i.npy")
    assert_right(found)
    assert "d.npy: ids and distances were the other way round" in found.notes


def test_ids_that_count_from_1_are_found_out_although_the_last_point_is_nobodys_neighbor(tmp_path):
    far = np.vstack([POINTS[:-1], np.full((1, 8), 100.0)]).astype(np.float32)
    truth = exact_neighbors(far, np.arange(N), K)
    assert truth.indices[:-1].max() < N - 1
    for distances in ({"distances": truth.distances}, {}):
        np.savez(tmp_path / "a.npz", indices=truth.indices + 1, **distances)
        found = read(tmp_path / "a.npz", points=far)
        np.testing.assert_array_equal(found.answers.indices, truth.indices)
        assert "ids count from 1: so they agree with the points" in found.notes


@pytest.mark.parametrize("dtype", [np.uint32, np.int64, np.uint64, np.int32, np.float64])
def test_a_missing_neighbor_is_missing_however_it_is_marked(tmp_path, dtype):
    mark = np.nan if dtype is np.float64 else np.iinfo(dtype).max
    ids, distances = IDS.astype(dtype), DISTANCES.astype(np.float32)
    ids[7, -1], distances[7, -1] = mark, np.finfo(np.float32).max
    np.savez(tmp_path / "a.npz", indices=ids, distances=distances)
    answers = read(tmp_path / "a.npz").answers
    assert (answers.indices[7, -1], answers.distances[7, -1]) == (-1, np.inf)
    np.testing.assert_array_equal(answers.indices[:7], IDS[:7])


@pytest.mark.parametrize("kind", ["squared", "negated", "negated-squared"])
def test_other_numbers_than_distances_are_named_and_taken_when_named(tmp_path, kind):
    np.savez(tmp_path / "a.npz", indices=IDS, distances=KINDS[kind][1](DISTANCES))
    with pytest.raises(ValueError, match=rf"a\.npz: these look like .*: --distances {kind}$"):
        read(tmp_path / "a.npz")
    assert_right(read(tmp_path / "a.npz", distances=kind))


@pytest.mark.parametrize(
    "kind", ["euclidean", "squared", "similarity", "angle", "angle-of-pi", "negated-cosine"]
)
def test_other_numbers_than_cosine_distances_are_named_too(tmp_path, kind):
    given = KINDS[kind][1](UNIT_TRUTH.distances)
    np.savez(tmp_path / "a.npz", indices=UNIT_TRUTH.indices, distances=given)
    with pytest.raises(ValueError, match=rf": --distances {kind}$"):
        read(tmp_path / "a.npz", points=UNIT, metric="cosine")
    assert_right(read(tmp_path / "a.npz", points=UNIT, metric="cosine", distances=kind), UNIT_TRUTH)


def test_distances_in_float16_are_compared_to_their_precision(tmp_path):
    np.savez(tmp_path / "a.npz", indices=IDS, distances=DISTANCES.astype(np.float16))
    found = read(tmp_path / "a.npz")
    np.testing.assert_allclose(found.answers.distances, DISTANCES, rtol=1e-6)
    assert "distances are float16: they were compared to that precision" in found.notes


def test_a_flaw_is_said_in_the_numbers_of_the_file(tmp_path):
    cosine = UNIT_TRUTH.distances**2 / 2
    cosine[3, -1] = 1.75
    ids = UNIT_TRUTH.indices.astype(np.uint32) + 1
    np.savez(tmp_path / "a.npz", indices=ids, distances=cosine)
    found = read(tmp_path / "a.npz", points=UNIT, metric="cosine")
    right = UNIT_TRUTH.distances[3, -1] ** 2 / 2
    assert found.own_words.first_flaw(UNIT, np.arange(N)) == (
        f"row 3: the file has 1.75 for {ids[3, -1]}, by the points it is {right:.6g}"
    )
    ids[5, 0] = 4_000_000_000
    np.savez(tmp_path / "a.npz", indices=ids, distances=cosine)
    found = read(tmp_path / "a.npz", points=UNIT, metric="cosine")
    assert found.own_words.first_flaw(UNIT, np.arange(N)) == (
        f"row 5: id 4000000000 is out of range, allowed are 1 to {N}"
    )


def test_of_answers_for_a_whole_file_those_of_the_rows_taken_are_read(tmp_path):
    kept = np.delete(np.arange(N), [3, 50])
    np.savez(tmp_path / "a.npz", indices=IDS, distances=DISTANCES)
    found = read_external([tmp_path / "a.npz"], len(kept), K, row_numbers=kept, points=POINTS[kept])
    answers = found.answers
    assert answers.indices.shape == (len(kept), K)
    there = np.isin(IDS[kept], kept)
    np.testing.assert_array_equal(kept[answers.indices[there]], IDS[kept][there])


def test_distances_alone_are_refused(tmp_path):
    np.save(tmp_path / "a.npy", DISTANCES)
    with pytest.raises(ValueError, match=r"a\.npy: ids are needed, these float64 look like distances"):
        read(tmp_path / "a.npy")
