"""What Spark's tasks do to points before they are joined: sample ids, check, pack and number points.

Points come sorted by id, each part a range of ids, and are numbered in that order. A block is a row with some
points of a part.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from allknn.spark.messages import Message, packed, unpacked, written

SAMPLED = 256
"""Ids taken of each partition."""
_BLOCK_ROWS, _BLOCK_BYTES = 1 << 14, 1 << 24
BLOCK = (
    "part int, block int, points int, n_features int, least float, greatest float, first string, "
    "problems binary, hashes binary, ids binary, vectors binary"
)
POINTS, NAMES, DROPPED, GROUPS = range(4)
"""Kinds of messages: points, ids, numbers of points equal to earlier ones, such points by groups."""
PROBLEMS = {
    "null id": "rows have no id",
    "duplicate": "rows have the id of another one",
    "null vector": "vectors are null",
    "null value": "vectors hold null",
    "ragged": "vectors are shorter than others",
    "not finite": "vectors are not finite in float32",
    "zero": "vectors are zero, which have no cosine",
}
"""What can be wrong with a row, in the order in which it is looked for."""


def sample_ids(batches: Iterator[Any]) -> Iterator[Any]:
    """Yield some ids of a partition and for how many rows each of them stands."""
    import pyarrow as pa

    held = [batch.column(0) for batch in batches if batch.num_rows]
    if held:
        ids = pa.concat_arrays(held)
        chosen = np.unique(np.linspace(0, len(ids) - 1, SAMPLED).astype(np.int64))
        stands_for = np.diff(np.append(chosen, len(ids)))
        columns = [ids.take(pa.array(chosen)), pa.array(stands_for)]
        yield pa.RecordBatch.from_arrays(columns, ["id", "stands_for"])


def pack(batches: Iterator[Any], *, cosine: bool) -> Iterator[Any]:
    """Yield the blocks of a part, whose rows (part, id, vector) come sorted by id."""
    number, last = 0, None
    for batch in batches:
        start = 0
        while start < batch.num_rows:
            values = batch.column(2).slice(start, _BLOCK_ROWS).flatten()
            size = min(_BLOCK_ROWS, max(1, _BLOCK_ROWS * _BLOCK_BYTES // max(1, 4 * len(values))))
            rows = batch.slice(start, size)
            yield _block(rows, number, last, cosine=cosine)
            last = rows.column(1).slice(rows.num_rows - 1)
            number, start = number + 1, start + size


def _block(rows: Any, number: int, last: Any, *, cosine: bool) -> Any:
    import pyarrow as pa

    from allknn import _native

    ids = pa.concat_arrays([rows.column(1)])
    points, problems = _checked(ids, rows.column(2), last, cosine=cosine)
    columns: dict[str, tuple[Any, Any]] = {
        "part": (rows.column(0)[0].as_py(), pa.int32()),
        "block": (number, pa.int32()),
        "points": (len(ids), pa.int32()),
        "n_features": (points.shape[1], pa.int32()),
        "least": (points.min(initial=np.inf), pa.float32()),
        "greatest": (points.max(initial=-np.inf), pa.float32()),
        "first": (repr(ids[0].as_py()), pa.string()),
        "problems": (packed(problems), pa.binary()),
        "hashes": (_digests(points, _native.hash_rows).tobytes(), pa.binary()),
        "ids": (packed(ids), pa.binary()),
        "vectors": (points.tobytes(), pa.binary()),
    }
    arrays = [pa.array([value], kind) for value, kind in columns.values()]
    return pa.RecordBatch.from_arrays(arrays, list(columns))


def _checked(
    ids: Any, vectors: Any, last: Any, *, cosine: bool
) -> tuple[NDArray[np.float32], list[tuple[str, int, str]]]:
    """Return vectors as an array, and what is wrong with them: the kind, how many, the first one's id."""
    import pyarrow as pa
    from pyarrow import compute

    problems: list[tuple[str, int, str]] = []

    def note(kind: str, wrong: NDArray[np.bool_]) -> None:
        if wrong.any():
            problems.append((kind, int(wrong.sum()), repr(ids[int(wrong.argmax())].as_py())))

    before = pa.concat_arrays([pa.nulls(1, ids.type) if last is None else last, ids[:-1]])
    note("null id", _plain(ids.is_null()))
    note("duplicate", _plain(compute.fill_null(compute.equal(ids, before), False)))
    note("null vector", _plain(vectors.is_null()))
    sizes = _plain(compute.fill_null(compute.list_value_length(vectors), -1))
    values = vectors.flatten()
    if values.null_count:
        parents = _plain(compute.list_parent_indices(vectors))
        note("null value", np.bincount(parents[_plain(values.is_null())], minlength=len(sizes)) > 0)
    points = np.zeros((len(sizes), max(0, int(sizes.max()))), np.float32)
    note("ragged", (sizes >= 0) & (sizes != points.shape[1]))
    if problems or not points.shape[1]:
        return points, problems
    raw = _plain(values).reshape(points.shape)
    if cosine:
        lengths = np.sqrt(np.einsum("ij,ij->i", raw, raw, dtype=np.float64))
        note("zero", lengths == 0)
        raw = raw / np.where(lengths == 0, 1.0, lengths)[:, None]
    with np.errstate(over="ignore"):
        points[:] = raw
    note("not finite", np.asarray(~np.isfinite(points).all(axis=1)))
    return points, problems


def _digests(points: NDArray[np.float32], hash_rows: Any) -> NDArray[np.uint64]:
    """Return 128 bits of each row, (rows, 2), which stand for it."""
    return np.stack([hash_rows(points), hash_rows(np.ascontiguousarray(points[:, ::-1]))], axis=1)


def _plain(array: Any) -> Any:
    return array.to_numpy(zero_copy_only=False)


class Starts(dict[tuple[int, int], int]):
    """The number of the first point of each block, by its part and its number there."""


def blocks(batches: Iterator[Any], starts: Starts) -> Iterator[tuple[int, NDArray[np.int32], list[bytes]]]:
    """Yield the part, the numbers and the columns of blocks whose columns begin (part, block, points)."""
    for batch in batches:
        for i in range(batch.num_rows):
            part, block, size, *columns = (column[i] for column in batch.columns)
            start = starts[part.as_py(), block.as_py()]
            numbers = np.arange(start, start + size.as_py(), dtype=np.int32)
            yield part.as_py(), numbers, [column.as_buffer() for column in columns]


def number_points(
    batches: Iterator[Any], *, starts: Starts, first_part: int, n_features: int
) -> Iterator[Any]:
    """Turn blocks (part, block, points, vectors) into messages to their parts: numbers, points."""
    yield from written(
        Message(
            first_part + part, POINTS, (numbers, np.frombuffer(vectors, np.float32).reshape(-1, n_features))
        )
        for part, numbers, (vectors,) in blocks(batches, starts)
    )


def number_ids(batches: Iterator[Any], *, starts: Starts, first_part: int) -> Iterator[Any]:
    """Turn blocks (part, block, points, ids) into messages to their parts: numbers, ids."""
    yield from written(
        Message(first_part + part, NAMES, (numbers, unpacked(ids)))
        for part, numbers, (ids,) in blocks(batches, starts)
    )
