"""Ids and distances of neighbors in the files of other tools, by the names and layouts that these use."""

import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

HDF5 = (".h5", ".hdf5", ".h5ad")
FORMS = (
    "two .npy (ids, distances) or one of ids, .npz, .h5, .hdf5, .h5ad, .ivecs (with .fvecs of distances), "
    ".ibin or .parquet"
)
IDS = ("indices", "knns", "neighbors", "knn_indices", "ids", "knn", "idx", "i", "labels", "index", "nbrs",
       "nn_idx", "nn_index", "nn_indices", "neighbor_ids", "neighbors_idx", "neighbor_indices")  # fmt: skip
DISTANCES = ("distances", "dists", "knn_dists", "knn_distances", "dist", "d", "distance", "nn_dist",
             "nn_dists", "nn_distances", "neighbor_distances", "neighbor_dists")  # fmt: skip
_SPARSE = ("data", "indices", "indptr")


@dataclass(frozen=True, slots=True)
class Found:
    """Neighbors as a file has them, shape (n, k)."""

    ids: NDArray[Any]
    distances: NDArray[Any] | None
    """None where the file has none."""
    notes: tuple[str, ...] = ()
    graph: bool = False
    """Whether they are the entries of a sparse matrix: each row was put in order here."""


def find_neighbors(paths: Sequence[Path], n_samples: int) -> Found:
    """Find ids and distances in .npy, .npz, HDF5 and the search benchmarks' files.

    Raises ValueError where there are none, or the files are of no such form; OSError where one is not there.
    """
    suffixes = [path.suffix.lower() for path in paths]
    for path in paths:
        if not path.exists():
            raise FileNotFoundError(f"{path}: there is no such file")
    if suffixes in ([".npy"], [".npy", ".npy"]):
        return _told_apart(paths[0], {path.name: _read_numpy(path)[""] for path in paths}, n_samples)
    if suffixes == [".npz"]:
        arrays = _read_numpy(paths[0])
        if {"indptr", "format"} <= arrays.keys() or {"row", "col"} <= arrays.keys():
            return _from_sparse(_loaded_graph(paths[0]), str(paths[0]))
        return _among(paths[0], arrays, n_samples)
    if len(paths) == 1 and suffixes[0] in HDF5:
        return _from_hdf5(paths[0], n_samples)
    if suffixes[:1] == [".ivecs"] and suffixes[1:] in ([], [".fvecs"]):
        return Found(_vecs(paths[0], "<i4"), _vecs(paths[1], "<f4") if paths[1:] else None)
    if suffixes == [".ibin"]:
        return _from_big_ann(paths[0])
    given = " ".join(map(str, paths)) or "nothing"
    raise ValueError(f"neighbors: {given}, allowed are {FORMS}")


def _read_numpy(path: Path) -> Mapping[str, NDArray[Any]]:
    """Arrays by name; the one array of a .npy has none."""
    try:
        with path.open("rb") as file:
            loaded = np.load(file, allow_pickle=False)
            return {"": loaded} if isinstance(loaded, np.ndarray) else dict(loaded)
    except (ValueError, EOFError, zipfile.BadZipFile) as error:
        raise ValueError(f"{path}: not a readable {path.suffix} file of numbers") from error


def _told_apart(path: Path, arrays: Mapping[str, NDArray[Any]], n_samples: int) -> Found:
    """Ids and distances of one or two arrays without names, whichever comes first."""
    values = list(arrays.values())
    if len(values) == 1:
        if not _are_ids(values[0], n_samples):
            raise ValueError(f"{path}: ids are needed, these {values[0].dtype} look like distances")
        return Found(values[0], None)
    return _in_order(path, values[0], values[1], n_samples)


def _in_order(path: Path, ids: NDArray[Any], distances: NDArray[Any], n_samples: int) -> Found:
    if ids.shape == distances.shape and not _are_ids(ids, n_samples) and _are_ids(distances, n_samples):
        note = f"{path.name}: ids and distances were the other way round"
        return Found(distances, ids, (note,))
    return Found(ids, distances)


def _are_ids(values: NDArray[Any], n_samples: int) -> bool:
    """Whether values can be ids: whole numbers, the most of them in range."""
    if values.dtype.kind in "iu":
        return True
    if values.dtype.kind != "f" or not values.size:
        return False
    whole = np.isfinite(values) & (values == np.floor(values)) & (values >= -1) & (values <= n_samples)
    return bool(whole.mean() > 0.9 and np.ptp(values[whole]) > 1)


def _among(path: Path, arrays: Mapping[str, Any], n_samples: int) -> Found:
    """Ids and distances among named arrays."""
    names = {name.rpartition("/")[2].lower(): name for name in arrays}
    ids = next((names[name] for name in IDS if name in names), None)
    distances = next((names[name] for name in DISTANCES if name in names), None)
    if ids is None and (alone := _by_content(arrays, n_samples)):
        ids, distances = alone
    if ids is None:
        there = ", ".join(sorted(arrays)) or "nothing with a name"
        raise ValueError(
            f"{path}: no ids in it, there is {there}; they are looked for as {', '.join(IDS[:5])}"
        )
    if distances is None:
        return Found(arrays[ids][:], None, (f"ids are {ids}",))
    found = _in_order(path, arrays[ids][:], arrays[distances][:], n_samples)
    own = (ids, distances) in (("indices", "distances"), ("knns", "dists"))
    return (
        found
        if own or found.notes
        else Found(found.ids, found.distances, (f"ids are {ids}, distances {distances}",))
    )


