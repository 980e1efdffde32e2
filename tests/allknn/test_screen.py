"""The exact join through a screen of leading components: the same bytes, whatever the screen shows."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from allknn import _native_screen, _native_words
from allknn._native import LEAF
from allknn.exact import components, join
from allknn.exact.points import Lists
from allknn.exact.screen import Trial
from tests.allknn.test_exact_join import KINDS, answered, brute_force, drawn, same_bytes


def screened(points: NDArray[np.float32], monkeypatch: pytest.MonkeyPatch) -> join.Join:
    """Order points, though they be few, by their components."""
    monkeypatch.setattr(join, "FEWEST", 1)
    monkeypatch.setattr(Trial, "pays", True)
    return join.Join(points, 1)


@pytest.mark.slow
@settings(max_examples=100, deadline=None)
@given(
    kind=st.sampled_from(KINDS),
    n=st.integers(2, 3 * LEAF),
    d=st.one_of(st.integers(1, 70), st.sampled_from([130, 300])),
    k=st.integers(1, 30),
    scale=st.sampled_from([1e-4, 1.0, 1e4]),
    seed=st.integers(0, 1 << 30),
    words=st.booleans(),
    whole=st.booleans(),
)
@example("uniform", 300, 2000, 5, 1.0, 0, True, False)  # their components take seconds to find
@example("grid", 2 * LEAF, 2000, 30, 1e4, 1, False, False)
def test_answers_through_a_screen_are_those_of_brute_force_to_the_byte(
    kind: str, n: int, d: int, k: int, scale: float, seed: int, words: bool, whole: bool
) -> None:
    n = min(n, 2 * LEAF) if d > 70 else n
    points = drawn(kind, n, d, scale, seed)
    k = min(k, n - 1)
    with pytest.MonkeyPatch.context() as monkeypatch:
        if not words:  # as on a processor without
            monkeypatch.setattr(_native_words, "has_words", lambda: False)
        if whole:  # as of more points
            monkeypatch.setattr(components, "_POINTS_A_FEATURE", 0)
        screened(points, monkeypatch)
        assert same_bytes(answered(points, k), brute_force(points, k))


@pytest.mark.parametrize("kind", ["uniform", "grid", "far"])
def test_many_nodes_join_to_the_same_bytes(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    points = drawn(kind, 12 * LEAF + 7, 20, 1.0, 0)
    points[:, 5:] *= 0.1
    screened(points, monkeypatch)
    expected = brute_force(points, 10)
    assert all(same_bytes(answered(points, 10, threads), expected) for threads in (1, 3))


@pytest.mark.parametrize(
    ("spread", "words", "pays"), [(0.01, True, True), (0.01, False, True), (1.0, False, False)]
)
def test_a_screen_is_looked_at_where_few_components_tell_much(
    spread: float, words: bool, pays: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not words:
        monkeypatch.setattr(_native_words, "has_words", lambda: False)
    points = drawn("uniform", join.FEWEST, 64, 1.0, 0)
    points[:, 6:] *= np.float32(spread)
    assert (join.Join(points, 2)._screen is not None) == pays


def test_bounds_from_leaves_nearby_are_those_of_points(monkeypatch: pytest.MonkeyPatch) -> None:
    points = drawn("uniform", 10 * LEAF, 7, 1.0, 0)
    whole = screened(points, monkeypatch)
    assert whole._screen is not None
    n_leaves, found = len(whole.ordered.radii), np.zeros(len(points), np.float32)
    _native_screen.bound_nearby(whole.ordered, whole._screen, (0, n_leaves), n_leaves, 5, 9, found)
    _, distances = brute_force(points[whole.ordered.order], 5)
    last = np.sqrt(-2 * found.astype(float)) / whole.ordered.scale
    assert np.all(last >= distances[:, -1])
    assert np.allclose(last, distances[:, -1], rtol=1e-4)


def test_directions_are_orthonormal_and_the_first_spreads_most() -> None:
    points = drawn("uniform", 500, 20, 1.0, 0)
    points *= np.arange(1, 21, dtype=np.float32)
    found = components.find(points, np.arange(500, dtype=np.int32))
    assert found is not None
    assert np.allclose(found.directions @ found.directions.T, np.eye(20), atol=1e-8)
    assert np.abs(found.directions[0]).argmax() == 19


def test_ranges_that_are_no_nodes_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = screened(drawn("uniform", 10 * LEAF, 7, 1.0, 0), monkeypatch)
    assert whole._screen is not None
    lists, memory = Lists.empty(whole.ordered, 5), _native_screen.join_memory(5, whole._screen)
    with pytest.raises(ValueError, match="nodes of at most 5 of 10 leaves are needed, got"):
        _native_screen.join(whole.ordered, whole._screen, (1, 3), (5, 10), lists, 5, memory)
