"""A screen in whole numbers: what it says of how far apart points are holds for all pairs."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from numpy.typing import NDArray

from allknn import _native_words
from allknn.exact.words import Words


def unpacked(words: Words, width: int) -> NDArray[np.int64]:
    """Return the whole numbers of all columns, (n, width)."""
    fine = words.rows[:, : words.n_fine].copy().view(np.int16)
    return np.hstack([fine, words.rows[:, words.n_fine :].copy().view(np.int8)]).astype(np.int64)[:, :width]


@pytest.mark.parametrize(("near", "spread"), [(0.05, 0.1), (0.05, 1.0), (0.05, 30.0), (0.002, 1.0)])
@pytest.mark.parametrize("width", [3, 16, 50])
def test_whole_numbers_are_no_farther_apart_than_points_and_errors(
    near: float, spread: float, width: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_native_words, "has_words", lambda: True)
    rows = np.random.default_rng(0).standard_normal((100, width)).astype(np.float32)
    rows[:, : width // 2] *= np.float32(spread)
    rows /= np.float32(2 * np.linalg.norm(rows, axis=1).max())
    off = np.zeros(len(rows), np.float32)
    with ThreadPoolExecutor(1) as pool:
        words = Words.of(rows, off, np.array([near]), 0.5, pool)
    assert words is not None
    last = words.first_tested_after(len(words.stages) - 1)
    assert np.array_equal(last.x_bias[:, 0], words.x_bias.sum(axis=1))
    assert (last.stages, last.errors) == (words.stages[-1:], words.errors[-1:])
    whole = unpacked(words, width)
    assert words.n_fine > 0 or near > 0.002 or width < 4
    for stage, n_words in enumerate(words.stages):
        columns = min(width, 2 * n_words if n_words <= words.n_fine else 4 * n_words - 2 * words.n_fine)
        apart = np.sqrt(((whole[:, None, :columns] - whole[None, :, :columns]) ** 2).sum(axis=2))
        truth = np.sqrt(((rows[:, None].astype(float) - rows[None].astype(float)) ** 2).sum(axis=2))
        assert np.all(apart <= truth * words.steps + 2 * words.errors[stage])
        norms = (whole[:, :columns] ** 2).sum(axis=1)
        assert np.array_equal(words.y_bias[:, : stage + 1].sum(axis=1), -(norms // 2))
        sums = whole[:, 2 * words.n_fine : columns].sum(axis=1)
        assert np.array_equal(words.x_bias[:, : stage + 1].sum(axis=1), -(norms // 2) - 128 * sums)
