"""Reads .fvecs and .bvecs (each row led by its width), .fbin, .u8bin, .i8bin and .bin (one header)."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from bench.workloads.formats import CROPPED, WORDS, Request
from bench.workloads.stream import Stream, UnreadableError

_DTYPES: dict[str, np.dtype[Any]] = {
    ".fvecs": np.dtype("<f4"),
    ".bvecs": np.dtype("u1"),
    ".fbin": np.dtype("<f4"),
    ".u8bin": np.dtype("u1"),
    ".i8bin": np.dtype("i1"),
}
_HEADERS = {".fvecs": "<i4", ".bvecs": "<i4"}
_WORD2VEC = re.compile(rb"\s*(\d+)\s+(\d+)\s*\n")
_LONGEST_WORD = 1 << 12


def read(path: Path, request: Request) -> Stream:
    """Read a file whose size must be what its header says."""
    suffix = CROPPED.sub("", path.name.lower())
    suffix = suffix[suffix.rindex(".") :]
    if suffix == ".bin":
        return _of_no_type(path, request)
    return _typed(path, request, suffix, _DTYPES[suffix])


def _of_no_type(path: Path, request: Request) -> Stream:
    """Read a .bin: word2vec's, whose header is text, or the float32 rows of DiskANN."""
    with path.open("rb") as file:
        begins = file.read(64)
    if sizes := _WORD2VEC.match(begins):
        n, d = map(int, sizes.groups())
        note = "words and vectors as word2vec writes them: the words are left out"
        return Stream(n, d, "float32", _word2vec(path, sizes.end(), n, d, request.block_rows(4 * d)), (note,))
    header = np.frombuffer(begins[:8], "<u4")
    size = path.stat().st_size
    n, d = map(int, header) if len(header) == 2 else (0, 0)
    if d and size == 8 + n * d:
        raise UnreadableError(
            f"{path.name} holds {n} rows of {d} bytes, with a sign or without: rename it .u8bin or .i8bin"
        )
    return _typed(path, request, ".fbin", np.dtype("<f4"))


def _word2vec(path: Path, start: int, n: int, d: int, rows: int) -> Iterator[NDArray[Any]]:
    with path.open("rb") as file:
        file.seek(start)
        block: list[NDArray[Any]] = []
        for row in range(n):
            word = _word(file)
            content = file.read(4 * d)
            if len(content) < 4 * d or not word.endswith(b" "):
                raise UnreadableError(f"{path.name} is cut off after row {row}")
            block.append(np.frombuffer(content, "<f4"))
            if len(block) == rows:
                yield np.stack(block)
                block = []
        if block:
            yield np.stack(block)
        if file.read().strip():
            raise UnreadableError(f"{path.name} goes on behind the {n} rows that its header says")


def read_ids(path: Path, column: str) -> Any:
    """The words of word2vec's binary format."""
    with path.open("rb") as file:
        sizes = _WORD2VEC.match(file.read(64))
        if sizes is None or column not in WORDS:
            raise UnreadableError(f"{path.name} has no ids {column!r}; a .bin of word2vec has {WORDS[0]}")
        file.seek(sizes.end())
        n, d = map(int, sizes.groups())
        words = []
        for _ in range(n):
            words.append(_word(file))
            file.seek(4 * d, 1)
    return pa.array([word.strip().decode("utf-8", errors="replace") for word in words])


def _word(file: IO[bytes]) -> bytes:
    word = b""
    while not word.endswith(b" ") and len(word) < _LONGEST_WORD:
        one = file.read(1)
        if not one:
            break
        word += one
    return word


def _typed(path: Path, request: Request, suffix: str, dtype: np.dtype[Any]) -> Stream:
    """Read a file whose values are of a known type."""
    led = suffix.endswith("vecs")
    size = path.stat().st_size
    header = np.fromfile(path, _HEADERS.get(suffix, "<u4"), 1 if led else 2)
    if len(header) < (1 if led else 2):
        raise UnreadableError(f"{path.name} is cut off: {size} bytes hold no header")
    d = int(header[-1])
    row_bytes = (4 if led else 0) + d * dtype.itemsize
    if d < 1 or d > size:
        raise UnreadableError(
            f"{path.name} says its rows have {d} values: it is no {suffix} file, or damaged"
        )
    if led:
        n, rest = divmod(size, row_bytes)
        if rest:
            raise UnreadableError(
                f"{path.name} has {size} bytes, which is no multiple of {row_bytes}, a row of {d} values: "
                "it is cut off, or its rows differ in width"
            )
    else:
        n = int(header[0])
        if size != 8 + n * row_bytes:
            raise UnreadableError(
                f"{path.name} says {n} rows of {d} values, {8 + n * row_bytes} bytes, and has {size}: "
                "it is cut off, or another format"
            )
    return Stream(n, d, str(dtype), _blocks(path, n, d, dtype, led, request.block_rows(row_bytes)))


def _blocks(path: Path, n: int, d: int, dtype: np.dtype[Any], led: bool, rows: int) -> Iterator[NDArray[Any]]:
    record = np.dtype([("d", "<i4"), ("values", dtype, (d,))] if led else [("values", dtype, (d,))])
    with path.open("rb") as file:
        file.seek(0 if led else 8)
        for start in range(0, n, rows):
            content = file.read(min(rows, n - start) * record.itemsize)
            if len(content) < min(rows, n - start) * record.itemsize:
                raise UnreadableError(f"{path.name} is cut off after row {start}")
            block = np.frombuffer(content, record)
            if led and np.any(block["d"] != d):
                odd = int(np.flatnonzero(block["d"] != d)[0])
                raise UnreadableError(
                    f"row {start + odd} of {path.name} has {block['d'][odd]} values, those before it {d}"
                )
            yield block["values"]
