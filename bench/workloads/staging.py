"""Writes a workload's points once, as a float32 .npy named by the hash of its content."""

import hashlib
import json
import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from bench.workloads.cache import POINTS, locked, remove_unfinished, unfinished
from bench.workloads.choice import Workload
from bench.workloads.drafts import HEADER_BYTES, Drafts, FullError
from bench.workloads.identity import WorkloadId
from bench.workloads.ids import check_unique, save_ids
from bench.workloads.stream import Progress, UnreadableError


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
    ids: Path | None = None
    """The ids that ``--id`` names, one for each point, for ``load_ids``; None where it was not given."""
    center: tuple[float, ...] | None = None
    """What was subtracted from each point before it became float32; None: nothing."""
    zero_axis: bool = False
    """Whether the last coordinate is that of zero vectors."""
    queries: Path | None = None
    """Rows whose neighbors are asked for, like ``path``; None: those of the points."""


@dataclass(frozen=True, slots=True)
class _Record:
    """What the cache knows of points already staged."""

    content_hash: str
    n: int
    d: int
    dtype: str
    notes: tuple[str, ...]
    renumbered: bool
    center: tuple[float, ...] | None = None
    zero_axis: bool = False


def stage_queries(queries: Workload, points: Staged, cache: Path, progress: Progress | None = None) -> Staged:
    """Stage rows whose neighbors among ``points`` are asked for, and return both; raises as ``stage``."""
    chosen = replace(
        queries, metric=points.id.metric, asks=True, center=points.center, believe=None, notes=()
    )
    try:
        staged = stage(chosen, cache, progress)
    except ValueError as error:  # the options that leave rows out are for points alone
        raise ValueError(str(error).partition("; --")[0]) from error
    if staged.id.d != points.id.d:
        raise ValueError(f"--queries {queries.name} has {staged.id.d} dimensions, the points {points.id.d}")
    both = hashlib.sha256(f"{points.id.content_hash} {staged.id.content_hash}".encode()).hexdigest()[:32]
    return replace(
        points,
        id=replace(points.id, content_hash=both, n_queries=staged.id.n),
        queries=staged.path,
        notes=(*points.notes, f"{staged.id.n:,} queries from {queries.name}", *staged.notes),
    )


def stage(workload: Workload, cache: Path, progress: Progress | None = None) -> Staged:
    """Stage a workload's points, or find them staged; two harnesses may do so at once.

    Raises ValueError where the points are not fit for it, OSError where they cannot be read or written.
    """
    with workload.opened:
        if workload.believe is not None:
            metric, notes = workload.believe()
            workload = replace(workload, metric=metric, notes=notes)
        return _stage(workload, cache, progress)


def _stage(workload: Workload, cache: Path, progress: Progress | None) -> Staged:
    key = json.dumps(_key(workload), sort_keys=True)
    home = workload.shared_dir or cache
    place = f"the {'shared directory' if workload.shared_dir else 'cache'} {home}"
    folder = home / POINTS
    record_path = folder / f"{hashlib.sha256(key.encode()).hexdigest()[:32]}.json"
    record = _recall(record_path)
    if record is not None and workload.ids is not None and not _ids(record_path).exists():
        record_path.unlink()
        record = None
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
    workload.check_number(record.n)
    identity = WorkloadId(
        workload.name, record.n, record.d, workload.k, workload.metric, workload.seed, record.content_hash
    )
    row_numbers = _row_numbers(record_path) if record.renumbered else None
    ids = _ids(record_path) if workload.ids is not None else None
    notes = (*workload.notes, *record.notes)
    return Staged(
        identity,
        _points(record_path, record),
        notes,
        record.dtype,
        row_numbers,
        ids,
        record.center,
        record.zero_axis,
    )


def _key(workload: Workload) -> dict[str, Any]:
    """All that decides what is staged: equal keys, equal files."""
    reading = workload.reading
    chosen = {
        "zero_vectors": reading.zero_vectors,
        "allow_loss": reading.allow_loss or None,
        "asks": workload.asks or None,
        "center": workload.center,
    }
    return {
        "source": workload.source.key(),
        "metric": workload.metric,
        "drop_bad_rows": reading.drop_bad_rows,
        **{name: value for name, value in chosen.items() if value is not None},
    }


def _recall(record_path: Path) -> _Record | None:
    """What was staged under this key, where all of it is still there."""
    try:
        fields = json.loads(record_path.read_text())
        center = fields.get("center") and tuple(fields["center"])
        record = _Record(**{**fields, "notes": tuple(fields["notes"]), "center": center})
        whole = _points(record_path, record).stat().st_size == HEADER_BYTES + 4 * record.n * record.d
    except (OSError, ValueError, TypeError, KeyError):
        return None
    return record if whole and (not record.renumbered or _row_numbers(record_path).exists()) else None


def _points(record_path: Path, record: _Record) -> Path:
    return record_path.with_name(f"{record.content_hash}.npy")


def _ids(record_path: Path) -> Path:
    return record_path.with_suffix(".ids.arrow")


def _row_numbers(record_path: Path) -> Path:
    return record_path.with_suffix(".rows.npy")


def _write(workload: Workload, record_path: Path, place: str, progress: Progress | None) -> _Record:
    """Write points, row numbers and record, the record last; on any failure no record."""
    try:
        drafts = Drafts(workload, unfinished(record_path.parent, "points.npy"), progress)
        draft = drafts.first()
        workload.check_number(draft.n)
        draft = drafts.settled(draft)
        row_numbers = draft.conversion.row_numbers()
        ids = _checked_ids(workload, draft.n, row_numbers)
        record = _Record(
            draft.content_hash,
            draft.n,
            draft.d,
            draft.dtype,
            draft.notes,
            row_numbers is not None,
            draft.center,
            draft.conversion.has_zero_axis,
        )
        if row_numbers is not None:
            _save(_row_numbers(record_path), lambda file: np.save(file, row_numbers))
        if ids is not None:
            _save(_ids(record_path), lambda file: save_ids(file, ids))
        draft.path.replace(_points(record_path, record))
        _save(record_path, lambda file: file.write(json.dumps(asdict(record)).encode()))
    except FullError as error:
        raise OSError(f"{place} is full: {workload.name} {error.needs}") from error
    return record


def _checked_ids(workload: Workload, n: int, row_numbers: NDArray[np.int64] | None) -> Any:
    """The ids of the points, None where none are asked for; UnreadableError unless each is unique."""
    if workload.ids is None:
        return None
    ids, column = workload.ids(), workload.reading.id or ""
    if row_numbers is not None:
        ids = ids.take(row_numbers - workload.first_row)
    if len(ids) != n:
        raise UnreadableError(f"--id {column}: {workload.name} has {len(ids)} ids for {n} points")
    check_unique(workload.name, column, ids, row_numbers)
    return ids


def _save(path: Path, write: Callable[[BinaryIO], object]) -> None:
    """Write a small file whole or not at all."""
    target = unfinished(path.parent, path.name)
    with target.open("wb") as file:
        write(file)
        file.flush()
        os.fsync(file.fileno())
    target.replace(path)
