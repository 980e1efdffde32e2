"""The ids that a file of the user's gives its rows: read, checked to be unique, kept beside the points."""

import importlib
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from bench.workloads.formats import FORMATS, format_of
from bench.workloads.stream import UnreadableError

_WHOLE = re.compile(r"-?[1-9]\d{0,17}|0")


def read_ids(part: Path, column: str) -> Any:
    """The ids of a file's rows, in its order, as Arrow has them; texts that are whole numbers are integers.

    Raises UnreadableError where the file holds none of that name.
    """
    chosen = format_of(part)
    module = importlib.import_module(f"bench.workloads.formats.{chosen.module}")
    if not chosen.ids:
        having = " ".join(suffix for suffix, known in FORMATS.items() if known.ids)
        raise UnreadableError(f"{part.name} holds no ids, --id {column} is for {having}")
    return module.read_ids(part, column)


def joined_ids(parts: Sequence[Any]) -> Any:
    """The ids of several files, one behind the other: integers, where all are, else text or what they are."""
    import pyarrow as pa  # noqa: PLC0415 (heavy, and few points have ids)

    parts = [part for part in parts if len(part)]
    if parts and all(pa.types.is_string(part.type) for part in parts):
        texts = [part.to_pylist() for part in parts]
        if all(text is not None and _WHOLE.fullmatch(text) for part in texts for text in part):
            parts = [part.cast(pa.int64()) for part in parts]
    elif len({part.type for part in parts}) > 1:
        parts = [part.cast(pa.string()) for part in parts]
    chunks = [chunk for part in parts for chunk in (part.chunks if hasattr(part, "chunks") else [part])]
    return pa.chunked_array(chunks, None if chunks else pa.string()).combine_chunks()


def check_unique(name: str, column: str, ids: Any, rows: NDArray[np.int64] | None) -> None:
    """Raise UnreadableError where an id is missing or stands twice; ``rows`` are the file's row numbers."""
    import pyarrow as pa  # noqa: PLC0415 (as above)
    import pyarrow.compute as pc  # noqa: PLC0415

    numbers = np.arange(len(ids)) if rows is None else rows
    if ids.null_count:
        first = int(np.flatnonzero(ids.is_null().to_numpy(zero_copy_only=False))[0])
        raise UnreadableError(f"--id {column}: row {numbers[first]} of {name} has no id")
    if pa.types.is_nested(ids.type):
        raise UnreadableError(f"--id {column}: {name} has {ids.type} there, ids are numbers or texts")
    codes = pc.dictionary_encode(ids).indices.to_numpy(zero_copy_only=False)
    order = np.argsort(codes, kind="stable")
    twice = np.flatnonzero(codes[order][1:] == codes[order][:-1])
    if len(twice):
        before, after = order[twice[0]], order[twice[0] + 1]
        raise UnreadableError(
            f"--id {column}: {ids[int(after)].as_py()!r} stands in rows {numbers[before]} and "
            f"{numbers[after]} of {name}, ids must be unique"
        )


def save_ids(file: BinaryIO, ids: Any) -> None:
    """Write ids as an Arrow file."""
    import pyarrow as pa  # noqa: PLC0415 (as above)
    from pyarrow import feather  # noqa: PLC0415

    feather.write_feather(pa.table({"id": ids}), file, compression="uncompressed")


def load_ids(path: Path) -> Any:
    """Ids of points, one for each, as an Arrow array."""
    from pyarrow import feather  # noqa: PLC0415 (as above)

    return feather.read_table(str(path)).column("id").combine_chunks()
