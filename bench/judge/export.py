"""Writes a run's neighbors in file formats that other tools read."""

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.answers import Answers
from bench.judge.external import HDF5


def check_target(path: Path, *, graph: bool = False) -> None:
    """Refuse, before anything is computed, a file that ``save_neighbors`` could not write.

    Raises ValueError for its ending, OSError for its directory.
    """
    allowed = (".npz",) if graph else (*HDF5, ".npz")
    if path.suffix.lower() not in allowed:
        form = "a graph" if graph else "neighbors"
        raise ValueError(
            f"{path}: cannot write {form} as {path.suffix or 'a file without ending'!r}, "
            f"allowed are {', '.join(allowed)}"
        )
    if not path.parent.is_dir():
        raise FileNotFoundError(f"{path}: its directory does not exist")


def save_neighbors(
    path: Path,
    answers: Answers,
    *,
    with_self: bool = False,
    graph: bool = False,
    metric: str = "euclidean",
    row_numbers: NDArray[np.int64] | None = None,
    ids: Any = None,
    n_points: int | None = None,
) -> None:
    """Write all answers in one step; rows not answered hold -1 and inf.

    ``.h5`` and ``.hdf5`` get ``knns`` (int32, counted from 0) and ``dists`` (float32), ``.npz`` gets
    ``indices`` and ``distances``; ``with_self`` puts each point before its neighbors at distance 0, the
    precomputed form of UMAP and scanpy; ``graph`` makes it a CSR matrix (n, n) of distances, nearest first
    in each row. Under ``cosine`` the distances written are cosine distances, half the squared Euclidean
    ones of unit vectors. Where only some rows of the user's file were taken, ``row_numbers`` (n,) says which:
    ids are then the file's row numbers and the array ``rows`` names the rows answered; a graph keeps the
    numbering of what was taken. The user's own ``ids``, an Arrow array (n,), are written beside as ``ids``,
    and neighbors then are positions in them. With ``n_points`` the answers are of queries, one row for each:
    ids are those of so many points, and a graph is (n_queries, n_points). Raises ValueError and OSError.
    """
    check_target(path, graph=graph)
    rows, indices, distances = to_user_ids(
        answers,
        slice(None),
        with_self=with_self,
        metric=metric,
        row_numbers=row_numbers if ids is None and not graph else None,
        n_points=n_points,
    )
    unnamed = row_numbers is None or graph or ids is not None or n_points is not None
    named: dict[str, NDArray[Any]] = {} if unnamed else {"rows": rows}
    if ids is not None:
        plain = (int, float, str)
        named["ids"] = np.array([x if isinstance(x, plain) else str(x) for x in ids.to_pylist()])
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=f".{path.name}.") as directory:
        draft = Path(directory, path.name)
        if graph:
            _write_graph(draft, indices, distances, n_points or len(indices))
        elif path.suffix.lower() in HDF5:
            _write_hdf5(draft, indices, distances, named)
        else:
            np.savez(draft, indices=indices, distances=distances, **named)  # type: ignore[arg-type]  # arrays
        draft.replace(path)


def to_user_ids(
    answers: Answers,
    taken: slice,
    *,
    with_self: bool,
    metric: str,
    row_numbers: NDArray[np.int64] | None,
    n_points: int | None = None,
) -> tuple[NDArray[np.integer], NDArray[np.integer], NDArray[np.float32]]:
    """Rows (m,), ids and distances (m, k) of some answers, as ``save_neighbors`` has them."""
    indices, distances = np.asarray(answers.indices[taken]), np.asarray(answers.distances[taken])
    if metric == "cosine":
        distances = distances * distances * np.float32(0.5)
    n_rows = len(answers.answered)
    numbers = np.arange(n_points or n_rows) if row_numbers is None else row_numbers
    numbers = numbers.astype(np.int64 if numbers.max(initial=0) > np.iinfo(np.int32).max else np.int32)
    rows = (numbers if n_points is None else np.arange(n_rows, dtype=numbers.dtype))[taken]
    indices = np.where(indices >= 0, numbers[indices], -1).astype(numbers.dtype)
    if with_self:
        own = rows[:, None]
        indices = np.hstack([own, indices])
        distances = np.hstack([np.zeros_like(own, np.float32), distances])
    return rows, indices, distances


def _write_hdf5(
    path: Path,
    indices: NDArray[np.integer],
    distances: NDArray[np.float32],
    named: Mapping[str, NDArray[Any]],
) -> None:
    import h5py  # noqa: PLC0415 (heavy, and few need it)

    with h5py.File(path, "w") as file:
        file["knns"] = indices
        file["dists"] = distances
        for name, array in named.items():
            file[name] = array.astype(h5py.string_dtype()) if array.dtype.kind == "U" else array


def _write_graph(
    path: Path, indices: NDArray[np.integer], distances: NDArray[np.float32], n_points: int
) -> None:
    from scipy import sparse  # noqa: PLC0415 (heavy, and few need it)

    present = indices >= 0
    ends = np.concatenate(([0], np.cumsum(present.sum(axis=1))))
    shape = (len(indices), n_points)
    matrix = sparse.csr_matrix((distances[present], indices[present], ends), shape=shape)
    sparse.save_npz(path, matrix, compressed=False)
