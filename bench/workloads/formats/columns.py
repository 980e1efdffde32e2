"""Reads Parquet and Arrow/Feather: one column of lists, or numeric columns side by side."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray
from pyarrow import ipc

from bench.workloads.formats import Request
from bench.workloads.formats.choosing import chosen_columns
from bench.workloads.stream import Stream, UnreadableError

_MOST_BATCH_ROWS = 1 << 16


def read(path: Path, request: Request) -> Stream:
    """Read the columns asked for, else the only column of lists, else all, which must be numeric.

    A Parquet file is read page by page; an Arrow file by its record batches, one of which must fit in memory.
    """
    parquet = path.suffix.lower() == ".parquet"
    if parquet:
        with pq.ParquetFile(path) as file:
            schema, n = file.schema_arrow, file.metadata.num_rows
    else:
        with _arrow(path) as reader:
            schema, n = reader.schema, _arrow_rows(reader)
    names, notes = point_columns(path.name, request.column, schema)
    batches = _parquet_batches if parquet else _arrow_batches
    if not is_list(schema.field(names[0]).type):
        dtype = np.result_type(*(numpy_type(schema.field(name).type) for name in names))
        rows = min(request.block_rows(len(names) * dtype.itemsize), _MOST_BATCH_ROWS)
        blocks = _side_by_side(batches(path, names, rows), names, dtype)
        return Stream(n, len(names), str(dtype), blocks, notes)
    column = f"column {names[0]!r} of {path.name}"
    dtype = numpy_type(schema.field(names[0]).type.value_type)
    width = _width(batches(path, names, 1))
    rows = min(request.block_rows(width * dtype.itemsize), _MOST_BATCH_ROWS)
    return Stream(n, width, str(dtype), _lists(column, batches(path, names, rows), width), notes)


def point_columns(file: str, asked: str | None, schema: Any) -> tuple[list[str], tuple[str, ...]]:
    """Which columns are the points, and what was left out without being asked.

    Raises UnreadableError where those asked for are not there, or where they are not numbers.
    """
    there = [name for name in schema.names if not name.startswith("__index_level_")]
    if asked is not None:
        names = chosen_columns(file, asked, schema.names)
        lists = [name for name in names if is_list(schema.field(name).type)]
        if lists and len(names) > 1:
            raise UnreadableError(f"column {lists[0]!r} of {file} holds lists: choose it alone")
    else:
        lists = [name for name in there if is_list(schema.field(name).type)]
        if len(lists) > 1:
            raise UnreadableError(f"{file} has several columns of lists, {', '.join(lists)}: choose one")
        names = lists or there
    if not names:
        raise UnreadableError(f"{file} has no columns")
    for name in names:
        kind = schema.field(name).type
        if not _is_number(kind.value_type if is_list(kind) else kind):
            fit = [n for n in there if _is_number(schema.field(n).type)]
            numeric = f"numeric are {', '.join(fit[:20])}: choose them" if fit else "no column is numeric"
            raise UnreadableError(
                f"column {name!r} of {file} holds {kind}, points must be numbers; {numeric}"
            )
    left = [name for name in schema.names if name not in names]
    return names, (f"points are column {', '.join(names)}; left out: {', '.join(left)}",) if left else ()


def is_list(kind: Any) -> bool:
    """Whether an Arrow type is one of the three of lists."""
    types = pa.types
    return bool(types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind))


def _is_number(kind: Any) -> bool:
    return bool(pa.types.is_floating(kind) or pa.types.is_integer(kind) or pa.types.is_boolean(kind))


def numpy_type(kind: Any) -> np.dtype[Any]:
    """The numpy dtype of an Arrow type of numbers."""
    dtype: np.dtype[Any] = np.dtype(kind.to_pandas_dtype())
    return dtype


def _width(batches: Iterator[Any]) -> int:
    """The length of the first list that is there, 0 where none is."""
    for batch in batches:
        lists = batch.column(0).drop_null()
        if len(lists):
            return len(lists[0])
    return 0


def _lists(column: str, batches: Iterator[Any], width: int) -> Iterator[NDArray[Any]]:
    """Lists as rows; a missing list becomes a row of NaN."""
    row = 0
    for batch in batches:
        lists = batch.column(0)
        lengths = pc.list_value_length(lists).to_numpy(zero_copy_only=False)
        there = lists.is_valid().to_numpy(zero_copy_only=False)
        odd = np.flatnonzero(there & (lengths != width))
        if len(odd):
            raise UnreadableError(
                f"row {row + odd[0]} of {column} has {int(lengths[odd[0]])} values, those before it {width}"
            )
        values = as_numpy(lists.flatten()).reshape(-1, width)
        if not there.all():
            block = np.full((len(lists), width), np.nan, np.result_type(values.dtype, np.float32))
            block[there] = values
            values = block
        row += len(lists)
        yield values


def _side_by_side(batches: Iterator[Any], names: list[str], dtype: np.dtype[Any]) -> Iterator[NDArray[Any]]:
    for batch in batches:
        columns = [as_numpy(batch.column(name)) for name in names]
        yield np.stack(columns, axis=1).astype(np.result_type(dtype, *columns), copy=False)


def as_numpy(array: Any) -> NDArray[Any]:
    """Numbers as numpy has them; a missing one becomes NaN."""
    values: NDArray[Any] = array.to_numpy(zero_copy_only=False)
    return values.astype(np.float64) if values.dtype == object else values


def _parquet_batches(path: Path, names: list[str], rows: int) -> Iterator[Any]:
    with pq.ParquetFile(path, buffer_size=1 << 20, pre_buffer=False) as file:
        yield from file.iter_batches(batch_size=rows, columns=names, use_threads=False)


def _arrow(path: Path) -> Any:
    """An Arrow file, or one in the streaming format."""
    with path.open("rb") as file:
        magic = file.read(6)
    if magic[:4] == b"FEA1":
        raise UnreadableError(f"{path.name} is Feather version 1; write it again as version 2")
    return (
        ipc.open_file(pa.OSFile(str(path))) if magic == b"ARROW1" else ipc.open_stream(pa.OSFile(str(path)))
    )


def _arrow_rows(reader: Any) -> int | None:
    """How many rows; a stream does not say before it ends."""
    return None if not hasattr(reader, "num_record_batches") else reader.count_rows()


def _arrow_batches(path: Path, names: list[str], rows: int) -> Iterator[Any]:
    with _arrow(path) as reader:
        numbers = getattr(reader, "num_record_batches", None)
        whole = reader if numbers is None else map(reader.get_batch, range(numbers))
        for batch in whole:
            for start in range(0, batch.num_rows, rows):
                yield batch.select(names).slice(start, rows)
