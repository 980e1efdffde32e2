"""Writes a workload's points as a draft, and again where float32 would not keep their neighbors."""

import errno
import hashlib
import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from bench.workloads.choice import Workload
from bench.workloads.conversion import Conversion
from bench.workloads.precision import Kept, Neighborhoods, is_doubtful
from bench.workloads.stream import Progress, Stream

HEADER_BYTES = 128
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_MOST_CHANGED = 0.01
"""Share of neighbors that may be others in float32 without the user's leave."""


class FullError(Exception):
    """The disk does not hold the points."""

    def __init__(self, needs: str) -> None:
        super().__init__(needs)
        self.needs = needs


@dataclass(frozen=True, slots=True)
class Draft:
    """Points written to a file that nobody relies on yet."""

    path: Path
    n: int
    d: int
    dtype: str
    content_hash: str
    notes: tuple[str, ...]
    conversion: Conversion
    center: tuple[float, ...] | None = None


@dataclass(frozen=True, slots=True)
class Drafts:
    """The drafts of one workload's points."""

    workload: Workload
    path: Path
    progress: Progress | None

    def first(self) -> Draft:
        """Write the points; again, with one more dimension, for zero vectors that are to stay."""
        center = None if self.workload.center is None else np.array(self.workload.center)
        draft = self._written(self.path, self._conversion(center=center))
        if draft.conversion.needs_zero_axis:
            draft = self._written(self.path, self._conversion(zero_axis=True))
        return draft

    def settled(self, draft: Draft) -> Draft:
        """Compare some points' neighbors before and after; subtract the mean first where that keeps more.

        Raises ValueError where float32 does not hold the points even so, unless the user allows it. Queries
        become float32 as their points did; products are those of the float32 values, as they are.
        """
        if self.workload.asks:
            return draft
        sampled = draft.conversion.sampled
        if not is_doubtful(sampled, draft.path, draft.n, draft.d, HEADER_BYTES):
            return draft
        if self.workload.metric == "inner_product":
            return _noted(draft, f"{draft.dtype} became float32: products are those of the rounded values")
        true = Neighborhoods(sampled, draft.d)
        reader = self._conversion(zero_axis=draft.conversion.has_zero_axis)
        for block in self.workload.source.open().blocks:
            wide = reader.converted(block)[1]
            if wide is not None:  # it is not: else nothing would have been lost
                true.add(wide)
        kept = true.kept_by(draft.path, draft.n, draft.d, HEADER_BYTES)
        if not kept.changed:
            return draft
        if self.workload.metric == "cosine":
            return _noted(draft, _same_direction(kept))
        path = self.path.with_suffix(".centered.npy")
        centered = self._written(path, self._conversion(center=true.center))
        better = true.kept_by(path, draft.n, draft.d, HEADER_BYTES)
        if better.changed < kept.changed:
            note = (
                f"the mean was subtracted before {draft.dtype} became float32, which changes no distance: "
                f"else {kept.changed:.1%} of the neighbors of {kept.points} points would be others"
            )
            center = tuple(_plain(value) for value in true.center)
            draft, kept = replace(_noted(centered, note), center=center), better
        if kept.changed > _MOST_CHANGED and not self.workload.reading.allow_loss:
            raise ValueError(f"{self.workload.name}: {_loss(draft, kept)}; --allow-loss goes on all the same")
        return _noted(draft, _loss(draft, kept)) if kept.changed else draft

    def _conversion(self, *, center: NDArray[Any] | None = None, zero_axis: bool = False) -> Conversion:
        workload = self.workload
        return Conversion(
            workload.metric, workload.reading, workload.first_row, center=center, zero_axis=zero_axis
        )

    def _written(self, path: Path, conversion: Conversion) -> Draft:
        stream = self.workload.source.open()
        d = stream.d + conversion.has_zero_axis
        if stream.n is not None:
            self.workload.check_number(stream.n)
        try:
            with path.open("wb") as file:
                n, content_hash = self._write_rows(file, stream, d, conversion)
        except OSError as error:
            if error.errno in _FULL:
                size = f"needs {HEADER_BYTES + 4 * stream.n * d} bytes" if stream.n else "does not fit"
                raise FullError(size) from error
            raise
        notes = (*stream.notes, *conversion.finish(self.workload.name, stream.dtype))
        if stream.table is None and 0 < len(conversion.counting) < stream.d:
            column = conversion.counting[0]
            notes += (
                f"column {column} (from 0) counts the rows: if that is an id, save the array without it",
            )
        if not n:
            raise ValueError(f"{self.workload.name} has no rows" + (" left" if conversion.dropped else ""))
        return Draft(path, n, d, stream.dtype, content_hash, notes, conversion)

    def _write_rows(self, file: BinaryIO, stream: Stream, d: int, conversion: Conversion) -> tuple[int, str]:
        """Write header and rows; return how many rows were written and the hash of all bytes of content."""
        if stream.n:
            os.posix_fallocate(file.fileno(), 0, HEADER_BYTES + 4 * stream.n * d)
        file.seek(HEADER_BYTES)
        digest = hashlib.sha256()
        written = read = 0
        for block in stream.blocks:
            rows = conversion.convert(block)
            digest.update(rows.data)
            file.write(rows.data)
            written += len(rows)
            read += len(block)
            if self.progress is not None:
                self.progress(read, stream.n or 0)
        file.truncate()
        file.seek(0)
        file.write(_header(written, d))
        file.flush()
        os.fsync(file.fileno())
        digest.update(f"{written} x {d} float32".encode())
        return written, digest.hexdigest()[:32]


def _noted(draft: Draft, note: str) -> Draft:
    return replace(draft, notes=(*draft.notes, note))


def _plain(value: Any) -> float:
    """A coordinate as JSON keeps it exactly: 64-bit integers have no float64."""
    return float(value) if float(value) == value else int(value)


def _same_direction(kept: Kept) -> str:
    return (
        f"float32 cannot tell some directions apart: {kept.changed:.1%} of the neighbors of {kept.points} "
        f"points are others than in float64{_merged(kept)}"
    )


def _loss(draft: Draft, kept: Kept) -> str:
    return (
        f"float32 does not hold these {draft.dtype} points: {kept.changed:.1%} of the neighbors of "
        f"{kept.points} points are others than before{_merged(kept)}"
    )


def _merged(kept: Kept) -> str:
    return f", and {kept.merged} of them became equal to another one only by it" if kept.merged else ""


def _header(n: int, d: int) -> bytes:
    """The header of a float32 .npy, format 1.0, of a length that does not depend on the shape."""
    fields = f"{{'descr': '<f4', 'fortran_order': False, 'shape': ({n}, {d}), }}"
    return (
        b"\x93NUMPY\x01\x00" + (HEADER_BYTES - 10).to_bytes(2, "little") + fields.ljust(117).encode() + b"\n"
    )
