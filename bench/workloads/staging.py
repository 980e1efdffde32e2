"""Writes a workload's points once, as a float32 .npy named by the hash of its content."""

import errno
import hashlib
import json
import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np

from bench.workloads.cache import POINTS, locked, remove_unfinished, unfinished
from bench.workloads.choice import Workload, check_k
from bench.workloads.conversion import Conversion
from bench.workloads.identity import WorkloadId
from bench.workloads.stream import Progress, Stream

_HEADER_BYTES = 128
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@dataclass(frozen=True, slots=True)
class Staged:
    """A workload whose points lie in the cache, or in a directory that all hosts see."""

    id: WorkloadId
    path: Path
    """A C-order float32 .npy of shape (n_samples, n_features)."""
    notes: tuple[str, ...]
    """What a user should know of how the points came about, one line each."""
    dtype: str
    """What the points were before they became float32."""
    row_numbers: Path | None
    """A .npy of int64, the file's row number of each point; None where that is the point's id."""


@dataclass(frozen=True, slots=True)
class _Record:
    """What the cache knows of points already staged."""

    content_hash: str
    n: int
    d: int
    dtype: str
    notes: tuple[str, ...]
    renumbered: bool


def stage(workload: Workload, cache: Path, progress: Progress | None = None) -> Staged:
    """Stage a workload's points, or find them staged; two harnesses may do so at once.

    Raises ValueError where the points are not fit for it, OSError where they cannot be read or written.
    """
    with workload.opened:
        return _stage(workload, cache, progress)


def _stage(workload: Workload, cache: Path, progress: Progress | None) -> Staged:
    key = json.dumps(
        {"source": workload.source.key(), "metric": workload.metric, "drop_bad_rows": workload.drop_bad_rows},
        sort_keys=True,
    )
    home = workload.shared_dir or cache
    place = f"the {'shared directory' if workload.shared_dir else 'cache'} {home}"
    folder = home / POINTS
    record_path = folder / f"{hashlib.sha256(key.encode()).hexdigest()[:32]}.json"
    record = _recall(record_path)
    if record is None:
        try:
            with locked(folder):
                remove_unfinished(folder)
                try:
                    record = _recall(record_path) or _write(workload, record_path, place, progress)
                finally:
                    with suppress(OSError):
                        remove_unfinished(folder)
        except OSError as error:
            if error.errno is None:  # said in our words already
                raise
            raise OSError(f"{place} cannot be written: {error.strerror}") from error
    check_k(workload.k, record.n)
    identity = WorkloadId(
        workload.name, record.n, record.d, workload.k, workload.metric, workload.seed, record.content_hash
    )
    row_numbers = _row_numbers(record_path) if record.renumbered else None
    return Staged(identity, _points(record_path, record), record.notes, record.dtype, row_numbers)


def _recall(record_path: Path) -> _Record | None:
    """What was staged under this key, where all of it is still there."""
    try:
        fields = json.loads(record_path.read_text())
        record = _Record(**{**fields, "notes": tuple(fields["notes"])})
        whole = _points(record_path, record).stat().st_size == _HEADER_BYTES + 4 * record.n * record.d
    except (OSError, ValueError, TypeError, KeyError):
        return None
    return record if whole and (not record.renumbered or _row_numbers(record_path).exists()) else None


def _points(record_path: Path, record: _Record) -> Path:
    return record_path.with_name(f"{record.content_hash}.npy")


def _row_numbers(record_path: Path) -> Path:
    return record_path.with_suffix(".rows.npy")


def _write(workload: Workload, record_path: Path, place: str, progress: Progress | None) -> _Record:
    """Write points, row numbers and record, the record last; on any failure no record."""
    stream = workload.source.open()
    if stream.n is not None:
        check_k(workload.k, stream.n)
    conversion = Conversion(workload.metric, workload.drop_bad_rows, workload.first_row)
    target = unfinished(record_path.parent, "points.npy")
    try:
        with target.open("wb") as file:
            n, content_hash = _write_rows(file, stream, conversion, progress)
        notes = (*stream.notes, *conversion.finish(workload.name, stream.dtype))
        if not n:
            raise ValueError(f"{workload.name} has no rows" + (" left" if conversion.dropped else ""))
        check_k(workload.k, n)
        row_numbers = conversion.row_numbers()
        record = _Record(content_hash, n, stream.d, stream.dtype, notes, row_numbers is not None)
        if row_numbers is not None:
            _save(_row_numbers(record_path), lambda file: np.save(file, row_numbers))
        target.replace(_points(record_path, record))
        _save(record_path, lambda file: file.write(json.dumps(asdict(record)).encode()))
    except OSError as error:
        if error.errno in _FULL:
            size = f"needs {_HEADER_BYTES + 4 * stream.n * stream.d} bytes" if stream.n else "does not fit"
            raise OSError(f"{place} is full: {workload.name} {size}") from error
        raise
    return record


def _write_rows(
    file: BinaryIO, stream: Stream, conversion: Conversion, progress: Progress | None
) -> tuple[int, str]:
    """Write header and rows; return how many rows were written and the hash of all bytes of content."""
    if stream.n:
        os.posix_fallocate(file.fileno(), 0, _HEADER_BYTES + 4 * stream.n * stream.d)
    file.seek(_HEADER_BYTES)
    digest = hashlib.sha256()
    written = read = 0
    for block in stream.blocks:
        rows = conversion.convert(block)
        digest.update(rows.data)
        file.write(rows.data)
        written += len(rows)
        read += len(block)
        if progress is not None:
            progress(read, stream.n or 0)
    file.truncate()
    file.seek(0)
    file.write(_header(written, stream.d))
    file.flush()
    os.fsync(file.fileno())
    digest.update(f"{written} x {stream.d} float32".encode())
    return written, digest.hexdigest()[:32]


def _header(n: int, d: int) -> bytes:
    """The header of a float32 .npy, format 1.0, of a length that does not depend on the shape."""
    fields = f"{{'descr': '<f4', 'fortran_order': False, 'shape': ({n}, {d}), }}"
    return (
        b"\x93NUMPY\x01\x00" + (_HEADER_BYTES - 10).to_bytes(2, "little") + fields.ljust(117).encode() + b"\n"
    )


def _save(path: Path, write: Callable[[BinaryIO], object]) -> None:
    """Write a small file whole or not at all."""
    target = unfinished(path.parent, path.name)
    with target.open("wb") as file:
        write(file)
        file.flush()
        os.fsync(file.fileno())
    target.replace(path)
