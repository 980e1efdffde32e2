"""Which array of a file is the points, and whether it can be."""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa

from bench.catalog import near_match
from bench.workloads.formats.coordinates import listed
from bench.workloads.stream import UnreadableError

ArrayKind: TypeAlias = tuple[tuple[int, ...], np.dtype[Any]]
"""Shape and dtype of an array in a file."""

_KNOWN_LAYOUTS = ("train", "emb", "obsm/X_pca", "X")
"""The points' name in files of ann-benchmarks and SISAP, and what AnnData is searched by, in this order."""
_SPARSE = ("data", "indices", "indptr")


def chosen_array(file: str, key: str | None, arrays: Mapping[str, ArrayKind]) -> tuple[str, str]:
    """The array asked for, else the one that a known layout names, else the only one that can be points.

    The second is one line that says what was taken, empty where there is nothing else.
    """
    taken = _chosen(file, key, arrays)
    others = [name for name in arrays if name != taken]
    shape = " x ".join(f"{size:,}" for size in arrays[taken][0])
    note = f"points: array {taken}, {shape}; left out: {listed(others)}" if others else ""
    return taken, note


def _chosen(file: str, key: str | None, arrays: Mapping[str, ArrayKind]) -> str:
    if key is not None:
        if key not in arrays and _is_sparse(arrays, f"{key}/"):
            raise UnreadableError(_about_sparse(file, key))
        if key not in arrays:
            near = near_match(key, list(arrays))
            raise UnreadableError(f"{file} has no key {key!r}{near}; there are {listed(list(arrays))}")
        return key
    for known in _KNOWN_LAYOUTS:
        if known in arrays:
            return known
    if len(arrays) == 1:
        return next(iter(arrays))
    if _is_sparse(arrays, ""):
        raise UnreadableError(_about_sparse(file, "its array"))
    if _is_sparse(arrays, "X/") and not any(name.startswith("obsm/") for name in arrays):
        raise UnreadableError(_about_sparse(file, "X"))
    fit = [name for name, (shape, dtype) in arrays.items() if len(shape) == 2 and dtype.kind in "biuf"]
    if len(fit) != 1:
        found = "no array" if not arrays else "no one array that is plainly the points"
        there = f"; there are {listed(list(arrays))}: name one by its key" if arrays else ""
        raise UnreadableError(f"{file} has {found}{there}")
    return fit[0]


def ids_among(file: str, name: str, arrays: Mapping[str, Callable[[str], Any]]) -> Any:
    """The array of ids, read by its name, as Arrow has it; raises where there is none of one dimension."""
    if name not in arrays:
        near = near_match(name, list(arrays))
        raise UnreadableError(f"{file} has no ids {name!r}{near}; there are {listed(list(arrays))}")
    values = np.asarray(arrays[name](name))
    if values.ndim != 1 or values.dtype.kind == "V":
        raise UnreadableError(f"{name!r} of {file} has shape {values.shape}, ids need one dimension")
    if values.dtype.kind in "SOT":
        return pa.array([x.decode() if isinstance(x, bytes) else x for x in values.tolist()])
    return pa.array(values.tolist() if values.dtype.kind == "U" else values)


def named_in_anndata(name: str, arrays: dict[str, Any], obs: Any) -> tuple[str, dict[str, Any]]:
    """The name of ids, and arrays by name, as AnnData calls them: ``obs_names``, or a column of ``obs``."""
    index = getattr(obs, "attrs", {}).get("_index", "_index")
    known = {}
    for short, full in ((name, f"obs/{name}"), ("obs_names", f"obs/{index}")):
        if full in arrays:
            known[short] = lambda _, full=full: arrays[full](full)
    return name.strip("/"), {**known, **arrays}


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


def _is_sparse(arrays: Mapping[str, ArrayKind], group: str) -> bool:
    return all(f"{group}{part}" in arrays for part in _SPARSE)


def _about_sparse(file: str, name: str) -> str:
    return (
        f"{file}: {name} is a sparse matrix, points must be dense: reduce it first, as "
        "sklearn.decomposition.TruncatedSVD does, or save its toarray()"
    )
