"""Reads text: numbers in lines, with or without header, words, comments, and however compressed."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pyarrow import csv

from bench.workloads.formats import WORDS, Request
from bench.workloads.formats.arrow_kinds import as_numpy, side_by_side
from bench.workloads.formats.cleaning import cleaned, opened
from bench.workloads.formats.coordinates import (
    LISTS_AS_TEXT,
    Column,
    check_ids,
    check_there,
    choose,
    listed,
    parsed_list,
)
from bench.workloads.formats.dialect import LONG, Dialect, find_dialect
from bench.workloads.stream import Stream, Table, UnreadableError

_LOOK_LINES, _LOOK_BYTES = 300, 1 << 20
_NO_NAME = "(no name)"


def read(path: Path, request: Request) -> Stream:
    """Read the columns asked for, else all that are coordinates; a first word names a row."""
    dialect = find_dialect(path.name, _first_lines(path))
    there = _names(dialect)
    lines = _Lines(path, dialect, there, request.reading.drop_bad_rows)
    if request.names:
        check_there(path.name, request.names, there)
        names, notes = list(request.names), dialect.notes
    else:
        columns = [
            Column(name, _kind(kind), _told(own, kind, dialect))
            for name, own, kind in zip(there, dialect.names, dialect.kinds, strict=True)
        ]
        chosen = choose(path.name, request.reading, columns, partial(lines.first_rows, request.block_bytes))
        names, notes = chosen.names, (chosen.note, *dialect.notes)
    if dialect.kinds[there.index(names[0])] == LISTS_AS_TEXT:
        return _read_lists(path, lines, names[0], request, notes)
    blocks = lines.blocks(names, request.block_bytes)
    return Stream(None, len(names), "float64", blocks, notes, Table(tuple(names), tuple(there)))


def _read_lists(path: Path, lines: "_Lines", name: str, request: Request, notes: tuple[str, ...]) -> Stream:
    """Read a column of lists that are written as text."""
    first = next(lines.lists(name, request.block_bytes), [])
    sizes = [len(row) for row in first if row is not None]
    width = max(set(sizes), key=lambda size: (sizes.count(size), size), default=0)
    drop = request.reading.drop_bad_rows

    def blocks() -> Iterator[NDArray[np.float64]]:
        row = 0
        for batch in lines.lists(name, request.block_bytes):
            for place, values in enumerate(batch):
                if values is None or (drop and len(values) != width):
                    batch[place] = [np.nan] * width
                elif len(values) != width:
                    size = f"{len(values)} values, most rows have {width}"
                    raise UnreadableError(f"row {row + place} of column {name!r} of {path.name} has {size}")
            row += len(batch)
            yield np.array(batch, np.float64).reshape(-1, width)

    return Stream(None, width, "float64", blocks(), notes, Table((name,), (name,)))


def _names(dialect: Dialect) -> list[str]:
    """A name for each column: of equal ones, all but the first have a number, as pandas gives it."""
    names: list[str] = []
    for number, own in enumerate(dialect.names):
        name = own or f"{_NO_NAME}{number or ''}"
        again = sum(other == own for other in dialect.names[:number]) if own else 0
        names.append(f"{name}.{again}" if again else name)
    return names


def _kind(kind: str) -> str:
    return {"empty": "float", LONG: "integer"}.get(kind, kind)


def _told(name: str, kind: str, dialect: Dialect) -> str:
    """Why a column is none of coordinates, as far as its place in the file tells."""
    if kind == "empty" and (not name or not dialect.header):
        return "empty"
    return "index" if not name else ""


def _first_lines(path: Path) -> list[str]:
    with opened(path) as file:
        content: bytes = file.read(_LOOK_BYTES)
    lines = content.decode("utf-8-sig", errors="replace").splitlines()
    return lines[:_LOOK_LINES] if len(content) < _LOOK_BYTES or len(lines) < 2 else lines[:-1][:_LOOK_LINES]


@dataclass(frozen=True, slots=True)
class _Lines:
    """How a file's lines are to be read."""

    path: Path
    dialect: Dialect
    there: list[str]
    drop_odd_lines: bool

    def first_rows(self, block_bytes: int, names: list[str], rows: int) -> dict[str, NDArray[Any]]:
        taken: list[NDArray[Any]] = []
        left = rows
        for block in self.blocks(names, block_bytes):
            taken.append(block[:left])
            left -= len(block)
            if left <= 0:
                break
        whole = np.concatenate(taken) if taken else np.empty((0, len(names)))
        return {name: whole[:, i] for i, name in enumerate(names)}

    def blocks(self, names: list[str], block_bytes: int) -> Iterator[NDArray[Any]]:
        kinds = dict(zip(self.there, self.dialect.kinds, strict=True))
        types = [pa.int64() if kinds[name] == LONG else pa.float64() for name in names]
        for batch in self._batches(names, block_bytes, types):
            yield side_by_side([as_numpy(column) for column in batch.columns])

    def lists(self, name: str, block_bytes: int) -> Iterator[list[list[float] | None]]:
        """Lists that are written as text."""
        for batch in self._batches([name], max(block_bytes, _LOOK_BYTES), [pa.string()]):
            yield [parsed_list(text) for text in batch.column(0).to_pylist()]

    def texts(self, name: str) -> Iterator[Any]:
        """Batches of one column as it is written."""
        return self._batches([name], _LOOK_BYTES, [pa.string()])

    def _batches(self, names: list[str], block_bytes: int, types: list[Any]) -> Iterator[Any]:
        dialect = self.dialect
        numbers = [str(number) for number in range(len(self.there))]
        chosen = [numbers[self.there.index(name)] for name in names]
        if dialect.words_first and "0" not in chosen:
            numbers = numbers[1:]
        size = max(block_bytes // 4, 1)  # the library reads some 20 blocks ahead
        with cleaned(self.path, dialect, len(numbers), drop_odd_lines=self.drop_odd_lines) as source:
            options = (
                csv.ReadOptions(
                    use_threads=False,
                    block_size=size,
                    column_names=numbers,
                    skip_rows=source.skipped + int(dialect.header),
                ),
                csv.ParseOptions(delimiter=source.separator),
                csv.ConvertOptions(
                    column_types=dict(zip(chosen, types, strict=True)),
                    include_columns=chosen,
                    decimal_point="," if dialect.decimal_comma else ".",
                ),
            )
            try:
                yield from csv.open_csv(source.file, *options)
            except pa.ArrowInvalid as error:
                raise UnreadableError(
                    f"{self.path.name} is not numbers in rows of one width: {' '.join(str(error).split())} "
                    f"(columns from #0: {listed(self.there)})"
                ) from error


def read_ids(path: Path, column: str) -> Any:
    """A column as text, or the words before the numbers."""
    dialect = find_dialect(path.name, _first_lines(path))
    there = _names(dialect)
    if dialect.words_first and column in (*WORDS, there[0]):
        return pa.array(words(path))
    check_ids(path.name, column, [*there, *(WORDS[:1] if dialect.words_first else ())])
    batches = _Lines(path, dialect, there, drop_odd_lines=True).texts(column)
    texts = pa.chunked_array([batch.column(0) for batch in batches], pa.string()).combine_chunks()
    return pc.if_else(pc.equal(texts, ""), None, texts)


def words(path: Path, n: int | None = None) -> Iterator[str]:
    """The first word of each row, in order; raises UnreadableError where rows have none."""
    dialect = find_dialect(path.name, _first_lines(path))
    if not dialect.words_first:
        raise UnreadableError(f"{path.name} has no words before its numbers")
    with opened(path) as file:
        for line in islice(file, dialect.skipped + int(dialect.header), n):
            if line.strip():
                yield line.decode("utf-8", errors="replace").rsplit(None, len(dialect.names) - 1)[0]
