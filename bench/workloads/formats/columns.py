"""Reads Parquet and Arrow/Feather: one column of lists, or numeric columns side by side."""

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray
from pyarrow import ipc

from bench.workloads.formats import Request
from bench.workloads.formats.arrow_kinds import (
    as_numpy,
    flattened,
    is_list,
    is_number,
    kind_of,
    lists_as_text,
    members,
    members_apart,
    nominal,
    numpy_type,
    parsed,
    side_by_side,
    vectors_as_lists,
)
from bench.workloads.formats.coordinates import (
    Column,
    Look,
    check_ids,
    check_there,
    choose,
    described,
    excluded_columns,
    listed,
    matched,
)
from bench.workloads.reading import Reading
from bench.workloads.stream import Stream, Table, UnreadableError

_MOST_BATCH_ROWS = 1 << 16
_WIDTH_ROWS = 1000
"""How many lists tell the width that most rows have."""
_SPARK_ROWS = b"org.apache.spark.sql.parquet.row.metadata"


def read(path: Path, request: Request) -> Stream:
    """Read the columns asked for, else the only column of lists of numbers, else all that are coordinates.

    A Parquet file is read page by page; an Arrow file by its record batches, one of which must fit in memory.
    """
    parquet = path.suffix.lower() == ".parquet"
    if parquet:
        with pq.ParquetFile(path) as file:
            schema, n = file.schema_arrow, file.metadata.num_rows
    else:
        with _arrow(path) as reader:
            schema, n = reader.schema, _arrow_rows(reader)
    read_batches = partial(_parquet_batches if parquet else _arrow_batches, path)
    schema = flattened(schema, lists_as_text(schema, read_batches))
    batches = partial(parsed, read_batches, schema)
    names, note = list(request.names), ""
    check_there(path.name, names, schema.names)
    if not names:
        names, note = point_columns(path.name, request.reading, schema, partial(_first_rows, batches))
    if not is_list(schema.field(names[0]).type):
        dtype = np.result_type(*(numpy_type(schema.field(name).type) for name in names))
        rows = min(request.block_rows(len(names) * dtype.itemsize), _MOST_BATCH_ROWS)
        blocks = _side_by_side(batches(names, rows), names, dtype)
        return Stream(n, len(names), str(dtype), blocks, (note,), Table(tuple(names), tuple(schema.names)))
    column = f"column {names[0]!r} of {path.name}"
    dtype = numpy_type(schema.field(names[0]).type.value_type)
    width = common_width(batches(names, _WIDTH_ROWS))
    rows = min(request.block_rows(width * dtype.itemsize), _MOST_BATCH_ROWS)
    drop = request.reading.drop_bad_rows
    blocks = _lists(column, batches(names, rows), width, drop=drop)
    return Stream(n, width, str(dtype), blocks, (note,), Table(tuple(names), tuple(names)))


def read_ids(path: Path, column: str) -> Any:
    """A column of any type."""
    parquet = path.suffix.lower() == ".parquet"
    with pq.ParquetFile(path) if parquet else _arrow(path) as file:
        schema = flattened(file.schema_arrow if parquet else file.schema)
    check_ids(path.name, column, schema.names)
    batches = (_parquet_batches if parquet else _arrow_batches)(path, [column], _MOST_BATCH_ROWS)
    return pa.chunked_array([batch.column(0) for batch in batches], schema.field(column).type)


def point_columns(file: str, reading: Reading, schema: Any, look: Look) -> tuple[list[str], str]:
    """Which columns are the points, and one line that says so; ``look`` reads first rows of some.

    Raises UnreadableError where those asked for are not there, or where they are not numbers.
    """
    there = [name for name in schema.names if not name.startswith("__index_level_")]
    asked = matched(file, reading.columns, schema.names) if reading.columns else there
    excluded = excluded_columns(file, reading, schema.names)
    lists = [name for name in asked if is_list(schema.field(name).type) and name not in excluded]
    if reading.columns is None:
        lists = [name for name in lists if is_number(schema.field(name).type.value_type)]
    if lists and reading.columns is not None and len(asked) > 1:
        raise UnreadableError(f"column {lists[0]!r} of {file} holds lists: choose it alone")
    if len(lists) > 1:
        raise UnreadableError(
            f"{file} has several columns of lists, {listed(lists)}: choose one with --columns"
        )
    told = _told(schema)
    columns = [Column(name, kind_of(schema.field(name).type), told.get(name, "")) for name in schema.names]
    if not lists:
        chosen = choose(file, reading, columns, look)
        return chosen.names, chosen.note
    kind = schema.field(lists[0]).type
    if not is_number(kind.value_type):
        raise UnreadableError(f"column {lists[0]!r} of {file} holds {kind}, points must be numbers")
    reasons = {c.name: c.told or ("" if c.is_number else c.kind) for c in columns if c.name != lists[0]}
    return lists, described(lists, reasons, lists=True)


