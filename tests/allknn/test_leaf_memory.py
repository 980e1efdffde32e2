"""The join by leaves takes bounded memory, and vectors of any type as they are."""

import numpy as np
import pytest

import allknn
from allknn import _native_leaves
from allknn.approximate import buckets
from allknn.approximate.leaf_join import LeafJoin
from allknn.approximate.lists import Division
from allknn.approximate.parameters import Parameters
from bench.judge import exact_neighbors


def test_a_thread_needs_less_than_100_mib_however_long_and_however_many_the_points_of_a_bucket_are() -> None:
    for fan_out, n_features in ((12, 1536), (12, 128), (5, 64)):
        division = Division.of(10**6, 1000, 10)
        memory = _native_leaves.bucket_memory(buckets.most_points(fan_out), n_features, 10, division)
        assert memory.nbytes < 100 << 20


def test_what_is_too_large_is_parted_the_same_wherever_its_points_lie() -> None:
    rng = np.random.default_rng(0)
    points = rng.random((3000, 5), np.float32)
    members = np.sort(rng.choice(3000, 1000, replace=False)).astype(np.int32)
    rows = rng.permutation(3000).astype(np.int32)
    elsewhere = np.empty_like(points)
    elsewhere[rows] = points
    one = buckets.parted(points, np.arange(3000, dtype=np.int32), 7, members, 300)
    other = buckets.parted(elsewhere, rows, 7, members, 300)
    assert [bucket.members.tolist() for bucket in one] == [bucket.members.tolist() for bucket in other]
    assert np.array_equal(np.sort(np.concatenate([bucket.members for bucket in one])), members)
    assert max(len(bucket.members) for bucket in one) <= 300


def test_a_bucket_too_large_to_be_copied_is_answered_where_its_points_lie() -> None:
    points = np.random.default_rng(0).random((1050, 8000), np.float32)
    assert points.size > 1 << 23
    *_, (rows, _, distances) = LeafJoin(points, Parameters(), 2).run(3)
    true = exact_neighbors(points, rows[::50], 3, threads=2)
    assert np.allclose(distances[::50], true.distances, rtol=1e-6)


@pytest.mark.parametrize("dtype", [np.float16, np.int8, np.uint8])
def test_half_precision_and_bytes_are_answered_as_their_float32_is(dtype: type) -> None:
    points = (np.random.default_rng(0).normal(size=(12_000, 6)) * 20 + 60).astype(dtype)
    taken, wide = (
        allknn.nearest_neighbors(values, 5, recall=0.8, n_jobs=2)
        for values in (points, points.astype(np.float32))
    )
    assert not taken.exact
    assert taken.indices.tobytes() == wide.indices.tobytes()
    assert taken.distances.tobytes() == wide.distances.tobytes()