def _by_content(arrays: Mapping[str, Any], n_samples: int) -> tuple[str, str | None] | None:
    """The only array that can be ids, and the only other one of its shape; None where it is not plain."""
    fit = [name for name, array in arrays.items() if len(array.shape) == 2 and array.shape[0] == n_samples]
    ids = [name for name in fit if _are_ids(arrays[name][:], n_samples)]
    others = [name for name in fit if name not in ids]
    if len(ids) != 1 or len(others) > 1:
        return None
    return ids[0], others[0] if others else None


def _from_hdf5(path: Path, n_samples: int) -> Found:
    """A pair of datasets or a sparse matrix, at the top of a file or in a group; of several, what fits."""
    import h5py  # noqa: PLC0415 (heavy, and few need it)

    if path.is_file() and not h5py.is_hdf5(path):
        raise ValueError(f"{path}: not an HDF5 file")
    with h5py.File(path, "r") as file:
        groups: dict[str, Any] = {"": file}
        file.visititems(
            lambda name, item: groups.update({name: item}) if isinstance(item, h5py.Group) else None
        )
        found = [one for name, group in groups.items() for one in _of_group(path, name, group, n_samples)]
        if not found:
            datasets: dict[str, Any] = {}
            file.visititems(
                lambda name, item: datasets.update({name: item}) if isinstance(item, h5py.Dataset) else None
            )
            return _among(path, datasets, n_samples)
    return next((one for one in found if len(one.ids) == n_samples), found[0])


def _of_group(path: Path, name: str, group: Any, n_samples: int) -> Iterator[Found]:
    import h5py  # noqa: PLC0415 (heavy, and few need it)

    arrays = {key: item for key, item in group.items() if isinstance(item, h5py.Dataset)}
    if set(_SPARSE) <= arrays.keys():
        if "connectivities" not in name:
            from scipy import sparse  # noqa: PLC0415 (heavy, and few need it)

            data, indices, ends = (arrays[part][:] for part in _SPARSE)
            size = len(ends) - 1
            found = _from_sparse(sparse.csr_matrix((data, indices, ends), shape=(size, size)), name)
            yield Found(found.ids, found.distances, (f"neighbors are the graph {name}",), graph=True)
        return
    lower = {key.lower() for key in arrays}
    if lower & set(IDS):
        found = _among(path, arrays, n_samples)
        yield (
            found if not name else Found(found.ids, found.distances, (f"neighbors are in the group {name}",))
        )


def _loaded_graph(path: Path) -> Any:
    from scipy import sparse  # noqa: PLC0415 (heavy, and few need it)

    try:
        return sparse.load_npz(path).tocsr()
    except (ValueError, KeyError, zipfile.BadZipFile) as error:
        raise ValueError(f"{path}: not a readable sparse matrix") from error


def _from_sparse(matrix: Any, name: str) -> Found:
    """A graph's entries, nearest first in each row, shorter rows filled up with -1 and inf."""
    if matrix.shape[0] != matrix.shape[1]:
        raise ValueError(f"{name}: a graph of neighbors is square, this matrix has shape {matrix.shape}")
    sizes = np.diff(matrix.indptr)
    ids = np.full((len(sizes), int(sizes.max(initial=0))), -1, np.int64)
    distances = np.full(ids.shape, np.inf)
    rows = np.repeat(np.arange(len(sizes)), sizes)
    order = np.lexsort((matrix.indices, matrix.data, rows))
    columns = np.arange(len(rows)) - np.repeat(matrix.indptr[:-1], sizes)
    ids[rows, columns] = matrix.indices[order]
    distances[rows, columns] = matrix.data[order]
    weights = np.unique(matrix.data[:1000])
    if len(weights) == 1 and weights[0] == 1:
        return Found(ids, None, ("the graph says only who is whose neighbor",), graph=True)
    return Found(ids, distances, graph=True)


def _vecs(path: Path, dtype: str) -> NDArray[Any]:
    """Rows led by their width, as .ivecs and .fvecs have them."""
    raw = np.fromfile(path, "<i4")
    if not len(raw) or raw[0] < 1 or len(raw) % (raw[0] + 1) or np.any(raw[:: raw[0] + 1] != raw[0]):
        raise ValueError(f"{path}: not a {path.suffix} file, or its rows differ in width")
    return np.ascontiguousarray(raw.reshape(-1, raw[0] + 1)[:, 1:]).view(dtype)


def _from_big_ann(path: Path) -> Found:
    """Ids, and distances behind them where there are any, as the big-ann benchmarks write them."""
    raw = np.fromfile(path, "<u4")
    size = int(raw[0]) * int(raw[1]) if len(raw) > 1 else -1
    if size < 1 or len(raw) not in (2 + size, 2 + 2 * size):
        raise ValueError(f"{path}: its size is not what its header says")
    shape = (int(raw[0]), int(raw[1]))
    distances = raw[2 + size :].view("<f4").reshape(shape) if len(raw) > 2 + size else None
    return Found(raw[2 : 2 + size].view("<i4").reshape(shape), distances)