def _told(schema: Any) -> dict[str, str]:
    """Columns that the file's metadata say are no coordinates: pandas' index, Spark's nominal attributes."""
    metadata: Mapping[bytes, bytes] = schema.metadata or {}
    told: dict[str, str] = {}
    with suppress(ValueError, TypeError, KeyError, AttributeError):
        index = json.loads(metadata.get(b"pandas", b"{}")).get("index_columns", [])
        told |= {name: "index" for name in index if isinstance(name, str)}
    told |= {name: "index" for name in schema.names if name.startswith("__index_level_")}
    with suppress(ValueError, TypeError, KeyError, AttributeError):
        told |= nominal(json.loads(metadata.get(_SPARK_ROWS, b"{}")))
    return told


def _first_rows(batches: Any, names: list[str], rows: int) -> dict[str, NDArray[Any]]:
    taken: dict[str, list[NDArray[Any]]] = {name: [] for name in names}
    left = rows
    for batch in batches(names, rows):
        for name in names:
            taken[name].append(as_numpy(batch.column(name).slice(0, left)))
        left -= batch.num_rows
        if left <= 0:
            break
    return {name: np.concatenate(parts) if parts else np.empty(0) for name, parts in taken.items()}


def common_width(batches: Iterator[Any]) -> int:
    """The length that most of the first lists have, the longer one of two; 0 where there is none."""
    lengths: list[int] = []
    for batch in islice(batches, 16):
        lengths += pc.list_value_length(batch.column(0).drop_null()).to_pylist()
        if len(lengths) >= _WIDTH_ROWS:
            break
    return most_common_width(lengths)


def most_common_width(lengths: list[int]) -> int:
    """The length that most lists have, the longer one of two; 0 where there are none."""
    return max(set(lengths), key=lambda width: (lengths.count(width), width), default=0)


def _lists(column: str, batches: Iterator[Any], width: int, *, drop: bool) -> Iterator[NDArray[Any]]:
    """Lists as rows; a missing list is a row of NaN, as is one of another width where rows are dropped."""
    row = 0
    for batch in batches:
        lists = batch.column(0)
        lengths = pc.list_value_length(lists).to_numpy(zero_copy_only=False)
        there = lists.is_valid().to_numpy(zero_copy_only=False)
        odd = np.flatnonzero(there & (lengths != width))
        if len(odd) and not drop:
            before = "those before it" if row + odd[0] else "most rows"
            raise UnreadableError(
                f"row {row + odd[0]} of {column} has {int(lengths[odd[0]])} values, {before} {width}"
            )
        if len(odd):
            there[odd] = False
            lists = pc.if_else(pa.array(there), lists, pa.scalar(None, lists.type))
        values = as_numpy(lists.flatten()).reshape(-1, width)
        if not there.all():
            long = values.dtype.kind in "iu" and values.dtype.itemsize == 8
            kind = np.longdouble if long else np.result_type(values.dtype, np.float32)
            block = np.full((len(lists), width), np.nan, kind)
            block[there] = values
            values = block
        row += len(lists)
        yield values


def _side_by_side(batches: Iterator[Any], names: list[str], dtype: np.dtype[Any]) -> Iterator[NDArray[Any]]:
    for batch in batches:
        rows = side_by_side([as_numpy(batch.column(name)) for name in names])
        yield rows.astype(np.result_type(dtype, rows.dtype), copy=False)


def _parquet_batches(path: Path, names: list[str], rows: int) -> Iterator[Any]:
    with pq.ParquetFile(path, buffer_size=1 << 20, pre_buffer=False) as file:
        paths = _paths(file.schema_arrow, names)
        columns = [".".join(path) for path in paths.values()]
        for batch in file.iter_batches(batch_size=rows, columns=columns, use_threads=False):
            yield vectors_as_lists(members_apart(batch, paths))


def _paths(schema: Any, names: list[str]) -> dict[str, tuple[str, ...]]:
    found = members(schema)
    return {name: found[name] for name in names}


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
        paths = _paths(reader.schema, names)
        for batch in whole:
            for start in range(0, batch.num_rows, rows):
                yield vectors_as_lists(members_apart(batch.slice(start, rows), paths))
