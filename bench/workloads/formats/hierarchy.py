"""Reads HDF5: ann-benchmarks' ``train`` and SISAP's ``emb`` are found by themselves."""

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import h5py
from numpy.typing import NDArray

from bench.workloads.formats import Request
from bench.workloads.formats.choosing import (
    ArrayKind,
    check_dtype,
    check_shape,
    chosen_array,
    ids_among,
    named_in_anndata,
)
from bench.workloads.stream import Stream, UnreadableError


def read(path: Path, request: Request) -> Stream:
    """Read the dataset that is asked for or found, shape (n_samples, n_features)."""
    arrays: dict[str, ArrayKind] = {}

    def remember(name: str, item: object) -> None:
        if isinstance(item, h5py.Dataset):
            arrays[name] = (item.shape or (), item.dtype)

    with h5py.File(path, "r") as file:
        file.visititems(remember)
    asked = request.reading.key.strip("/") if request.reading.key else None
    key, note = chosen_array(path.name, asked, arrays)
    shape, dtype = arrays[key]
    name = f"{key!r} in {path.name}"
    check_dtype(name, dtype)
    n, d = check_shape(name, shape)
    _check_whole(path, key, name)
    blocks = _blocks(path, key, n, request.block_rows(d * dtype.itemsize))
    return Stream(n, d, str(dtype), blocks, (note,) if note else ())


def _check_whole(path: Path, key: str, name: str) -> None:
    """Raise where a part was never written, which HDF5 reads as zeros, or where rows are columns."""
    with h5py.File(path, "r") as file:
        dataset = file[key]
        turned = "MATLAB_class" in dataset.attrs
        if dataset.chunks is not None:
            parts = math.prod(
                -(-size // chunk) for size, chunk in zip(dataset.shape, dataset.chunks, strict=True)
            )
            missing = parts - dataset.id.get_num_chunks()
        else:
            missing = parts = int(dataset.size > 0 and not dataset.id.get_storage_size())
    if missing > 0:
        raise UnreadableError(
            f"{name} lacks {missing:,} of its {parts:,} chunks, which HDF5 reads as zeros: is it "
            "written whole?"
        )
    if turned:
        raise UnreadableError(f"{name} was written by MATLAB, which turns arrays round: save its transpose")


def read_ids(path: Path, column: str) -> Any:
    """A dataset of one dimension; of AnnData ``obs_names``, or a column of ``obs``."""
    arrays: dict[str, Any] = {}

    def remember(name: str, item: object) -> None:
        if isinstance(item, h5py.Dataset) and len(item.shape or ()) == 1:
            arrays[name] = lambda _: item.asstr()[:] if h5py.check_string_dtype(item.dtype) else item[:]

    with h5py.File(path, "r") as file:
        file.visititems(remember)
        return ids_among(path.name, *named_in_anndata(column, arrays, file.get("obs")))


def _blocks(path: Path, key: str, n: int, rows: int) -> Iterator[NDArray[Any]]:
    with h5py.File(path, "r") as file:
        dataset = file[key]
        for start in range(0, n, rows):
            yield dataset[start : start + rows]
