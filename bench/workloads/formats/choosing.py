"""Which array or columns of a file are the points, and whether they can be."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np

from bench.catalog import near_match
from bench.workloads.stream import UnreadableError

ArrayKind: TypeAlias = tuple[tuple[int, ...], np.dtype[Any]]
"""Shape and dtype of an array in a file."""

_KNOWN_LAYOUTS = ("train", "emb")
"""The points' name in files of ann-benchmarks and of SISAP."""


def chosen_array(file: str, key: str | None, arrays: Mapping[str, ArrayKind]) -> str:
    """The array asked for, else the one that a known layout names, else the only one that can be points."""
    if key is not None:
        if key not in arrays:
            near = near_match(key, list(arrays))
            raise UnreadableError(f"{file} has no key {key!r}{near}; there are {_listed(arrays)}")
        return key
    for known in _KNOWN_LAYOUTS:
        if known in arrays:
            return known
    if len(arrays) == 1:
        return next(iter(arrays))
    fit = [name for name, (shape, dtype) in arrays.items() if len(shape) == 2 and dtype.kind in "biuf"]
    if len(fit) != 1:
        found = "no array" if not arrays else "no one array that is plainly the points"
        there = f"; there are {_listed(arrays)}: name one by its key" if arrays else ""
        raise UnreadableError(f"{file} has {found}{there}")
    return fit[0]


def chosen_columns(file: str, column: str, there: Sequence[str]) -> list[str]:
    """The columns asked for, several separated by commas; one whose name has a comma, alone."""
    names = [column] if column in there else [name.strip() for name in column.split(",")]
    for name in names:
        if name not in there:
            near = near_match(name, list(there))
            raise UnreadableError(f"{file} has no column {name!r}{near}; there are {_listed(there)}")
    return names


def check_dtype(name: str, dtype: np.dtype[Any]) -> None:
    """Raise where values are not real numbers; objects are never unpickled."""
    if dtype.hasobject:
        raise UnreadableError(f"{name} holds Python objects, which are never unpickled; save it as numbers")
    if dtype.kind not in "biuf":
        raise UnreadableError(f"{name} holds {dtype}, points must be real numbers")


def check_shape(name: str, shape: tuple[int, ...]) -> tuple[int, int]:
    """Raise where an array is not (n_samples, n_features); return both."""
    if len(shape) != 2:
        raise UnreadableError(
            f"{name} has {len(shape)} dimensions, shape {shape}; points need 2: (rows, columns)"
        )
    return shape[0], shape[1]


def _listed(names: Mapping[str, Any] | Sequence[str]) -> str:
    listed = list(names)
    return ", ".join(listed[:20]) + (f" and {len(listed) - 20} more" if len(listed) > 20 else "")
