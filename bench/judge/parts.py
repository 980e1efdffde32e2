"""A run's neighbors as a folder of Parquet parts: written in blocks, held against the answers."""

import ctypes
import glob
import os
import platform
import shutil
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.answers import Answers
from bench.judge.export import to_user_ids
from bench.judge.external import read_parts
from bench.strategy import PART_COLUMNS, PART_NAME

DONE = "_SUCCESS"
"""The file that marks a folder as whole, as Spark has it."""
_ROWS_A_PART = 1 << 17
_OLD = ".old"
"""What the name of a folder that is put aside ends with."""
_AT_CWD, _EXCHANGE = -100, 2


def is_folder(name: str) -> bool:
    """Whether a target, as the user wrote it, means a folder of parts."""
    return name.endswith(("/", ".parquet"))


def check_folder(path: Path) -> None:
    """Refuse a folder that could not be written, or that holds what this would not put back.

    Raises FileNotFoundError for its parent, FileExistsError for its content.
    """
    if not path.parent.is_dir():
        raise FileNotFoundError(f"{path}: its directory does not exist")
    if path.exists() and not path.is_dir():
        raise FileExistsError(f"{path} is a file: neighbors in parts go into a folder")
    foreign = [p.name for p in sorted(path.glob("*")) if p.name != DONE and not p.match("part-*.parquet")]
    if foreign:
        raise FileExistsError(f"{path} holds {foreign[0]}, which no run has written: choose another folder")


def draft_of(path: Path) -> Path:
    """Where a folder's parts lie until it is whole: beside it, hidden, this process's own."""
    return path.with_name(f"{_drafts(path)}{os.getpid()}")


def _drafts(path: Path) -> str:
    """What the names of this machine's drafts of a folder begin with."""
    return f".{path.name}.unfinished-{platform.node()}-"


def remove_drafts(path: Path) -> None:
    """Delete this process's draft of a folder, and those of processes that are no more.

    A folder that such a process had put aside, and that nothing has taken the place of, is put back.
    """
    for draft in path.parent.glob(glob.escape(_drafts(path)) + "*"):
        pid = draft.name.removeprefix(_drafts(path)).removesuffix(_OLD)
        if pid == str(os.getpid()) or (pid.isdigit() and not Path("/proc", pid).exists()):
            if draft.name.endswith(_OLD) and not path.exists():
                draft.rename(path)
            else:
                shutil.rmtree(draft, ignore_errors=True)


def write_parts(
    folder: Path,
    answers: Answers,
    *,
    with_self: bool = False,
    metric: str = "euclidean",
    row_numbers: NDArray[np.int64] | None = None,
) -> None:
    """Write all answers as ``part-FIRST_ROW.parquet``, in place of whatever the folder holds.

    Columns are ``row`` (int64), ``indices`` (lists of int32 or, beyond its range, int64), nearest first, and
    ``distances`` (lists of float32), with the same ids, distances and options as ``save_neighbors``.
    """
    import pyarrow as pa  # noqa: PLC0415 (heavy, and few need it)
    from pyarrow import parquet  # noqa: PLC0415

    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for start in range(0, len(answers.answered), _ROWS_A_PART):
        taken = slice(start, start + _ROWS_A_PART)
        rows, indices, distances = to_user_ids(
            answers, taken, with_self=with_self, metric=metric, row_numbers=row_numbers
        )
        lists = [
            pa.FixedSizeListArray.from_arrays(pa.array(a.ravel()), a.shape[1]) for a in (indices, distances)
        ]
        table = pa.table([pa.array(rows.astype(np.int64)), *lists], names=PART_COLUMNS)
        parquet.write_table(table, folder / PART_NAME.format(first_row=rows[0]))


def hold(folder: Path, answers: Answers) -> bool:
    """Whether the parts that a run's own tasks wrote hold every row once, as it was answered."""
    seen = np.zeros(len(answers.answered), np.bool_)
    for part in sorted(folder.glob("part-*.parquet")):
        try:
            rows, indices, distances = read_parts(part)
        except (ValueError, OSError):
            return False
        if np.any((rows < 0) | (rows >= len(seen))) or np.any(seen[rows]) or len(np.unique(rows)) < len(rows):
            return False
        seen[rows] = True
        if not (
            np.array_equal(indices, answers.indices[rows])
            and np.array_equal(distances, answers.distances[rows])
        ):
            return False
    return bool(seen.all() and answers.answered.all())


def finish(draft: Path, path: Path) -> None:
    """Mark a draft as whole and put it in the place of the folder; readers see the old or the new.

    Where the disk cannot exchange two folders in one step, a kill in between leaves the old one aside, and
    ``remove_drafts`` puts it back.
    """
    for partly in draft.glob(".*"):
        partly.unlink()
    (draft / DONE).touch()
    if path.exists() and _exchanged(draft, path):
        shutil.rmtree(draft, ignore_errors=True)
        return
    aside = draft.with_name(draft.name + _OLD)
    if path.exists():
        path.rename(aside)
    draft.rename(path)
    shutil.rmtree(aside, ignore_errors=True)


def _exchanged(one: Path, other: Path) -> bool:
    """Have two folders change places at once, renameat2(2); whether this kernel and disk could."""
    call = getattr(ctypes.CDLL(None), "renameat2", None)
    return call is not None and not call(_AT_CWD, os.fsencode(one), _AT_CWD, os.fsencode(other), _EXCHANGE)
