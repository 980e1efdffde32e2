"""Neighbors in Parquet as people write them: in the order of rows or not, called by ids, or pair by pair."""

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from bench.answers import Answers
from bench.judge.external import read_external
from bench.judge.parts import write_parts
from bench.judge.truth import exact_neighbors

N, K = 300, 6
POINTS = np.random.default_rng(0).standard_normal((N, 5)).astype(np.float32)
TRUTH = exact_neighbors(POINTS, np.arange(N), K)
NAMES = pa.array([f"p{i}" for i in range(N)])
MIXED = np.random.default_rng(1).permutation(N)


def structs(names, ids=None):
    called = range(N) if ids is None else ids.to_pylist()
    rows = zip(TRUTH.indices.tolist(), TRUTH.distances.tolist(), strict=True)
    return [
        [dict(zip(names, (called[i], d), strict=True)) for i, d in zip(*row, strict=True)] for row in rows
    ]


TABLES = {
    "lists in order": {"indices": list(TRUTH.indices), "distances": list(TRUTH.distances)},
    "lists of rows in any order": {
        "id": MIXED,
        "neighbors": list(TRUTH.indices[MIXED]),
        "distances": list(TRUTH.distances[MIXED]),
    },
    "structs": {"id": np.arange(N), "neighbors": structs(("id", "distance"))},
    "structs of other names": {"query": np.arange(N), "neighbors": structs(("neighbor", "dist"))},
    "ids from 1": {
        "row": np.arange(N),
        "neighbor": list(TRUTH.indices + 1),
        "distance": list(TRUTH.distances),
    },
    "pairs": {
        "src": np.repeat(np.arange(N), K)[::-1],
        "dst": TRUTH.indices.ravel()[::-1],
        "distance": TRUTH.distances.ravel()[::-1],
    },
    "ids alone": {"row": np.arange(N), "knn": list(TRUTH.indices)},
}


@pytest.mark.parametrize("name", TABLES)
def test_a_table_of_neighbors_is_understood(tmp_path, name):
    pq.write_table(pa.table(TABLES[name]), tmp_path / "a.parquet")
    found = read_external([tmp_path / "a.parquet"], N, points=POINTS)
    np.testing.assert_array_equal(found.answers.indices, TRUTH.indices)
    np.testing.assert_allclose(found.answers.distances, TRUTH.distances, rtol=1e-5)


def test_neighbors_called_by_the_users_ids_are_read_as_they_are_saved(tmp_path):
    answers = Answers(TRUTH.indices.astype(np.int32), TRUTH.distances.astype(np.float32), np.ones(N, bool))
    answers.indices[4, -1], answers.distances[4, -1] = -1, np.inf
    write_parts(tmp_path / "out.parquet", answers, ids=NAMES)
    found = read_external([tmp_path / "out.parquet"], N, points=POINTS, ids=NAMES)
    np.testing.assert_array_equal(found.answers.indices, answers.indices)
    np.testing.assert_array_equal(found.answers.distances, answers.distances)
    with pytest.raises(ValueError, match="ids are string, not row numbers: name the points' own with --id"):
        read_external([tmp_path / "out.parquet"], N, points=POINTS)
    with pytest.raises(ValueError, match="id 'p0' is none of the points'"):
        read_external([tmp_path / "out.parquet"], N, points=POINTS, ids=pa.array([f"q{i}" for i in range(N)]))


def test_a_table_without_neighbors_says_what_it_needs(tmp_path):
    pq.write_table(pa.table({"a": [1], "b": [2]}), tmp_path / "a.parquet")
    with pytest.raises(
        ValueError, match="no neighbors in it, there are a, b; it needs row, indices, distances"
    ):
        read_external([tmp_path / "a.parquet"], N, points=POINTS)


def test_an_id_that_no_point_has_at_no_distance_is_a_missing_neighbor(tmp_path):
    """As SciPy's kd-tree says that there are no more: n, and infinity."""
    indices = np.where(np.arange(K) == K - 1, N, TRUTH.indices)
    for far in (np.inf, np.nan, np.finfo(np.float32).max):
        distances = np.where(np.arange(K) == K - 1, far, TRUTH.distances)
        np.savez(tmp_path / "a.npz", indices=indices, distances=distances)
        found = read_external([tmp_path / "a.npz"], N, points=POINTS).answers
        np.testing.assert_array_equal(found.indices[:, :-1], TRUTH.indices[:, :-1])
        assert (found.indices[:, -1] == -1).all()


def test_arrays_of_any_name_are_ids_and_distances_where_it_is_plain(tmp_path):
    np.savez(tmp_path / "a.npz", TRUTH.distances, TRUTH.indices)
    found = read_external([tmp_path / "a.npz"], N, points=POINTS)
    np.testing.assert_array_equal(found.answers.indices, TRUTH.indices)
    assert "ids are arr_1, distances arr_0" in found.notes
