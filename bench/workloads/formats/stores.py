"""Reads Zarr, versions 2 and 3: one array of two dimensions of a store, a folder or a .zip."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from bench.workloads.formats import Request
from bench.workloads.formats.choosing import (
    check_dtype,
    check_shape,
    chosen_array,
    ids_among,
    named_in_anndata,
)
from bench.workloads.stream import Stream, UnreadableError

_MOST_CHUNK_BYTES = 1 << 28
"""Chunks up to this size are unpacked once; of larger ones, as many rows as asked for at a time."""


def read(path: Path, request: Request) -> Stream:
    """Read the array that is asked for or found, shape (n_samples, n_features), if no chunk is missing."""
    with opened(path) as root:
        arrays = _arrays(root)
        kinds = {name: (array.shape, array.dtype) for name, array in arrays.items()}
        asked = request.reading.key.strip("/") if request.reading.key else None
        key, note = chosen_array(path.name, asked, kinds)
        array = arrays[key]
        missing = array.nchunks - array.nchunks_initialized
    name = f"{key!r} in {path.name}" if key else path.name
    check_dtype(name, array.dtype)
    n, d = check_shape(name, array.shape)
    if missing:
        raise UnreadableError(
            f"{name} lacks {missing:,} of its {array.nchunks:,} chunks, which Zarr reads as "
            f"{array.fill_value}: is it a copy in part? Else write it with write_empty_chunks=True"
        )
    rows = request.block_rows(d * array.dtype.itemsize)
    return Stream(n, d, str(array.dtype), _blocks(path, key, rows), (note,) if note else ())


def read_ids(path: Path, column: str) -> Any:
    """An array of one dimension; of AnnData ``obs_names``, or a column of ``obs``."""
    with opened(path) as root:
        arrays = {name: (lambda _, a=array: a[:]) for name, array in _arrays(root).items() if array.ndim == 1}
        return ids_among(path.name, *named_in_anndata(column, arrays, root.get("obs") if arrays else None))


def attributes_of(path: Path) -> Iterator[dict[str, Any]]:
    """What is said of the root and of all below it."""
    with opened(path) as root:
        yield dict(root.attrs)
        for _, item in root.members(max_depth=None) if hasattr(root, "members") else ():
            yield dict(item.attrs)


@contextmanager
def opened(path: Path) -> Iterator[Any]:
    """Open a store's root, a group or an array; raises UnreadableError where the package is missing."""
    try:
        import zarr  # noqa: PLC0415 (an extra that few need)
    except ImportError as error:
        raise UnreadableError("reading .zarr needs the package zarr: `pip install '.[data]'`") from error
    if path.is_dir():
        yield zarr.open(str(path), mode="r")
        return
    with zarr.storage.ZipStore(path, mode="r") as store:
        yield zarr.open(store, mode="r")


def _arrays(root: Any) -> dict[str, Any]:
    """Every array by its path; a store that is one array has it without a name."""
    if not hasattr(root, "members"):
        return {"": root}
    return {name: item for name, item in root.members(max_depth=None) if hasattr(item, "shape")}


def _blocks(path: Path, key: str, rows: int) -> Iterator[NDArray[Any]]:
    with opened(path) as root:
        array = root[key] if key else root
        n, chunk = array.shape[0], (getattr(array, "shards", None) or array.chunks)[0]
        small = chunk * array.shape[1] * array.dtype.itemsize <= _MOST_CHUNK_BYTES
        step = -(-rows // chunk) * chunk if small else rows
        for start in range(0, n, step):
            read = array[start : start + step]
            for begin in range(0, len(read), rows):
                yield read[begin : begin + rows]
