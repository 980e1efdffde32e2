"""Neighbors in Parquet: a row a point with lists, structs or the user's ids, or a row a pair."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from bench.judge.neighbor_files import DISTANCES, IDS, Found
from bench.strategy import PART_COLUMNS
from bench.workloads.files import File
from bench.workloads.formats.arrow_kinds import is_list
from bench.workloads.reading import Reading

_ROWS = ("row", "id", "query", "query_id", "src", "source", "point", "i", "index")
_OTHERS = (*IDS, "neighbor", "neighbor_id", "dst", "target", "j")
_VALUES = (*DISTANCES, "distcol", "weight")


def read_parts(path: Path) -> tuple[NDArray[np.int64], NDArray[Any], NDArray[Any]]:
    """Rows (n,), ids and distances (n, k) of a Parquet file, or of a folder of them, in the order written.

    Raises ValueError where a column is missing or is not what it should be.
    """
    rows, indices, distances = (np.concatenate(list(_column(path, name))) for name in PART_COLUMNS)
    if rows.shape[1] != 1 or rows.dtype.kind not in "iu":
        raise ValueError(
            f"{path}: rows are {rows.dtype} in {rows.shape[1]} columns, expected one of integers"
        )
    return rows[:, 0].astype(np.int64), indices, distances


def _column(path: Path, name: str) -> Iterator[NDArray[Any]]:
    return File.find(path, Reading(columns=name)).open().blocks


def find_in_table(path: Path, expected: NDArray[np.int64], ids: Any) -> Found:
    """Neighbors in the order of ``expected`` rows, each of which must be there once.

    ``ids`` are the user's own, an Arrow array of all points, by which rows and neighbors are called then.
    Raises ValueError where the table holds no neighbors, or not those of these rows.
    """
    schema = pq.read_schema(_first_part(path))
    if set(PART_COLUMNS) <= set(schema.names):
        rows, found, distances = read_parts(path)
        return _in_order(path, rows, found, distances, expected)
    table = pq.read_table(path)
    names = {name.lower(): name for name in schema.names}
    row = next((names[name] for name in _ROWS if name in names), None)
    other = next((names[name] for name in _OTHERS if name in names and names[name] != row), None)
    value = next((names[name] for name in _VALUES if name in names), None)
    if other is None:
        raise ValueError(
            f"{path}: no neighbors in it, there are {', '.join(schema.names)}; it needs "
            f"{', '.join(PART_COLUMNS)}, or id and neighbors"
        )
    lists, distances = _apart(table, other, value)
    rows = _positions(path, table.column(row), ids) if row is not None else expected[: len(table)]
    if lists is None:
        there = _positions(path, table.column(other), ids)
        return _of_pairs(path, rows, there, _numbers(table.column(value)) if value else None, expected)
    flat = _positions(path, lists.flatten(), ids)
    sizes = pc.list_value_length(lists).fill_null(0).to_numpy(zero_copy_only=False)
    there = _filled(sizes, flat, -1)
    values = None if distances is None else _filled(sizes, _numbers(distances.flatten()), np.inf)
    return _in_order(path, rows, there, values, expected, f"neighbors are the column {other}")


def _first_part(path: Path) -> Path:
    return min(path.glob("*.parquet"), default=path) if path.is_dir() else path


def _apart(table: Any, other: str, value: str | None) -> tuple[Any, Any]:
    """Lists of ids and of distances, from lists of structs or from two columns; None where pairs are rows."""
    column = table.column(other).combine_chunks()
    if not is_list(column.type):
        return None, None
    column = column.cast(pa.list_(column.type.value_type))
    if not pa.types.is_struct(column.type.value_type):
        distances = table.column(value).combine_chunks() if value else None
        return column, None if distances is None else distances.cast(pa.list_(distances.type.value_type))
    members = column.values
    fields = {field.name.lower(): number for number, field in enumerate(members.type)}
    found = [
        next((fields[name] for name in known if name in fields), None)
        for known in (("id", *_OTHERS), _VALUES)
    ]
    apart = [
        None if at is None else pa.ListArray.from_arrays(column.offsets, members.field(at)) for at in found
    ]
    return apart[0], apart[1]


def _positions(path: Path, column: Any, ids: Any) -> NDArray[np.int64]:
    """Ids as numbers: those of the file, or where the user's own stand in it, their positions."""
    if ids is not None:
        if not pa.types.is_string(ids.type) or pa.types.is_string(column.type):
            column = column.cast(ids.type)
        found = pc.index_in(column, value_set=ids)
        if found.null_count > column.null_count:
            first = pc.filter(column, pc.and_(found.is_null(), column.is_valid()))[0].as_py()
            raise ValueError(f"{path}: id {first!r} is none of the points'")
        return np.asarray(found.fill_null(-1).to_numpy()).astype(np.int64)
    if not pa.types.is_integer(column.type):
        raise ValueError(f"{path}: ids are {column.type}, not row numbers: name the points' own with --id")
    return np.asarray(column.fill_null(-1).to_numpy()).astype(np.int64)


def _numbers(column: Any) -> NDArray[Any]:
    return (
        np.asarray(column.to_numpy())
        if column.null_count == 0
        else np.asarray(column.fill_null(np.inf).to_numpy())
    )


def _filled(sizes: NDArray[Any], flat: NDArray[Any], missing: float) -> NDArray[Any]:
    """Lists as rows; shorter ones are filled up."""
    rows = np.full((len(sizes), int(sizes.max(initial=0))), missing, flat.dtype)
    at = np.repeat(np.arange(len(sizes)), sizes)
    rows[at, np.arange(len(at)) - np.repeat(np.cumsum(sizes) - sizes, sizes)] = flat
    return rows


def _of_pairs(
    path: Path,
    rows: NDArray[np.int64],
    others: NDArray[np.int64],
    values: NDArray[Any] | None,
    expected: NDArray[np.int64],
) -> Found:
    """One row a pair: put together by the first, nearest first where there are distances."""
    order = np.lexsort((others, np.zeros(len(rows)) if values is None else values, rows))
    unique, sizes = np.unique(rows, return_counts=True)
    ids = _filled(sizes, others[order], -1)
    distances = None if values is None else _filled(sizes, values[order], np.inf)
    return _in_order(path, unique, ids, distances, expected, "a row is a pair of neighbors")


def _in_order(
    path: Path,
    rows: NDArray[np.int64],
    ids: NDArray[Any],
    distances: NDArray[Any] | None,
    expected: NDArray[np.int64],
    note: str = "",
) -> Found:
    """Neighbors in the order of ``expected`` rows, each of which must be there once."""
    order = np.argsort(rows, kind="stable")
    rows = rows[order]
    if len(twice := rows[1:][rows[1:] == rows[:-1]]):
        raise ValueError(f"{path}: row {twice[0]} is there twice")
    for what, found in (
        ("is missing", np.setdiff1d(expected, rows)),
        ("is none of the workload's", np.setdiff1d(rows, expected)),
    ):
        if len(found):
            raise ValueError(f"{path}: row {found[0]} {what}")
    return Found(ids[order], None if distances is None else distances[order], (note,) if note else ())
