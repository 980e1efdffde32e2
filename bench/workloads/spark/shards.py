"""What a task does with its rows: write them down as bare numbers and say how many they are."""

import hashlib
import os
import socket
import uuid
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from bench.workloads.cache import PAIRS
from bench.workloads.formats.arrow_kinds import as_numpy, is_list, side_by_side

FILE, START = "__allknn_file", "__allknn_start"
"""Columns that say of each row from which file it comes, by a hash, and where in it its split begins."""


ID = "__allknn_id"


@dataclass(frozen=True, slots=True)
class Shard:
    """The rows of one split of a file, in the file's order."""

    file: int
    start: int
    rows: int
    width: int
    """Values in a row; -1 where no row has any."""
    path: str
    digest: str
    odd_row: int
    """The first row that is of another width, at which writing ended; -1 where there is none."""
    odd_width: int
    host: str
    error: int
    """The errno of a directory that does not take the shard, else 0."""
    reason: str


_TYPES = {int: "long", str: "string"}
SCHEMA = ", ".join(f"{name} {_TYPES[kind]}" for name, kind in Shard.__annotations__.items())
"""Of the task's answer, as Spark writes it."""


ID_SCHEMA = "file long, start long, path string, rows long"
"""Of the answer of a task that wrote ids."""


def write_ids(batches: Iterator[Any], *, folder: str) -> Iterator[pa.RecordBatch]:
    """Write the ids of rows into an Arrow file for each split, and yield what is where."""
    with ExitStack() as open_file:
        split: tuple[int, int] | None = None
        record: dict[str, Any] = {}
        for batch in batches:
            for piece in _pieces(batch):
                ids = pa.RecordBatch.from_arrays([piece.column(ID)], names=["id"])
                mark = (piece.column(FILE)[0].as_py(), piece.column(START)[0].as_py())
                if mark != split:
                    if record:
                        yield pa.RecordBatch.from_pylist([record])
                    open_file.close()
                    path = Path(folder, f"{uuid.uuid4().hex}.shard")
                    writer = open_file.enter_context(pa.ipc.new_stream(str(path), ids.schema))
                    split = mark
                    record = {"file": mark[0], "start": mark[1], "path": path.name, "rows": 0}
                writer.write_batch(ids)
                record["rows"] += ids.num_rows
        if record:
            open_file.close()
            yield pa.RecordBatch.from_pylist([record])


def write(
    batches: Iterator[Any], *, folder: str, names: list[str], dtype: str, width: int = -1
) -> Iterator[pa.RecordBatch]:
    """Write the rows of Arrow batches into files of ``folder``, one for each split; yield their records.

    ``names`` is one column of lists, or numeric columns, which are put side by side. Missing values and
    missing lists are written as NaN, as are lists of another ``width``, if one is given.
    """
    shard: _Shard | None = None
    for batch in batches:
        for piece in _pieces(batch):
            split = (piece.column(FILE)[0].as_py(), piece.column(START)[0].as_py())
            if shard is None or shard.split != split:
                if shard is not None:
                    yield shard.record()
                shard = _Shard(split, Path(folder), dtype, width)
            shard.add([piece.column(name) for name in names])
    if shard is not None:
        yield shard.record()


def _pieces(batch: Any) -> Iterator[Any]:
    """Cut a batch where another split begins."""
    splits = [batch.column(name).to_numpy() for name in (FILE, START)]
    cuts = np.flatnonzero(np.logical_or.reduce([np.diff(split) != 0 for split in splits])) + 1
    bounds = [0, *cuts.tolist(), batch.num_rows]
    for begin, end in pairwise(bounds):
        if end > begin:
            yield batch.slice(begin, end - begin)


class _Shard:
    """A file in the making; a directory that refuses it is told, not raised, which would be retried."""

    def __init__(self, split: tuple[int, int], folder: Path, dtype: str, width: int = -1) -> None:
        self.split = split
        self._path = folder / f"{uuid.uuid4().hex}.shard"
        self._pairs = dtype == PAIRS
        self._dtype = np.dtype(np.longdouble if self._pairs else dtype)
        self._file: BinaryIO | None = None
        self._digest = hashlib.blake2b(digest_size=16)
        self._rows, self._width, self._blanks_odd_rows = 0, width, width >= 0
        self._odd = (-1, -1)
        self._error: OSError | None = None

    def add(self, columns: list[Any]) -> None:
        if self._odd[0] >= 0 or self._error is not None:
            return
        block = (
            self._from_lists(columns[0])
            if is_list(columns[0].type)
            else side_by_side([as_numpy(column) for column in columns])
        )
        if block is None:
            return
        self._width = block.shape[1]
        try:
            if self._file is None:
                self._file = self._path.open("xb", buffering=0)
                self._put(np.full((self._rows, self._width), np.nan, self._dtype))
            self._put(block)
        except OSError as error:
            self._error = error
        self._rows += len(block)

    def _put(self, block: NDArray[Any]) -> None:
        block = block.astype(self._dtype, order="C", copy=False)
        if self._pairs:
            near = block.astype(np.float64)
            block = np.hstack([near, (block - near).astype(np.float64)])
        if self._file is not None and block.size:
            self._digest.update(block.data)
            left = memoryview(block.data).cast("B")
            while left:
                left = left[self._file.write(left) :]

    def _from_lists(self, lists: Any) -> NDArray[Any] | None:
        """Lists as rows up to the first of another width; None where all are missing, of unknown width."""
        there = lists.is_valid().to_numpy(zero_copy_only=False)
        lengths = pc.list_value_length(lists).fill_null(-1).to_numpy()
        if self._width < 0:
            if not there.any():
                self._rows += len(lists)
                return None
            self._width = int(lengths[there][0])
        if self._blanks_odd_rows and np.any(there & (lengths != self._width)):
            there = there & (lengths == self._width)
            lists = pc.if_else(pa.array(there), lists, pa.scalar(None, lists.type))
        odd = np.flatnonzero(there & (lengths != self._width))
        if len(odd):
            self._odd = (self._rows + int(odd[0]), int(lengths[odd[0]]))
            lists, there = lists.slice(0, odd[0]), there[: odd[0]]
        block = np.full((len(lists), self._width), np.nan, self._dtype)
        if self._width:
            block[there] = as_numpy(lists.flatten()).reshape(-1, self._width)
        return block

    def record(self) -> pa.RecordBatch:
        """Close the file and say what is in it."""
        try:
            if self._file is not None:
                os.fsync(self._file.fileno())
                self._file.close()
        except OSError as error:
            self._error = error
        shard = Shard(
            *self.split,
            rows=self._rows,
            width=self._width,
            path=self._path.name if self._file is not None else "",
            digest=self._digest.hexdigest(),
            odd_row=self._odd[0],
            odd_width=self._odd[1],
            host=socket.gethostname(),
            error=0 if self._error is None else self._error.errno or -1,
            reason="" if self._error is None else self._error.strerror or str(self._error),
        )
        return pa.RecordBatch.from_pylist([{name: getattr(shard, name) for name in Shard.__annotations__}])
