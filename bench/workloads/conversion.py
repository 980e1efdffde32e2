"""Turns rows of any numeric dtype into the float32 that is staged, and keeps account of what that costs."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.workloads.precision import Sampled
from bench.workloads.reading import Reading
from bench.workloads.synthetic import ordered_sum

_EXACT = tuple(np.dtype(name) for name in ("?", "i1", "u1", "i2", "u2", "f2", "f4"))
_FEWEST_ROWS = 8
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

    def __init__(
        self,
        metric: str,
        reading: Reading,
        first_row: int,
        *,
        center: NDArray[Any] | None = None,
        zero_axis: bool = False,
    ) -> None:
        """``center`` is subtracted; ``zero_axis`` adds a dimension that zero vectors point to."""
        self._cosine = metric == "cosine"
        self._drop = reading.drop_bad_rows
        self._zeros = "drop" if self._drop and reading.zero_vectors is None else reading.zero_vectors
        self._center, self._zero_axis = center, zero_axis
        self._first_row = self._row = first_row
        self._not_finite, self._zero, self._too_large = _Finding(), _Finding(), _Finding()
        self._holes = np.zeros(0, np.int64)
        self._largest_loss = 0.0
        self._dropped: list[NDArray[np.int64]] = []
        self._counting: dict[int, float] | None = None
        self.sampled = Sampled()

    def convert(self, block: NDArray[Any]) -> NDArray[np.float32]:
        """Convert the next block, shape (rows, d); bad rows are left out, and remembered for ``finish``."""
        rows, wide = self.converted(block)
        if wide is not None and self._center is None:
            self.sampled.add(wide, rows)
        return rows

    def converted(self, block: NDArray[Any]) -> tuple[NDArray[np.float32], NDArray[Any] | None]:
        """As ``convert``; the second are the rows before they became float32, None where nothing is lost."""
        self._look_for_counts(block)
        block, zero, bad = self._kept(block)
        wide = None
        if self._cosine:
            wide = _unit(block)
            if self._zero_axis:
                wide = np.hstack([wide, zero[:, None]])
            rows = np.ascontiguousarray(wide, np.float32)
        elif block.dtype in _EXACT and self._center is None:
            rows = np.ascontiguousarray(block, np.float32)
        else:
            wide = _wide(block)
            rows = self._narrowed(block, bad) if self._center is None else _float32(wide - self._center)
        return rows, wide

    def _look_for_counts(self, block: NDArray[Any]) -> None:
        """Remember the columns that have counted the rows so far, each with its last value."""
        if len(block) and self._counting is None:
            self._counting = {column: float(block[0, column]) - 1 for column in range(block.shape[1])}
        for column, last in list((self._counting or {}).items()):
            values = block[:, column].astype(np.float64)
            if np.array_equal(values, last + 1 + np.arange(len(values))):
                self._counting = {**(self._counting or {}), column: last + len(values)}
            elif self._counting is not None:
                del self._counting[column]

    @property
    def counting(self) -> list[int]:
        """The columns that count the rows, where some do and others do not."""
        rows = self._row - self._first_row
        found = list(self._counting or ())
        return found if rows >= _FEWEST_ROWS else []

    def _kept(self, block: NDArray[Any]) -> tuple[NDArray[Any], NDArray[np.bool_], NDArray[np.bool_]]:
        """The rows that are fit for it, which of them are zero vectors to keep, and the rows not fit."""
        finite = np.isfinite(block)
        bad: NDArray[np.bool_] = np.logical_not(finite.all(axis=1))
        if bad.any():
            self._not_finite.add(self._row, bad)
            holes = np.count_nonzero(~finite, axis=0)
            self._holes = holes if not len(self._holes) else self._holes + holes
        zero = np.zeros(len(block), np.bool_)
        if self._cosine:
            zero = np.logical_not(block.any(axis=1))
            self._zero.add(self._row, zero)
            bad = bad if self._zero_axis else bad | zero
        if bad.any():
            self._dropped.append(self._row + np.flatnonzero(bad))
            block, zero = block[~bad], zero[~bad]
        self._row += len(bad)
        return block, zero, bad

    def _narrowed(self, block: NDArray[Any], bad: NDArray[np.bool_]) -> NDArray[np.float32]:
        rows = _float32(block)
        too_large = np.zeros(len(bad), np.bool_)
        too_large[~bad] = np.logical_not(np.isfinite(rows).all(axis=1))
        self._too_large.add(self._row - len(bad), too_large)
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
        notes += [note for note in (self._about_holes(name), self._about_zeros(name)) if note]
        if self._dropped:
            notes.append("ids number the rows that were kept, from 0, not the file's rows")
        elif self._first_row:
            notes.append(f"ids number the rows read, from 0: the first is the file's row {self._first_row}")
        return tuple(notes)

    def _about_holes(self, name: str) -> str:
        found = self._not_finite
        if not found.rows:
            return ""
        if found.rows == self._row - self._first_row:
            empty = np.flatnonzero(self._holes == found.rows)
            named = f"column{'s' if len(empty) > 1 else ''} {', '.join(map(str, empty[:20]))}"
            of = f": {named} of those taken, from 0, without any number" if len(empty) else ""
            raise ValueError(f"{name} has NaN or infinity in each of its {found.rows} rows{of}")
        if not self._drop:
            share = found.rows / (self._row - self._first_row)
            much = f", which is {share:.0%} of them" if share > 0.1 else ""
            raise ValueError(
                f"{name} has NaN or infinity {found}{much}; --drop-bad-rows goes on without them"
            )
        return f"dropped rows with NaN or infinity: {found.rows}, the first was row {found.first}"

    def _about_zeros(self, name: str) -> str:
        found = self._zero
        if not found.rows:
            return ""
        if self._zeros is None:
            raise ValueError(
                f"{name} has a zero vector, which has no direction for metric cosine, {found}; "
                "--zero-vectors drop leaves them out, --zero-vectors last puts them at distance 1 from all"
            )
        if self._zeros == "last":
            return (
                f"zero vectors: {found.rows}, the first is row {found.first}; one more dimension puts them "
                "at cosine distance 1 from all other points, and at 0 from each other"
            )
        return f"dropped rows with a zero vector: {found.rows}, the first was row {found.first}"

    @property
    def has_zero_axis(self) -> bool:
        """Whether rows have one more dimension than the stream's."""
        return self._zero_axis

    @property
    def needs_zero_axis(self) -> bool:
        """Whether there were zero vectors that are to stay: the points must be converted again, with it."""
        return bool(self._zero.rows) and self._zeros == "last" and not self._zero_axis

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


def _wide(block: NDArray[Any]) -> NDArray[Any]:
    """The values in a float that holds all of them: 64-bit integers need the longest there is."""
    long = block.dtype.kind in "iu" and block.dtype.itemsize == 8
    return block.astype(np.longdouble if long or block.dtype.itemsize > 8 else np.float64)


def _float32(block: NDArray[Any]) -> NDArray[np.float32]:
    with np.errstate(over="ignore"):
        return np.ascontiguousarray(block, np.float32)


def _unit(block: NDArray[Any]) -> NDArray[np.float64]:
    """Divide rows by their norm, in float64 and without overflow; a zero vector stays one."""
    rows = block.astype(np.float64)
    largest = np.abs(rows).max(axis=1, keepdims=True)
    largest[largest == 0] = 1.0
    rows /= largest
    length = np.sqrt(ordered_sum(rows * rows))
    length[length == 0] = 1.0
    rows /= length
    return rows
