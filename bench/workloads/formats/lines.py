"""Reads .csv and .csv.gz, with or without a header, as numbers."""

import gzip
from collections.abc import Iterator
from csv import reader
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import csv

from bench.workloads.formats import Request
from bench.workloads.formats.choosing import chosen_columns
from bench.workloads.stream import Stream, UnreadableError

_SEPARATORS = (",", ";", "\t", " ")


def read(path: Path, request: Request) -> Stream:
    """Read the columns asked for, else all; a column without a name is taken for an index and left out."""
    opened = gzip.open if path.suffix.lower() == ".gz" else open
    with opened(path, "rt", encoding="utf-8-sig", errors="replace") as file:
        first = file.readline().rstrip("\r\n")
    separator = next((s for s in _SEPARATORS if s in first), ",")
    fields = [field.strip() for field in next(reader([first], delimiter=separator), [])]
    header = _is_header(fields)
    there = fields if header else [str(number) for number in range(len(fields))]
    if request.column:
        names = chosen_columns(path.name, request.column, there)
        chosen = [there.index(name) for name in names]
    else:
        names = [name for name in there if name]
        chosen = [number for number, name in enumerate(there) if name]
    left = [name or "(no name)" for name in there if name not in names]
    notes = (f"points are column {', '.join(names)}; left out: {', '.join(left)}",) if left else ()
    if header and any(_is_number(field) for field in fields):
        notes = (*notes, f"the first line, {separator.join(fields[:3])}…, was taken for a header")
    lines = _Lines(path, separator, header, there, chosen)
    return Stream(None, len(chosen), "float64", lines.blocks(request.block_bytes), notes)


@dataclass(frozen=True, slots=True)
class _Lines:
    """How a file's lines are to be read."""

    path: Path
    separator: str
    header: bool
    there: list[str]
    chosen: list[int]

    def blocks(self, block_bytes: int) -> Iterator[NDArray[np.float64]]:
        names = [str(number) for number in range(len(self.there))]
        chosen = [names[number] for number in self.chosen]
        size = max(block_bytes // 4, 1)  # the library reads some 20 blocks ahead
        options = (
            csv.ReadOptions(
                use_threads=False, block_size=size, column_names=names, skip_rows=int(self.header)
            ),
            csv.ParseOptions(delimiter=self.separator),
            csv.ConvertOptions(column_types=dict.fromkeys(chosen, pa.float64()), include_columns=chosen),
        )
        try:
            for batch in csv.open_csv(self.path, *options):
                columns = [column.to_numpy(zero_copy_only=False) for column in batch.columns]
                yield np.stack(columns, axis=1)
        except pa.ArrowInvalid as error:
            listed = ", ".join(self.there[:20])
            raise UnreadableError(
                f"{self.path.name} is not numbers in rows of one width: {' '.join(str(error).split())} "
                f"(columns from #0: {listed})"
            ) from error


def _is_header(fields: list[str]) -> bool:
    """Whether a first line names columns: by a word, or by the numbers 0, 1, 2, … that pandas gives."""
    named = [field for field in fields if field]
    numbered = len(named) > 1 and named == [str(number) for number in range(len(named))]
    return numbered or not all(_is_number(field) for field in named)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
