"""The metric that a file says it is for: believed where none is asked for, else contradicted aloud."""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

METRICS = ("euclidean", "cosine", "inner_product")

_NAMES = {
    "euclidean": ("euclidean", "euclid", "l2", "l2sq", "l2squared", "sql2", "squaredl2", "sqeuclidean",
                  "squaredeuclidean", "euclideansquared"),
    "cosine": ("cosine", "cosinesimil", "angular", "cos", "normalized"),
    "inner_product": ("innerproduct", "ip", "dot", "dotproduct", "maxinnerproduct", "mips"),
    None: ("manhattan", "l1", "cityblock", "taxicab", "hamming", "jaccard", "tanimoto", "chebyshev",
           "linf", "minkowski",
           "canberra", "braycurtis", "correlation", "haversine", "mahalanobis", "edit", "levenshtein"),
}  # fmt: skip
_KNOWN = {name: metric for metric, names in _NAMES.items() for name in names}
_FIELDS = ("distance", "metric", "metrictype", "distancetype", "distancemetric", "distancefunction", "space",
           "spacetype", "similarity", "dist", "measure")  # fmt: skip
"""What is said there is a metric, whatever it is."""
_ALIKE = re.compile(r"dist|metric|similar|space")
"""In other names like these, a metric is believed to be one where it has a name that is known."""
_MOST_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Said:
    """What a file says of its metric."""

    word: str
    """As it stands there."""
    metric: str | None
    """One of METRICS, None where it is none of them."""


def believed(name: str, said: Said | None, asked: str | None) -> tuple[str, tuple[str, ...]]:
    """The metric to take, and what a user should know of it, one note a line.

    Raises ValueError where a file is for a metric that is not searched here and the user names none.
    """
    if said is None:
        words = set(re.split(r"[\W_]+", name.lower()))
        notes: tuple[str, ...] = ()
        if asked is None and words & {"angular", "cosine"}:
            notes = (f"the name {name} speaks of angles: --metric cosine searches by them",)
        elif asked is None and words & {"ip", "mips", "dot"}:
            notes = (f"the name {name} speaks of inner products: --metric inner_product searches by them",)
        return asked or "euclidean", notes
    if asked is None:
        if said.metric is None:
            raise ValueError(
                f"{name} says its metric is {said.word!r}, searched are {', '.join(METRICS)}: choose one "
                "with --metric"
            )
        return said.metric, (f"metric {said.metric}: the file says {said.word!r}",)
    if asked == said.metric:
        return asked, ()
    return asked, (f"the file says its metric is {said.word!r}, --metric {asked} was asked for",)


def said_by(path: Path) -> Said | None:
    """Look for a metric in a file's metadata; None where there is none or it cannot be read."""
    suffix = path.suffix.lower()
    found: Iterator[tuple[str, Any]] = iter(())
    with suppress(Exception):  # what is wrong with a file is said when it is read
        if suffix in (".h5", ".hdf5", ".h5ad"):
            found = _of_hdf5(path)
        elif suffix in (".parquet", ".arrow", ".feather"):
            found = _of_arrow(path)
        elif suffix == ".npz":
            found = _of_npz(path)
        elif suffix == ".safetensors":
            found = _of_safetensors(path)
        elif path.is_dir() or path.name.lower().endswith(".zarr.zip"):
            found = _of_zarr(path)
        for name, value in found:
            said = _said(name, value)
            if said is not None:
                return said
    return None


def said_in(name: str, value: Any) -> Said | None:
    """The metric in one entry of metadata, JSON within it included."""
    return _said(name, value)


def _said(name: str, value: Any) -> Said | None:
    if isinstance(value, bytes):
        value = value.decode("utf-8", errors="replace")
    if isinstance(value, str) and value.lstrip().startswith(("{", "[")) and len(value) <= _MOST_BYTES:
        with suppress(ValueError):
            value = json.loads(value)
    if isinstance(value, Mapping):
        found = (_said(str(key), below) for key, below in value.items())
        return next((said for said in found if said is not None), None)
    if isinstance(value, list):
        return next((said for said in (_said("", below) for below in value) if said is not None), None)
    last = re.sub(r"[^a-z0-9]", "", re.split(r"[.:/]", name.lower())[-1])
    if not isinstance(value, str) or not value.strip():
        return None
    plain = re.sub(r"[^a-z0-9]", "", value.lower())
    plain = plain if plain in _KNOWN else re.sub(r"^metric|(distance|similarity|metric|norm)$", "", plain)
    believed_one = last in _FIELDS or (_ALIKE.search(last) and plain in _KNOWN)
    return Said(str(value), _KNOWN.get(plain)) if believed_one else None


def _of_hdf5(path: Path) -> Iterator[tuple[str, Any]]:
    import h5py  # noqa: PLC0415 (heavy, and few need it)

    with h5py.File(path, "r") as file:
        holders: dict[str, Any] = {"": file}
        file.visititems(lambda name, item: holders.setdefault(name, item) and None)
        for holder in holders.values():
            for name, value in holder.attrs.items():
                yield name, value if isinstance(value, str | bytes) else _scalar(value)
        for name, item in holders.items():
            if isinstance(item, h5py.Dataset) and not item.shape and item.dtype.kind in "OS":
                yield name, item[()]


def _of_arrow(path: Path) -> Iterator[tuple[str, Any]]:
    import pyarrow.parquet as pq  # noqa: PLC0415 (heavy)
    from pyarrow import ipc  # noqa: PLC0415 (heavy)

    if path.suffix.lower() == ".parquet":
        schema = pq.read_schema(path)
    else:
        with path.open("rb") as file:
            begins = file.read(6)
        opened = ipc.open_file if begins == b"ARROW1" else ipc.open_stream
        with opened(str(path)) as reader:
            schema = reader.schema
    for holder in (schema, *schema):
        for name, value in (holder.metadata or {}).items():
            if name not in (b"pandas", b"ARROW:schema"):
                yield name.decode("utf-8", errors="replace"), value


def _of_npz(path: Path) -> Iterator[tuple[str, Any]]:
    import numpy as np  # noqa: PLC0415 (as above)

    with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
        for name in arrays.files:
            if _ALIKE.search(name.lower()) or name.lower() in _FIELDS:
                yield name, _scalar(arrays[name])


def _of_safetensors(path: Path) -> Iterator[tuple[str, Any]]:
    from bench.workloads.formats.tensors import metadata_of  # noqa: PLC0415 (an extra that few need)

    yield from metadata_of(path).items()


def _of_zarr(path: Path) -> Iterator[tuple[str, Any]]:
    from bench.workloads.formats.stores import attributes_of  # noqa: PLC0415 (an extra that few need)

    for attributes in attributes_of(path):
        yield from attributes.items()


def _scalar(value: Any) -> Any:
    """The one text of an array of texts, else nothing that names a metric."""
    flat = getattr(value, "ravel", lambda: [value])()
    return flat[0] if len(flat) == 1 and isinstance(flat[0], str | bytes) else None
