"""Neighbors computed elsewhere, read as answers, so that other tools' results stand in the same table."""

import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from bench.answers import Answers
from bench.strategy import PART_COLUMNS
from bench.workloads.files import File
from bench.workloads.reading import Reading

HDF5 = (".h5", ".hdf5")


def read_neighbors(
    paths: Sequence[Path],
    n_samples: int,
    k: int | None = None,
    *,
    first_id: Literal[0, 1] | None = None,
    metric: str = "euclidean",
    row_numbers: NDArray[np.int64] | None = None,
) -> Answers:
    """Read ids and distances of all points: .npy (ids) and .npy (distances), one .npz, or one HDF5 file.

    A .npz holds ``indices`` and ``distances``, HDF5 ``knns`` and ``dists``; a .parquet, or a folder of them,
    ``row``, ``indices`` and ``distances``, in any order. ``first_id`` is the first point's
    id, detected where None: 1 if the smallest is at least 1 and the largest n. Where rows have more than
    ``k`` columns the point itself is taken out by id; without ``k``, rows that mostly hold themselves have
    one column more than k. Under ``cosine`` the distances are cosine distances and become Euclidean ones
    between unit vectors. Where only some rows of the user's file were taken, ids are that file's row numbers
    and ``row_numbers`` (n_samples,), ascending, says which were. Raises ValueError where the content is
    unfit, OSError where a file is.
    """
    raw, distances = _read_arrays(paths, np.arange(n_samples) if row_numbers is None else row_numbers)
    name = paths[0]
    if raw.ndim != 2 or raw.shape != distances.shape:
        raise ValueError(
            f"{name}: ids have shape {raw.shape} and distances {distances.shape}, expected both (n, k)"
        )
    if len(raw) != n_samples:
        raise ValueError(f"{name}: neighbors of {len(raw)} points, the workload has {n_samples}")
    if raw.dtype.kind not in "iu" or distances.dtype.kind != "f":
        raise ValueError(
            f"{name}: ids are {raw.dtype}, distances {distances.dtype}, expected integers and floats"
        )
    raw = raw.astype(np.int64) if row_numbers is None else _positions(raw.astype(np.int64), row_numbers)
    ids = _count_from_zero(raw, n_samples, 0 if row_numbers is not None else first_id)
    own = ids == np.arange(n_samples)[:, None]
    if k is None:
        k = ids.shape[1] - int(np.mean(own.any(axis=1)) > 0.5)
    if not 1 <= k <= ids.shape[1]:
        raise ValueError(f"{name}: k is {k}, allowed are 1 to {ids.shape[1]}, the columns there are")
    if ids.shape[1] > k:
        kept = np.argsort(own, axis=1, kind="stable")[:, :k]
        ids, distances = np.take_along_axis(ids, kept, 1), np.take_along_axis(distances, kept, 1)
    if metric == "cosine":
        distances = np.sqrt(2 * np.maximum(distances, 0))
    distances = np.where(ids == -1, np.inf, distances).astype(np.float32)
    return Answers(ids, distances, np.ones(n_samples, np.bool_))


def _positions(ids: NDArray[np.int64], row_numbers: NDArray[np.int64]) -> NDArray[np.int64]:
    """Turn the file's row numbers into positions among the rows taken; a row not taken is out of range."""
    found = np.minimum(np.searchsorted(row_numbers, ids), len(row_numbers) - 1)
    return np.where(ids < 0, -1, np.where(row_numbers[found] == ids, found, len(row_numbers)))


def _count_from_zero(
    raw: NDArray[np.int64], n_samples: int, first_id: Literal[0, 1] | None
) -> NDArray[np.int32]:
    """Ids of the workload; -1 (or 0 where ids begin at 1) is missing, out of range stays out of range."""
    if first_id is None:
        found = raw[raw >= 0]
        first_id = 1 if found.size and found.min() >= 1 and found.max() == n_samples else 0
    missing = (raw >= -1) & (raw < first_id)
    return np.where(missing, -1, np.clip(raw - first_id, -2, n_samples)).astype(np.int32)


