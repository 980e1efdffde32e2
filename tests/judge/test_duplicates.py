import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from bench.judge import duplicates
from bench.judge.duplicates import group_equal
from tests.judge.slow_truth import normal

SMALL_NUMBERS = st.sampled_from([0.0, -0.0, 1.0, -1.0, 1.0 + 2**-23])


def assert_grouped(points):
    groups = group_equal(points)
    expected = {}
    for i, point in enumerate(points):
        expected.setdefault(tuple(point + np.float32(0.0)), []).append(i)
    by_group = [
        groups.members[a:b].tolist() for a, b in zip(groups.starts[:-1], groups.starts[1:], strict=True)
    ]
    assert by_group == list(expected.values())
    assert groups.first.tolist() == [group[0] for group in expected.values()]
    assert groups.sizes.tolist() == [len(group) for group in expected.values()]


@settings(max_examples=60, deadline=None)
@given(arrays(np.float32, st.tuples(st.integers(1, 60), st.integers(1, 3)), elements=SMALL_NUMBERS))
def test_equal_points_form_a_group_in_the_order_of_their_first(points):
    assert_grouped(points)


def test_points_of_one_hash_that_differ_stay_apart(monkeypatch):
    monkeypatch.setattr(duplicates, "_hash_rows", lambda points: np.zeros(len(points), np.uint64))
    groups = group_equal(normal(1, 50, 2))
    assert groups.sizes.tolist() == [1] * 50


def test_blocks_do_not_change_the_groups(monkeypatch):
    monkeypatch.setattr(duplicates, "_BLOCK_BYTES", 64)
    assert_grouped(np.round(normal(1, 300, 2)))
