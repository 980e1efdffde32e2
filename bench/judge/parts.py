"""A run's neighbors as a folder of Parquet files: written in blocks, compared with the answers."""

import ctypes
import glob
import os
import platform
import re
import shutil
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench import pids
from bench.answers import Answers
from bench.judge.export import to_user_ids
from bench.judge.tables import read_parts
from bench.strategy import PART_COLUMNS, PART_NAME

ID_COLUMNS = ("id", "neighbors")
"""Columns of the files where points have ids of the user's: any type, and lists of structs id, distance."""
DONE = "_SUCCESS"
"""The file that marks a folder as complete, as in Spark."""
_ROWS_A_PART = 1 << 17
_OWN = re.compile(rf"{DONE}|part-\d{{10,}}\.parquet|\.part-\d{{10,}}-\d+")
"""Names of all files that a run writes into the folder, complete or not; Spark's own names are longer."""
_OLD = ".old"
"""The end of the name of a folder that was moved aside."""
_AT_CWD, _EXCHANGE = -100, 2


def is_folder(name: str) -> bool:
    """Whether a target, as the user wrote it, means a folder of parts."""
    return name.endswith(("/", ".parquet"))


def check_folder(path: Path) -> None:
    """Refuse a folder that cannot be written, or that holds files which no run wrote.

    Raises FileNotFoundError for its parent, FileExistsError for its content.
    """
    if not path.parent.is_dir():
        raise FileNotFoundError(f"{path}: its directory does not exist")
    if path.exists() and not path.is_dir():
        raise FileExistsError(f"{path} is a file: neighbors in parts go into a folder")
    foreign = [file.name for file in sorted(path.glob("*")) if not _is_own(file)]
    if foreign:
        raise FileExistsError(f"{path} holds {foreign[0]}, which no run has written: choose another folder")


def _is_own(path: Path) -> bool:
    return _OWN.fullmatch(path.name) is not None and path.is_file() and not path.is_symlink()


def draft_of(path: Path) -> Path:
    """Where a folder is written until it is complete: hidden, beside it, with this process's number."""
    return path.with_name(f"{_drafts(path)}{os.getpid()}-{pids.started_ticks(os.getpid())}")


def _drafts(path: Path) -> str:
    """The start of the names of this machine's drafts of a folder."""
    return f".{path.name}.unfinished-{platform.node()}-"


def remove_drafts(path: Path) -> None:
    """Delete this process's draft of a folder, and those of processes that have ended.

    A folder that such a process had moved aside without replacing it is moved back.
    """
    own = draft_of(path).name
    for draft in path.parent.glob(glob.escape(_drafts(path)) + "*"):
        process = re.fullmatch(r"(\d+)-(\d+)", draft.name.removeprefix(_drafts(path)).removesuffix(_OLD))
        if process is None:
            continue
        if draft.name.removesuffix(_OLD) == own or pids.started_ticks(int(process[1])) != int(process[2]):
            if not draft.name.endswith(_OLD):
                shutil.rmtree(draft, ignore_errors=True)
            elif path.exists():
                _discard(draft, path)
            else:
                draft.rename(path)


def _discard(old: Path, path: Path) -> None:
    """Delete the parts of a folder that was replaced; other files in it move to the new one."""
    for file in old.iterdir():
        if _is_own(file):
            file.unlink()
        else:
            with suppress(OSError):  # then it stays where it is
                file.rename(path / file.name)
    with suppress(OSError):
        old.rmdir()


def write_parts(
    folder: Path,
    answers: Answers,
    *,
    with_self: bool = False,
    metric: str = "euclidean",
    row_numbers: NDArray[np.int64] | None = None,
    ids: Any = None,
    n_points: int | None = None,
) -> None:
    """Write all answers as files of ``PART_COLUMNS``, replacing all parts that the folder holds.

    Ids are int32 or, beyond its range, int64; ids, distances and options are those of ``save_neighbors``.
    With the user's own ``ids``, an Arrow array (n,), a row has ``id`` and ``neighbors``, a list of structs of
    ``id`` and ``distance``, nearest first; a neighbor that is missing is not in it.
    """
    import pyarrow as pa  # noqa: PLC0415 (heavy, and few need it)
    from pyarrow import parquet  # noqa: PLC0415

    folder.mkdir(exist_ok=True)
    for part in filter(_is_own, folder.iterdir()):
        part.unlink()
    for start in range(0, len(answers.answered), _ROWS_A_PART):
        taken = slice(start, start + _ROWS_A_PART)
        rows, indices, distances = to_user_ids(
            answers,
            taken,
            with_self=with_self,
            metric=metric,
            row_numbers=row_numbers if ids is None else None,
            n_points=n_points,
        )
        if ids is None:
            lists = [
                pa.FixedSizeListArray.from_arrays(pa.array(a.ravel()), a.shape[1])
                for a in (indices, distances)
            ]
            table = pa.table([pa.array(rows.astype(np.int64)), *lists], names=PART_COLUMNS)
        else:
            neighbors = _with_ids(indices, distances, ids)
            table = pa.table([ids.slice(start, len(rows)), neighbors], names=ID_COLUMNS)
        parquet.write_table(table, folder / PART_NAME.format(first_row=rows[0]))


def _with_ids(indices: NDArray[np.integer], distances: NDArray[np.float32], ids: Any) -> Any:
    """Lists of the ids and distances of neighbors, as Arrow has them."""
    import pyarrow as pa  # noqa: PLC0415 (as above)

    there = indices >= 0
    ends = np.concatenate([[0], np.cumsum(there.sum(axis=1))]).astype(np.int32)
    fields = [ids.take(pa.array(indices[there])), pa.array(distances[there])]
    return pa.ListArray.from_arrays(pa.array(ends), pa.StructArray.from_arrays(fields, ["id", "distance"]))


def hold(folder: Path, answers: Answers) -> bool:
    """Whether the parts that a run's own tasks wrote hold every row once, equal to the answers."""
    covered = np.zeros(len(answers.answered), np.bool_)
    for part in sorted(folder.glob("part-*.parquet")):
        try:
            rows, indices, distances = read_parts(part)
        except (ValueError, OSError):
            return False
        if (
            np.any((rows < 0) | (rows >= len(covered)))
            or np.any(covered[rows])
            or len(np.unique(rows)) < len(rows)
        ):
            return False
        covered[rows] = True
        if not (
            np.array_equal(indices, answers.indices[rows])
            and np.array_equal(distances, answers.distances[rows])
        ):
            return False
    return bool(covered.all() and answers.answered.all())


def finish(draft: Path, path: Path) -> None:
    """Mark a draft as complete and replace the folder by it; readers see the old or the new one.

    If the disk cannot exchange two folders in one step, a kill in between leaves the old one aside, and
    ``remove_drafts`` moves it back.
    """
    for incomplete in filter(_is_own, draft.glob(".*")):
        incomplete.unlink()
    (draft / DONE).touch()
    if not path.exists():
        draft.rename(path)
    elif _exchanged(draft, path):
        _discard(draft, path)
    else:
        aside = draft.with_name(draft.name + _OLD)
        path.rename(aside)
        draft.rename(path)
        _discard(aside, path)


def _exchanged(one: Path, other: Path) -> bool:
    """Exchange two folders in one step, renameat2(2); return whether this kernel and disk can."""
    call = getattr(ctypes.CDLL(None), "renameat2", None)
    return call is not None and not call(_AT_CWD, os.fsencode(one), _AT_CWD, os.fsencode(other), _EXCHANGE)
