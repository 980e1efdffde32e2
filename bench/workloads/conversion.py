"""Turns rows of any numeric dtype into the float32 that is staged, and keeps account of what that costs."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.workloads.synthetic import ordered_sum

_EXACT = tuple(np.dtype(name) for name in ("?", "i1", "u1", "i2", "u2", "f2", "f4"))
_LARGEST = float(np.finfo(np.float32).max)


class _Finding:
    """Rows of one kind: the first of them and how many."""

    def __init__(self) -> None:
        self.first = -1
        self.rows = 0

    def add(self, start: int, found: NDArray[np.bool_]) -> None:
        at = np.flatnonzero(found)
        if len(at) and not self.rows:
            self.first = start + int(at[0])
        self.rows += len(at)

    def __str__(self) -> str:
        return f"in row {self.first}" if self.rows == 1 else f"in {self.rows} rows, the first is {self.first}"


class Conversion:
    """Converts one stream, block after block; rows are numbered as the file numbers them, from 0."""

    def __init__(self, metric: str, drop_bad_rows: bool, first_row: int) -> None:
        self._cosine = metric == "cosine"
        self._drop = drop_bad_rows
        self._first_row = self._row = first_row
        self._not_finite, self._zero, self._too_large = _Finding(), _Finding(), _Finding()
        self._largest_loss = 0.0
        self._dropped: list[NDArray[np.int64]] = []

    def convert(self, block: NDArray[Any]) -> NDArray[np.float32]:
        """Convert the next block, shape (rows, d); bad rows are left out, and remembered for ``finish``."""
        bad: NDArray[np.bool_] = np.logical_not(np.isfinite(block).all(axis=1))
        self._not_finite.add(self._row, bad)
        if self._cosine:
            zero = np.logical_not(block.any(axis=1))
            self._zero.add(self._row, zero)
            bad |= zero
        if bad.any():
            self._dropped.append(self._row + np.flatnonzero(bad))
            block = block[~bad]
        rows = _unit(block) if self._cosine else self._narrowed(block)
        self._row += len(bad)
        return rows

    def _narrowed(self, block: NDArray[Any]) -> NDArray[np.float32]:
        if block.dtype in _EXACT:
            return np.ascontiguousarray(block, np.float32)
        with np.errstate(over="ignore"):
            rows = np.ascontiguousarray(block, np.float32)
        self._too_large.add(self._row, np.logical_not(np.isfinite(rows).all(axis=1)))
        if not self._too_large.rows:
            wide = block.astype(np.float64)
            with np.errstate(divide="ignore", invalid="ignore"):
                loss = np.abs(rows - wide) / np.abs(wide)
            self._largest_loss = max(self._largest_loss, float(np.nanmax(loss, initial=0.0)))
        return rows

    def finish(self, name: str, dtype: str) -> tuple[str, ...]:
        """Say what was lost, one note a line.

        Raises ValueError where rows were bad and are not to be dropped, or beyond float32's range.
        """
        if self._too_large.rows:
            raise ValueError(f"{name} has values beyond float32's range (±{_LARGEST:.2e}) {self._too_large}")
        notes = []
        if self._largest_loss:
            notes.append(
                f"{dtype} became float32: the largest relative loss of a value is {self._largest_loss:.1e}"
            )
        if self._cosine:
            notes.append("rows were divided by their norm (metric cosine)")
        for what, finding in (("NaN or infinity", self._not_finite), ("a zero vector", self._zero)):
            if not finding.rows:
                continue
            if not self._drop:
                why = ", which has no direction for metric cosine," if finding is self._zero else ""
                raise ValueError(f"{name} has {what}{why} {finding}; --drop-bad-rows goes on without them")
            notes.append(f"dropped rows with {what}: {finding.rows}, the first was row {finding.first}")
        if self._dropped:
            notes.append("ids number the rows that were kept, from 0, not the file's rows")
        elif self._first_row:
            notes.append(f"ids number the rows read, from 0: the first is the file's row {self._first_row}")
        return tuple(notes)

    @property
    def dropped(self) -> bool:
        """Whether bad rows were left out."""
        return bool(self._dropped)

    def row_numbers(self) -> NDArray[np.int64] | None:
        """The file's row number of every row kept, None where it is the row's id."""
        if not self._dropped and not self._first_row:
            return None
        rows = np.arange(self._first_row, self._row, dtype=np.int64)
        return np.delete(rows, np.concatenate(self._dropped) - self._first_row) if self._dropped else rows


def _unit(block: NDArray[Any]) -> NDArray[np.float32]:
    """Divide rows, none of them zero, by their norm, in float64 and without overflow."""
    rows = block.astype(np.float64)
    rows /= np.abs(rows).max(axis=1, keepdims=True)
    rows /= np.sqrt(ordered_sum(rows * rows))
    return np.ascontiguousarray(rows, np.float32)
