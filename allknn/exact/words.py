"""A screen in whole numbers: a first look at a fraction of the cost, where the processor has VNNI."""

from concurrent.futures import Executor
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from allknn import _native_words

_STAGES = 16, 32, 64, 96, 192
"""After so many columns it is looked at what is left."""
_STEPS, _QUANTILE = 32, 0.1
"""How far the last neighbor of a point is, in steps, for most: so many at least,"""
_COARSE = 64
"""and as many as there are columns beyond these, for what rounding takes of each adds up."""
_LONGEST = 16000
"""No row may be longer, in steps."""
_BYTE, _BEYOND = 160, 0.99
"""A column of which less than this share is as short as a byte, or nearly, is held in two bytes."""
_BLOCK_ROWS = 1 << 14


class Words(NamedTuple):
    """Rows of a screen in whole numbers of steps: words of two columns, then of four."""

    rows: NDArray[np.int32]
    """(n, n_words)."""
    x_bias: NDArray[np.int32]
    """(n, n_stages): what a stage adds to minus half the squared norm, for rows of tiles."""
    y_bias: NDArray[np.int32]
    """(n, n_stages): the same for their columns."""
    errors: NDArray[np.float32]
    """(n_stages,): no point is farther from where its words put it, in steps."""
    stages: NDArray[np.int64]
    """(n_stages,): words looked at after each."""
    n_fine: int
    """Words of two columns."""
    steps: float
    """In a unit of the rows."""

    @staticmethod
    def of(
        rows: NDArray[np.float32],
        off: NDArray[np.float32],
        lengths: NDArray[np.float64],
        longest: float,
        pool: Executor | None = None,
    ) -> "Words | None":
        """Round rows, none longer than ``longest``, to steps that suit the ``lengths`` to look for.

        None where nothing does.
        """
        n, width = rows.shape
        lengths = lengths[np.isfinite(lengths)]
        near = float(np.quantile(lengths, _QUANTILE)) if len(lengths) else 0.0
        if not (_native_words.has_words() and near > 1e-6):
            return None
        sample = np.abs(rows[:: max(1, n >> 13)])
        widest = 1.1 * float(np.quantile(sample, _BEYOND, axis=0).max())
        fine = max(_STEPS, width - _COARSE) / near
        steps = min(max(fine, _BYTE / max(widest, 1e-30)), _LONGEST / longest)
        wide = np.flatnonzero((sample * steps < _BYTE).mean(axis=0) < _BEYOND)
        n_fine = min(-(-(int(wide[-1]) + 1) // 4) * 4, width // 4 * 4) if len(wide) else 0
        columns = np.array([*(stage for stage in _STAGES if stage < width), width])
        stages = np.where(columns <= n_fine, columns // 2, n_fine // 2 + -(-(columns - n_fine) // 4))
        words = np.empty((n, stages[-1]), np.int32)
        x_bias, y_bias = (np.empty((n, len(stages)), np.int32) for _ in range(2))

        def some(start: int) -> NDArray[np.float32]:
            here = slice(start, start + _BLOCK_ROWS)
            return _native_words.round_rows(
                rows[here], off[here], columns, n_fine, steps, words[here], x_bias[here], y_bias[here]
            )

        parts = list((pool.map if pool else map)(some, range(0, n, _BLOCK_ROWS)))
        errors: NDArray[np.float32] = np.max(parts, axis=0)
        return Words(words, x_bias, y_bias, errors, stages, n_fine // 2, steps)

    def first_tested_after(self, stage: int) -> "Words":
        """Return the same words, in tiles that are not tested before a later stage."""
        x_bias, y_bias = (
            np.column_stack([bias[:, : stage + 1].sum(axis=1, dtype=np.int32), bias[:, stage + 1 :]])
            for bias in (self.x_bias, self.y_bias)
        )
        return self._replace(
            x_bias=x_bias, y_bias=y_bias, errors=self.errors[stage:], stages=self.stages[stage:]
        )
