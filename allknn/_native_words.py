"""The compiled core's functions for screens in whole numbers, typed as in ``_native.py``."""

import ctypes
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from allknn._arrays import read, written
from allknn._library import load

if TYPE_CHECKING:
    from allknn.exact.words import Words as ScreenWords


class Words(ctypes.Structure):
    """``ScreenWords`` as C++ has it."""

    _fields_ = (
        *((name, ctypes.c_void_p) for name in ("words", "x_bias", "y_bias", "errors", "stages")),
        *((name, ctypes.c_int64) for name in ("n_stages", "n_words", "n_fine")),
        ("steps", ctypes.c_double),
    )


def has_words() -> bool:
    """Return whether the processor has what it takes to look at words."""
    return bool(load().has_words())


def round_rows(
    rows: NDArray[np.float32],
    off: NDArray[np.float32],
    stages: NDArray[np.int64],
    n_fine: int,
    steps: float,
    words: NDArray[np.int32],
    x_bias: NDArray[np.int32],
    y_bias: NDArray[np.int32],
) -> NDArray[np.float32]:
    """Write rows, ``off`` as `arrange_rows` has it, in words, and their biases; return the errors.

    ``stages`` are of columns; the first ``n_fine``, a multiple of 4, are of two bytes. No row may be
    longer than 2^14 steps.
    """
    (n, width), errors = rows.shape, np.zeros(len(stages), np.float32)
    load().round_rows(
        read(rows, np.float32, rows.shape),
        read(off, np.float32, (n,)),
        n,
        width,
        read(stages, np.int64, stages.shape),
        len(stages),
        n_fine,
        steps,
        written(words, np.int32, (n, n_fine // 2 + -(-(width - n_fine) // 4))),
        written(x_bias, np.int32, (n, len(stages))),
        written(y_bias, np.int32, (n, len(stages))),
        errors.ctypes.data,
    )
    return errors


def words_of(words: "ScreenWords", n: int) -> Words:
    """Return the words of ``n`` points as C++ has them; they must outlive what uses this."""
    n_words, n_stages = words.rows.shape[1], len(words.stages)
    return Words(
        read(words.rows, np.int32, (n, n_words)),
        read(words.x_bias, np.int32, (n, n_stages)),
        read(words.y_bias, np.int32, (n, n_stages)),
        read(words.errors, np.float32, (n_stages,)),
        read(words.stages, np.int64, (n_stages,)),
        n_stages,
        n_words,
        words.n_fine,
        words.steps,
    )
