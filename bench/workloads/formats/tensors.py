"""Reads safetensors: one tensor of two dimensions."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.workloads.formats import Request
from bench.workloads.formats.choosing import ArrayKind, check_dtype, check_shape, chosen_array
from bench.workloads.stream import Stream, UnreadableError

_DTYPES = {
    "F64": "f8",
    "F32": "f4",
    "F16": "f2",
    "I64": "i8",
    "I32": "i4",
    "I16": "i2",
    "I8": "i1",
    "U8": "u1",
}


def read(path: Path, request: Request) -> Stream:
    """Read the tensor that is asked for or found, shape (n_samples, n_features)."""
    opened = _opener()
    with opened(path, framework="numpy") as file:
        slices = {name: file.get_slice(name) for name in file.keys()}  # noqa: SIM118 (no mapping)
        arrays: dict[str, ArrayKind] = {
            name: (tuple(part.get_shape()), np.dtype(_DTYPES.get(part.get_dtype(), "V2")))
            for name, part in slices.items()
        }
        kinds = {name: part.get_dtype() for name, part in slices.items()}
    key, note = chosen_array(path.name, request.reading.key, arrays)
    shape, dtype = arrays[key]
    name = f"{key!r} in {path.name}"
    if kinds[key] not in _DTYPES:
        raise UnreadableError(f"{name} holds {kinds[key]}, readable are {', '.join(_DTYPES)}")
    check_dtype(name, dtype)
    n, d = check_shape(name, shape)
    blocks = _blocks(path, key, n, request.block_rows(d * dtype.itemsize))
    return Stream(n, d, str(dtype), blocks, (note,) if note else ())


def metadata_of(path: Path) -> dict[str, str]:
    """What the header says beside the tensors."""
    with _opener()(path, framework="numpy") as file:
        return dict(file.metadata() or {})


def _opener() -> Any:
    try:
        from safetensors import safe_open  # noqa: PLC0415 (an extra that few need)
    except ImportError as error:
        raise UnreadableError(
            "reading .safetensors needs the package safetensors: `pip install '.[data]'`"
        ) from error
    return safe_open


def _blocks(path: Path, key: str, n: int, rows: int) -> Iterator[NDArray[Any]]:
    with _opener()(path, framework="numpy") as file:
        part = file.get_slice(key)
        for start in range(0, n, rows):
            yield part[start : min(start + rows, n)]
