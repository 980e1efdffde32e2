"""Reads JSON lines: a list of numbers a line, or an object with one in a field."""

import json
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from bench.workloads.formats import Request
from bench.workloads.formats.arrow_kinds import EXACT
from bench.workloads.formats.cleaning import opened
from bench.workloads.formats.coordinates import (
    Column,
    check_there,
    choose,
    described,
    excluded_columns,
    listed,
    matched,
)
from bench.workloads.stream import Stream, Table, UnreadableError

_LOOK_LINES = 300


def read(path: Path, request: Request) -> Stream:
    """Read the field asked for, else the only one that holds lists of numbers, else all numbers."""
    rows = list(islice(_objects(path), _LOOK_LINES))
    if not rows:
        raise UnreadableError(f"{path.name} has no rows")
    drop, size = request.reading.drop_bad_rows, request.block_bytes
    if isinstance(rows[0], list):
        width = _common_width(rows)
        return Stream(None, width, "float64", _blocks(path, None, width, size, drop=drop))
    if not isinstance(rows[0], Mapping):
        raise UnreadableError(
            f"{path.name}: a line must be a list or an object, the first is {rows[0]!r:.60}"
        )
    there = list(dict.fromkeys(name for row in rows if isinstance(row, Mapping) for name in row))
    names, note = list(request.names), ""
    if names:
        check_there(path.name, names, there)
    else:
        names, note = _chosen(path, request, rows, there)
    if _is_vector(rows, names[0]):
        width = _common_width([row.get(names[0]) for row in rows])
        blocks = _blocks(path, names[0], width, size, drop=drop)
        return Stream(None, width, "float64", blocks, (note,), Table((names[0],), (names[0],)))
    blocks = _blocks(path, names, len(names), size, drop=drop)
    return Stream(None, len(names), "float64", blocks, (note,), Table(tuple(names), tuple(there)))


def read_ids(path: Path, column: str) -> Any:
    """The values of a field."""
    rows = [row.get(column) if isinstance(row, Mapping) else None for row in _objects(path)]
    if all(value is None for value in rows):
        raise UnreadableError(f"{path.name} has no field {column!r} for --id")
    return pa.array(rows)


def _chosen(path: Path, request: Request, rows: list[Any], there: list[str]) -> tuple[list[str], str]:
    reading = request.reading
    asked = matched(path.name, reading.columns, there) if reading.columns else there
    excluded = excluded_columns(path.name, reading, there)
    vectors = [name for name in asked if name not in excluded and _is_vector(rows, name)]
    if len(vectors) > 1 or (vectors and reading.columns and len(asked) > 1):
        raise UnreadableError(
            f"{path.name} has several fields of lists, {listed(vectors)}: choose one with --columns"
        )
    if vectors:
        return vectors, described(vectors, {name: "" for name in there if name != vectors[0]}, lists=True)
    columns = [Column(name, _kind([row.get(name) for row in rows])) for name in there]

    def look(names: list[str], _rows: int) -> dict[str, NDArray[Any]]:
        return {name: np.array([_number(row.get(name)) for row in rows]) for name in names}

    chosen = choose(path.name, reading, columns, look)
    return chosen.names, chosen.note


def _objects(path: Path) -> Iterator[Any]:
    with opened(path) as file:
        for number, line in enumerate(file, 1):
            if line.strip():
                try:
                    row = json.loads(line)
                except ValueError as error:
                    raise UnreadableError(f"line {number} of {path.name} is not JSON: {error}") from error
                yield dict(_flat(row, "")) if isinstance(row, dict) else row


def _flat(row: dict[str, Any], above: str) -> Iterator[tuple[str, Any]]:
    """The fields of an object; those of objects in it have its name and a dot first."""
    for name, value in row.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{above}{name}.")
        else:
            yield f"{above}{name}", value


def _blocks(
    path: Path, field: str | list[str] | None, width: int, block_bytes: int, *, drop: bool
) -> Iterator[NDArray[Any]]:
    """Rows of a field of lists, of several fields of numbers, or of lines that are lists."""
    taken: list[list[Any]] = []
    missing = [np.nan] * width
    for row, line in enumerate(_objects(path)):
        if isinstance(field, list):
            values: Any = [_number(line.get(name)) for name in field]
        else:
            values = line if field is None else line.get(field)
        if values is None or (drop and isinstance(values, list) and len(values) != width):
            values = missing
        if not isinstance(values, list) or len(values) != width:
            size = f"{len(values)} values" if isinstance(values, list) else "no list"
            raise UnreadableError(f"row {row} of {path.name} has {size}, most rows have {width}")
        taken.append([_number(value) for value in values])
        if len(taken) * width * 8 >= block_bytes:
            yield np.array(taken)
            taken = []
    if taken:
        yield np.array(taken)


def _number(value: Any) -> Any:
    """A value as a float that holds it; what is missing is NaN. Raises ValueError for a text."""
    if value is None:
        return float("nan")
    if isinstance(value, np.longdouble):
        return value
    if isinstance(value, str) or not isinstance(value, int | float):
        raise ValueError(f"{value!r:.40} is not a number")  # noqa: TRY004 (of the file, not of the program)
    return float(value) if abs(value) <= EXACT or isinstance(value, float) else np.longdouble(value)


def _is_vector(rows: list[Any], name: str) -> bool:
    values = [row.get(name) for row in rows]
    lists = [value for value in values if isinstance(value, list)]
    return bool(lists) and all(isinstance(x, int | float) for value in lists for x in value if x is not None)


def _common_width(lists: list[Any]) -> int:
    sizes = [len(value) for value in lists if isinstance(value, list)]
    return max(set(sizes), key=lambda size: (sizes.count(size), size), default=0)


def _kind(values: list[Any]) -> str:
    there = [value for value in values if value is not None]
    if there and all(isinstance(value, int) for value in there):
        return "integer"
    if there and all(isinstance(value, int | float) for value in there):
        return "float"
    return "text" if there and all(isinstance(value, str) for value in there) else "no numbers"
