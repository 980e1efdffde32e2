"""Reads numpy's .npy and .npz, without mapping them: a file cut off meanwhile is an error and no crash."""

import math
import shutil
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from bench.workloads.formats import Request
from bench.workloads.formats.choosing import check_dtype, check_shape, chosen_array, ids_among
from bench.workloads.stream import Stream, UnreadableError


@dataclass(frozen=True, slots=True)
class _Array:
    """What the header of a .npy says."""

    shape: tuple[int, ...]
    fortran_order: bool
    dtype: np.dtype[Any]

    @property
    def bytes(self) -> int:
        """How many bytes the values take; of pickled objects nobody knows."""
        return sys.maxsize if self.dtype.hasobject else math.prod(self.shape) * self.dtype.itemsize


def read(path: Path, request: Request) -> Stream:
    """Read a .npy, or the array that is asked for or found in a .npz."""
    if path.suffix.lower() == ".npz":
        return _read_npz(path, request)
    with path.open("rb") as file:
        array = _header(path.name, file)
        behind = path.stat().st_size - file.tell() - array.bytes
    _check_alone(path.name, behind)
    return _stream(path.name, array, lambda: path.open("rb"), request)


def _read_npz(path: Path, request: Request) -> Stream:
    with zipfile.ZipFile(path) as archive:
        members = {name.removesuffix(".npy"): name for name in archive.namelist() if name.endswith(".npy")}
        arrays = {}
        for key, member in members.items():
            with archive.open(member) as file:
                arrays[key] = array = _header(f"{key!r} in {path.name}", file)
                behind = archive.getinfo(member).file_size - file.tell() - array.bytes
                _check_alone(f"{key!r} in {path.name}", behind)
    shapes = {key: (array.shape, array.dtype) for key, array in arrays.items()}
    key, note = chosen_array(path.name, request.reading.key, shapes)
    opened = partial(_opened_member, path, members[key], seeking=arrays[key].fortran_order)
    return _stream(f"{key!r} in {path.name}", arrays[key], opened, request, note)


def read_ids(path: Path, column: str) -> Any:
    """An array of one dimension in a .npz."""
    with np.load(path, allow_pickle=False) as archive:
        return ids_among(path.name, column, dict.fromkeys(archive.files, archive.__getitem__))


@contextmanager
def _opened_member(path: Path, member: str, *, seeking: bool) -> Iterator[IO[bytes]]:
    """Open an array in an archive; one that is read to and fro is unpacked into a nameless file first."""
    with zipfile.ZipFile(path) as archive, archive.open(member) as file:
        if not seeking:
            yield file
            return
        with tempfile.TemporaryFile() as unpacked:
            shutil.copyfileobj(file, unpacked)
            unpacked.seek(0)
            yield unpacked


def _check_alone(name: str, behind: int) -> None:
    """Raise where more bytes follow an array, as where two were saved into one file."""
    if behind > 0:
        raise UnreadableError(
            f"{name} goes on for {behind:,} bytes behind its array: was another one saved into the same "
            "file? np.savez keeps several apart"
        )


def _stream(name: str, array: _Array, opened: Callable[[], Any], request: Request, note: str = "") -> Stream:
    check_dtype(name, array.dtype)
    n, d = check_shape(name, array.shape)
    blocks = (_by_columns if array.fortran_order else _by_rows)(name, opened, request)
    return Stream(n, d, str(array.dtype), blocks, (note,) if note else ())


def _header(name: str, file: IO[bytes]) -> _Array:
    version = np.lib.format.read_magic(file)
    if version == (1, 0):
        header = np.lib.format.read_array_header_1_0(file)
    elif version == (2, 0):
        header = np.lib.format.read_array_header_2_0(file)
    else:
        raise UnreadableError(
            f"{name} is of .npy version {version[0]}.{version[1]}, readable are 1.0 and 2.0"
        )
    return _Array(*header)


def _by_rows(name: str, opened: Callable[[], Any], request: Request) -> Iterator[NDArray[Any]]:
    with opened() as file:
        array = _header(name, file)
        n, d = array.shape
        rows = request.block_rows(d * array.dtype.itemsize)
        for start in range(0, n, rows):
            block = _exactly(name, file, min(rows, n - start) * d, array.dtype)
            yield block.reshape(-1, d)


def _by_columns(name: str, opened: Callable[[], Any], request: Request) -> Iterator[NDArray[Any]]:
    """Read an array in Fortran order: a piece of every column makes a block."""
    with opened() as file:
        array = _header(name, file)
        n, d = array.shape
        data = file.tell()
        size = array.dtype.itemsize
        rows = request.block_rows(d * size)
        for start in range(0, n, rows):
            taken = min(rows, n - start)
            block = np.empty((taken, d), array.dtype)
            for column in range(d):
                file.seek(data + (column * n + start) * size)
                block[:, column] = _exactly(name, file, taken, array.dtype)
            yield block


def _exactly(name: str, file: IO[bytes], values: int, dtype: np.dtype[Any]) -> NDArray[Any]:
    content = file.read(values * dtype.itemsize)
    if len(content) < values * dtype.itemsize:
        raise UnreadableError(f"{name} is cut off: it ends before the rows that its header promises")
    return np.frombuffer(content, dtype)
