"""Neighbors computed elsewhere, read as answers, so that other tools' results stand in the same table."""

import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from bench.answers import Answers

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

    A .npz holds ``indices`` and ``distances``, HDF5 ``knns`` and ``dists``. ``first_id`` is the first point's
    id, detected where None: 1 if the smallest is at least 1 and the largest n. Where rows have more than
    ``k`` columns the point itself is taken out by id; without ``k``, rows that mostly hold themselves have
    one column more than k. Under ``cosine`` the distances are cosine distances and become Euclidean ones
    between unit vectors. Where only some rows of the user's file were taken, ids are that file's row numbers
    and ``row_numbers`` (n_samples,), ascending, says which were. Raises ValueError where the content is
    unfit, OSError where a file is.
    """
    raw, distances = _read_arrays(paths)
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


def _read_arrays(paths: Sequence[Path]) -> tuple[NDArray[Any], NDArray[Any]]:
    suffixes = [path.suffix.lower() for path in paths]
    if suffixes == [".npy", ".npy"]:
        return _read_numpy(paths[0])[""], _read_numpy(paths[1])[""]
    if suffixes == [".npz"]:
        return _pick(paths[0], _read_numpy(paths[0]), ("indices", "distances"))
    if len(paths) == 1 and suffixes[0] in HDF5:
        return _read_hdf5(paths[0])
    given = " ".join(map(str, paths)) or "nothing"
    raise ValueError(
        f"neighbors: {given}, allowed are two .npy files (ids, distances), one .npz, .h5 or .hdf5"
    )


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
