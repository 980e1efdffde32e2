"""Answers on disk: what a worker stores is what the judge reads."""

from pathlib import Path

import numpy as np
import pytest

from bench.answers import Answers
from bench.strategy import Neighbors


def block(rows: range | np.ndarray, k: int = 2) -> Neighbors:
    indices = np.tile(np.arange(k, dtype=np.int32), (len(rows), 1))
    return Neighbors(rows, indices, indices.astype(np.float32))


def test_rows_not_answered_hold_minus_one_and_inf(tmp_path: Path) -> None:
    answers = Answers.create(tmp_path, 10, 2)
    answers.store(block(range(3, 6)))
    kept = Answers.open(tmp_path)
    assert kept.rows_answered == 3
    assert np.array_equal(np.flatnonzero(kept.answered), [3, 4, 5])
    assert (kept.indices[~kept.answered] == -1).all()
    assert np.isinf(kept.distances[~kept.answered]).all()


def test_a_block_may_name_its_rows_one_by_one(tmp_path: Path) -> None:
    answers = Answers.create(tmp_path, 10, 2)
    answers.store(block(np.array([9, 0, 4])))
    assert np.array_equal(np.flatnonzero(answers.answered), [0, 4, 9])


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (block(range(8, 12)), "allowed are rows 0 to 9"),
        (block(range(5, 1, -1)), "ascending"),
        (block(np.array([1, 1])), "twice"),
        (block(np.array([-1])), "allowed are 0 to 9"),
        (block(range(2), k=3), "shape"),
    ],
)
def test_a_block_that_cannot_be_right_is_refused(tmp_path: Path, wrong: Neighbors, message: str) -> None:
    answers = Answers.create(tmp_path, 10, 2)
    with pytest.raises(ValueError, match=message):
        answers.store(wrong)


def test_a_row_is_answered_once(tmp_path: Path) -> None:
    answers = Answers.create(tmp_path, 10, 2)
    answers.store(block(range(5)))
    with pytest.raises(ValueError, match="row 4 was answered twice"):
        answers.store(block(range(4, 6)))
