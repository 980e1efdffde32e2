"""Reads .fvecs and .bvecs (each row led by its width) and .fbin and .u8bin (one header, then rows)."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.workloads.formats import Request
from bench.workloads.stream import Stream, UnreadableError

_DTYPES: dict[str, np.dtype[Any]] = {
    ".fvecs": np.dtype("<f4"),
    ".bvecs": np.dtype("u1"),
    ".fbin": np.dtype("<f4"),
    ".u8bin": np.dtype("u1"),
}
_HEADERS = {".fvecs": "<i4", ".bvecs": "<i4", ".fbin": "<u4", ".u8bin": "<u4"}


def read(path: Path, request: Request) -> Stream:
    """Read a file whose size must be what its header says."""
    suffix = path.suffix.lower()
    dtype = _DTYPES[suffix]
    led = suffix.endswith("vecs")
    size = path.stat().st_size
    header = np.fromfile(path, _HEADERS[suffix], 1 if led else 2)
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
