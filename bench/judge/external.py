"""Neighbors computed elsewhere, read as answers, so that other tools' results stand in the same table."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from bench.answers import Answers
from bench.judge.asked import ALL_POINTS, Asked
from bench.judge.distance_kinds import KINDS, default_kind, guess_kind
from bench.judge.id_kinds import find_numbering
from bench.judge.neighbor_files import Found, find_neighbors
from bench.judge.own_words import OwnWords
from bench.judge.tables import find_in_table

HDF5 = (".h5", ".hdf5")
_PAIRS_AT_ONCE = 1 << 20
_SAMPLED_ROWS = 500
_NO_DISTANCE = 0.999 * float(np.finfo(np.float32).max)
"""Distances from here on, and NaN, say that there is no neighbor."""


@dataclass(frozen=True, slots=True)
class External:
    """Neighbors of another tool, ready to be judged."""

    answers: Answers
    notes: tuple[str, ...]
    """What was taken for what, one line each."""
    own_words: OwnWords
    """The same in the numbers of the file."""


def read_neighbors(
    paths: Sequence[Path],
    n_samples: int,
    k: int | None = None,
    *,
    first_id: Literal[0, 1] | None = None,
    metric: str = "euclidean",
    row_numbers: NDArray[np.int64] | None = None,
) -> Answers:
    """Read neighbors without looking at the points; see ``read_external``."""
    found = read_external(paths, n_samples, k, first_id=first_id, metric=metric, row_numbers=row_numbers)
    return found.answers


def read_external(
    paths: Sequence[Path],
    n_samples: int,
    k: int | None = None,
    *,
    first_id: Literal[0, 1] | None = None,
    metric: str = "euclidean",
    row_numbers: NDArray[np.int64] | None = None,
    points: NDArray[np.float32] | None = None,
    asked: Asked = ALL_POINTS,
    distances: str | None = None,
    zero_axis: bool = False,
    ids: Any = None,
) -> External:
    """Read ids, and distances if there are any, of all points from the files of ``find_neighbors``.

    A .parquet, or a folder of them, holds ``row``, ``indices`` and ``distances``, in any order, or what
    ``find_in_table`` finds, with the user's own ``ids``, an Arrow array (n_samples,). ``first_id``
    is the first point's id, found out where None. Where rows have more than ``k`` columns the point itself
    is taken out by id; without ``k``, rows that mostly hold themselves have one column more than k.
    ``distances`` is one of ``KINDS``, by default the metric's own. Where only some rows of the user's file
    were taken, ids are that file's row numbers and ``row_numbers`` (n_samples,), ascending, says which were.
    With ``points``, which are unit vectors under ``cosine``, ids and distances are held against them: to find
    out from which number ids count, to say what the distances seem to be, and to fill them in where there
    are none. Of queries (``asked``) each row has neighbors, and ids are those of points. Rows whose
    last coordinate is that of zero vectors (``zero_axis``) are not judged. Raises
    ValueError where the content is unfit, OSError where a file is.
    """
    if ids is not None:  # neighbors are called by them, or are their positions
        row_numbers = None
    n_rows = n_samples if asked.queries is None else len(asked.queries)
    answered = row_numbers if asked.queries is None else None
    rows = np.arange(n_rows) if answered is None else answered
    found, name = _read(paths, rows, n_rows, ids), paths[0]
    raw, given = _checked(found, name, n_rows, answered)
    missing = _missing(raw, given, n_samples - 1 if row_numbers is None else int(row_numbers[-1]))
    numbering = find_numbering(raw, missing, n_samples, first_id, row_numbers, points, asked)
    ids = numbering.positions(raw, missing)
    own = ids == asked.own_ids(np.arange(n_rows))[:, None]
    if k is None:
        k = ids.shape[1] - int(np.mean(own.any(axis=1)) > 0.5)
        k = min(k, _common(np.count_nonzero((ids != -1) & ~own, axis=1))) if found.graph else k
    if not 1 <= k <= ids.shape[1]:
        raise ValueError(f"{name}: k is {k}, allowed are 1 to {ids.shape[1]}, the columns there are")
    kept = np.argsort(own, axis=1, kind="stable")[:, :k] if ids.shape[1] > k else None
    if kept is not None:
        raw, ids = np.take_along_axis(raw, kept, 1), np.take_along_axis(ids, kept, 1)
        given = None if given is None else np.take_along_axis(given, kept, 1)
    kind = distances or default_kind(metric)
    notes = (*found.notes, *numbering.notes())
    if given is None:
        if points is None:
            raise ValueError(f"{name}: there are ids only, and no points to measure their distances")
        ids, values = _by_distance(points, ids, asked)
        notes = (*notes, "there are ids only: their distances were measured here")
    else:
        if points is not None:
            _check_kind(name, kind, metric, given, ids, points, asked)
        with np.errstate(invalid="ignore", over="ignore"):
            values = KINDS[kind][0](given.astype(np.float64))
        if given.dtype == np.float16 and points is not None:
            ids, values = _sharpened(points, ids, values, asked)
            notes = (*notes, "distances are float16: they were compared to that precision")
    narrow = np.where(ids == -1, np.inf, values).astype(np.float32)
    judged = np.ones(n_rows, np.bool_)
    if zero_axis and points is not None:
        judged = points[:, -1] != 1
        notes = (*notes, f"{np.count_nonzero(~judged)} zero vectors are not judged: all are as far from them")
    return External(Answers(ids, narrow, judged), notes, OwnWords(raw, given, numbering, kind, asked))


def _read(paths: Sequence[Path], rows: NDArray[np.int64], n_rows: int, ids: Any) -> Found:
    if len(paths) == 1 and (paths[0].is_dir() or paths[0].suffix.lower() == ".parquet"):
        return find_in_table(paths[0], rows, ids)
    return find_neighbors(paths, n_rows)


def _checked(
    found: Found, name: Path, n_rows: int, row_numbers: NDArray[np.int64] | None
) -> tuple[NDArray[np.int64], NDArray[Any] | None]:
    """Ids as int64 and distances as floats, of the rows that were taken; raises where they cannot be."""
    raw, given = found.ids, found.distances
    if raw.ndim != 2 or (given is not None and raw.shape != given.shape):
        shape = "none" if given is None else given.shape
        raise ValueError(f"{name}: ids have shape {raw.shape} and distances {shape}, expected both (n, k)")
    whole = raw.dtype.kind == "f" and bool(np.all(raw[np.isfinite(raw)] == np.floor(raw[np.isfinite(raw)])))
    if not (raw.dtype.kind in "iu" or whole) or (given is not None and given.dtype.kind not in "fiu"):
        types = f"ids are {raw.dtype}, distances {'none' if given is None else given.dtype}"
        raise ValueError(f"{name}: {types}, expected integers and floats")
    if row_numbers is not None and len(raw) > max(n_rows, row_numbers.max()):
        raw, given = raw[row_numbers], None if given is None else given[row_numbers]
    if len(raw) != n_rows:
        turned = ": is it turned round?" if raw.shape[1] == n_rows else ""
        raise ValueError(f"{name}: neighbors of {len(raw)} points, the workload has {n_rows}{turned}")
    if given is not None and given.dtype.kind != "f":
        given = given.astype(np.float64)
    return _as_int64(raw), given


def _as_int64(raw: NDArray[Any]) -> NDArray[np.int64]:
    """Ids as int64; the largest value of a type, and NaN, stand for a neighbor that is missing."""
    if raw.dtype.kind == "f":
        return np.where(np.isfinite(raw), raw, -1).astype(np.int64)
    largest = np.iinfo(raw.dtype).max
    gone = raw == largest if raw.dtype.itemsize >= 4 else np.zeros(raw.shape, np.bool_)
    return np.where(gone, -1, np.where(gone, 0, raw).astype(np.int64))


def _missing(raw: NDArray[np.int64], given: NDArray[Any] | None, last_id: int) -> NDArray[np.bool_]:
    """Neighbors that are not there: -1, or an id that no point has at a distance that is none."""
    found: NDArray[np.bool_] = raw == -1
    if given is None:
        return found
    return found | (((raw < 0) | (raw > last_id)) & ~(given.astype(np.float64) < _NO_DISTANCE))


def _common(sizes: NDArray[np.int64]) -> int:
    values, counts = np.unique(sizes, return_counts=True)
    return int(values[np.argmax(counts)])


def _check_kind(
    name: Path,
    kind: str,
    metric: str,
    given: NDArray[Any],
    ids: NDArray[np.int32],
    points: NDArray[np.float32],
    asked: Asked,
) -> None:
    """Raise where the distances are plainly of another kind."""
    rows = np.linspace(0, len(ids) - 1, min(_SAMPLED_ROWS, len(ids))).astype(np.int64)
    at, column = np.nonzero((ids[rows] >= 0) & (ids[rows] < len(points)))
    true = asked.distances(points, rows[at], ids[rows[at], column])
    guess = guess_kind(kind, metric, given[rows[at], column], true)
    if guess.seems is not None:
        raise ValueError(f"{name}: {guess.in_words()}")


def _measured(points: NDArray[np.float32], ids: NDArray[np.int32], asked: Asked) -> NDArray[np.float64]:
    """The distance of each row to each of its neighbors, inf where there is none."""
    values = np.full(ids.shape, np.inf)
    step = max(1, _PAIRS_AT_ONCE // ids.shape[1])
    for start in range(0, len(ids), step):
        block = ids[start : start + step]
        at, column = np.nonzero((block >= 0) & (block < len(points)))
        values[start + at, column] = asked.distances(points, start + at, block[at, column])
    return values


def _by_distance(
    points: NDArray[np.float32], ids: NDArray[np.int32], asked: Asked
) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
    """Neighbors nearest first, with their distances."""
    values = _measured(points, ids, asked)
    order = np.argsort(values, axis=1, kind="stable")
    return np.take_along_axis(ids, order, 1), np.take_along_axis(values, order, 1)


def _sharpened(
    points: NDArray[np.float32], ids: NDArray[np.int32], values: NDArray[np.float64], asked: Asked
) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
    """The measured distance in place of each that is right as far as float16 goes, nearest first."""
    true = _measured(points, ids, asked)
    near = np.abs(values - true) <= 2.0**-10 * np.abs(true) + 6e-8
    sharp = np.where(near, true, values)
    order = np.argsort(np.where(near.all(axis=1, keepdims=True), sharp, 0), axis=1, kind="stable")
    return np.take_along_axis(ids, order, 1), np.take_along_axis(sharp, order, 1)