def _read_arrays(paths: Sequence[Path], rows: NDArray[np.int64]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Ids and distances of these rows."""
    suffixes = [path.suffix.lower() for path in paths]
    if suffixes == [".npy", ".npy"]:
        return _read_numpy(paths[0])[""], _read_numpy(paths[1])[""]
    if suffixes == [".npz"]:
        return _pick(paths[0], _read_numpy(paths[0]), ("indices", "distances"))
    if len(paths) == 1 and suffixes[0] in HDF5:
        return _read_hdf5(paths[0])
    if len(paths) == 1 and (paths[0].is_dir() or suffixes[0] == ".parquet"):
        return _in_order(paths[0], rows)
    given = " ".join(map(str, paths)) or "nothing"
    raise ValueError(
        f"neighbors: {given}, allowed are two .npy files (ids, distances), one .npz, .h5, .hdf5 or .parquet"
    )


def _in_order(path: Path, expected: NDArray[np.int64]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Ids and distances in the order of ``expected`` rows, each of which must be there once."""
    rows, ids, distances = read_parts(path)
    order = np.argsort(rows, kind="stable")
    rows = rows[order]
    if len(twice := rows[1:][rows[1:] == rows[:-1]]):
        raise ValueError(f"{path}: row {twice[0]} is there twice")
    for what, found in (
        ("is missing", np.setdiff1d(expected, rows)),
        ("is none of the workload's", np.setdiff1d(rows, expected)),
    ):
        if len(found):
            raise ValueError(f"{path}: row {found[0]} {what}")
    return ids[order], distances[order]


def read_parts(path: Path) -> tuple[NDArray[np.int64], NDArray[Any], NDArray[Any]]:
    """Rows (n,), ids and distances (n, k) of a Parquet file, or of a folder of them, in the order written.

    Raises ValueError where a column is missing or is not what it should be.
    """
    rows, indices, distances = (np.concatenate(list(_column(path, name))) for name in PART_COLUMNS)
    if rows.shape[1] != 1 or rows.dtype.kind not in "iu":
        raise ValueError(
            f"{path}: rows are {rows.dtype} in {rows.shape[1]} columns, expected one of integers"
        )
    return rows[:, 0].astype(np.int64), indices, distances


def _column(path: Path, name: str) -> Iterator[NDArray[Any]]:
    return File.find(path, Reading(columns=name)).open().blocks


def _read_numpy(path: Path) -> Mapping[str, NDArray[Any]]:
    """Arrays by name; the one array of a .npy has none."""
    try:
        with path.open("rb") as file:
            loaded = np.load(file, allow_pickle=False)
            return {"": loaded} if isinstance(loaded, np.ndarray) else dict(loaded)
    except (ValueError, EOFError, zipfile.BadZipFile) as error:
        raise ValueError(f"{path}: not a readable {path.suffix} file of numbers") from error


def _read_hdf5(path: Path) -> tuple[NDArray[Any], NDArray[Any]]:
    import h5py  # noqa: PLC0415 (heavy, and few need it)

    if path.is_file() and not h5py.is_hdf5(path):
        raise ValueError(f"{path}: not an HDF5 file")
    with h5py.File(path, "r") as file:
        datasets = {name: item for name, item in file.items() if isinstance(item, h5py.Dataset)}
        ids, distances = _pick(path, datasets, ("knns", "dists"))
        return ids[:], distances[:]


def _pick(path: Path, arrays: Mapping[str, Any], names: tuple[str, str]) -> tuple[Any, Any]:
    for name in names:
        if name not in arrays:
            there = ", ".join(sorted(arrays)) or "nothing with a name"
            raise ValueError(f"{path}: no {name!r} in it, there is {there}")
    return arrays[names[0]], arrays[names[1]]
