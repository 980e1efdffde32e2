"""What Spark's tasks do to points before they are joined: sample ids, check and pack points, number them.

``split``   rows of a partition -> the parts that their ids belong to, each a range of ids
``pack``    rows of a part -> blocks: some points each, sorted by id

Points are numbered in the order of their ids: a block once it is known how many points come before it.
"""

from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from allknn.spark.messages import Message, packed, read, written

SAMPLED = 256
"""Ids taken of each partition."""
_BLOCK_ROWS, _BLOCK_BYTES = 1 << 14, 1 << 24
_SPLIT_BYTES = 1 << 26
"""Of points, about, after which they are sent to their parts: fewer messages, each with more of them."""
BLOCK = (
    "to int, block int, points int, n_features int, least float, greatest float, longest double, "
    "first string, problems binary, sample binary, digests binary, ids binary, vectors binary"
)
POINTS, NAMES, DROPPED, GROUPS, ROWS = range(5)
"""Kinds of messages: numbers and points; numbers and ids; numbers of points equal to earlier ones, and these;
such points by groups; ids and points on their way to their part, vectors where some cannot be points."""
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


def split(batches: Iterator[Any], *, cosine: bool) -> Iterator[Any]:
    """Send rows (part, id, vector) to their parts: ids and points, or vectors where some cannot be points."""
    held: list[tuple[Any, ...]] = []
    size = 0
    for batch in batches:
        if not batch.num_rows:
            continue
        parts, ids, vectors = batch.columns
        points, wrong = _points_of(vectors, cosine=cosine)
        held.append((_plain(parts), ids, vectors if wrong else points))
        size += points.nbytes
        if size > _SPLIT_BYTES:
            yield from written(_sent(held))
            held, size = [], 0
    yield from written(_sent(held))


def _sent(held: list[tuple[Any, ...]]) -> Iterator[Message]:
    """Cut what is held into messages to parts, those of several batches in one where all are points."""
    import pyarrow as pa

    if len({what.shape[1] if isinstance(what, np.ndarray) else -1 for _, _, what in held}) == 1:
        parts, ids, whats = zip(*held, strict=True)
        if isinstance(whats[0], np.ndarray):
            held = [(np.concatenate(parts), pa.concat_arrays(ids), np.concatenate(whats))]
    for parts, ids, what in held:
        order = np.argsort(parts, kind="stable")
        begin = np.flatnonzero(np.append(np.append(True, np.diff(parts[order]) != 0), True))
        for start, stop in pairwise(begin.tolist()):
            rows = order[start:stop]
            yield Message(int(parts[rows[0]]), ROWS, (taken(ids, rows), taken(what, rows)))


def taken(what: Any, rows: NDArray[np.intp]) -> Any:
    """Return some of an array, NumPy's or Arrow's."""
    return what[rows] if isinstance(what, np.ndarray) else what.take(rows)


def pack(batches: Iterator[Any], *, cosine: bool, first_part: int, stride: int) -> Iterator[Any]:
    """Yield the blocks of a part, each ``stride``-th point also as a sample.

    Parts are numbered from ``first_part`` on.
    """
    import pyarrow as pa
    from pyarrow import compute

    came = list(read(batches))
    if not came:
        return
    ids = pa.concat_arrays([message.data[0] for message in came])
    order = _plain(compute.array_sort_indices(ids, null_placement="at_start")).astype(np.int64)
    whats = [message.data[1] for message in came]
    if all(isinstance(what, np.ndarray) and what.shape[1] == whats[0].shape[1] for what in whats):
        everything = np.concatenate(whats)
        size = min(_BLOCK_ROWS, max(1, _BLOCK_BYTES // max(1, 4 * everything.shape[1])))
    else:
        everything = pa.concat_arrays([_lists(what) for what in whats])
        size = _BLOCK_ROWS
    to, last = came[0].to + first_part, None
    for number, start in enumerate(range(0, len(ids), size)):
        rows = order[start : start + size]
        own, some = taken(ids, rows), taken(everything, rows)
        problems = _noted(own, _wrong_ids(own, last))
        if not isinstance(some, np.ndarray):
            some, wrong = _points_of(some, cosine=cosine)
            problems += _noted(own, wrong)
        yield _block(to, number, own, some, problems, some[-start % stride :: stride])
        last = own[-1:]


def _lists(what: Any) -> Any:
    """Return points, or vectors that are none, as Arrow's lists of float64."""
    import pyarrow as pa

    if not isinstance(what, np.ndarray):
        return what.cast(pa.list_(pa.float64()))
    offsets = pa.array(np.arange(len(what) + 1) * what.shape[1], pa.int32())
    return pa.ListArray.from_arrays(offsets, pa.array(what.ravel(), pa.float64()))


def _block(
    to: int,
    number: int,
    ids: Any,
    points: NDArray[np.float32],
    problems: list[tuple[str, int, str]],
    sample: NDArray[np.float32],
) -> Any:
    import pyarrow as pa

    from allknn import _native

    columns: dict[str, tuple[Any, Any]] = {
        "to": (to, pa.int32()),
        "block": (number, pa.int32()),
        "points": (len(ids), pa.int32()),
        "n_features": (points.shape[1], pa.int32()),
        "least": (points.min(initial=np.inf), pa.float32()),
        "greatest": (points.max(initial=-np.inf), pa.float32()),
        "longest": (_longest(points), pa.float64()),
        "first": (repr(ids[0].as_py()), pa.string()),
        "problems": (packed(problems), pa.binary()),
        "sample": (packed(sample), pa.binary()),
        "digests": (packed((number, _digests(points, _native.hash_rows))), pa.binary()),
        "ids": (packed((number, ids)), pa.binary()),
        "vectors": (packed((number, points)), pa.binary()),
    }
    arrays = [pa.array([value], kind) for value, kind in columns.values()]
    return pa.RecordBatch.from_arrays(arrays, list(columns))


Wrong = list[tuple[str, NDArray[np.bool_]]]
"""What is wrong, and with which rows."""


def _noted(ids: Any, wrong: Wrong) -> list[tuple[str, int, str]]:
    """Return what is wrong with how many rows, and the first one's id."""
    return [(kind, int(rows.sum()), repr(ids[int(rows.argmax())].as_py())) for kind, rows in wrong]


def _wrong_ids(ids: Any, last: Any) -> Wrong:
    """Return what is wrong with ids, sorted, that come after a last one."""
    import pyarrow as pa
    from pyarrow import compute

    before = pa.concat_arrays([pa.nulls(1, ids.type) if last is None else last, ids[:-1]])
    missing, twice = ids.is_null(), compute.fill_null(compute.equal(ids, before), False)
    wrong = ("null id", _plain(missing)), ("duplicate", _plain(twice))
    return [(kind, rows) for kind, rows in wrong if rows.any()]


def _points_of(vectors: Any, *, cosine: bool) -> tuple[NDArray[np.float32], Wrong]:
    """Return vectors as an array, at length one where asked for, and what is wrong with them."""
    from pyarrow import compute

    wrong: Wrong = []

    def note(kind: str, rows: NDArray[np.bool_]) -> None:
        if rows.any():
            wrong.append((kind, rows))

    note("null vector", _plain(vectors.is_null()))
    sizes = _plain(compute.fill_null(compute.list_value_length(vectors), -1))
    values = vectors.flatten()
    if values.null_count:
        parents = _plain(compute.list_parent_indices(vectors))
        note("null value", np.bincount(parents[_plain(values.is_null())], minlength=len(sizes)) > 0)
    points = np.zeros((len(sizes), max(0, int(sizes.max(initial=0)))), np.float32)
    note("ragged", (sizes >= 0) & (sizes != points.shape[1]))
    if wrong or not points.shape[1]:
        return points, wrong
    raw = _plain(values).reshape(points.shape)
    if cosine:
        lengths = np.sqrt(np.einsum("ij,ij->i", raw, raw, dtype=np.float64))
        note("zero", lengths == 0)
        raw = raw / np.where(lengths == 0, 1.0, lengths)[:, None]
    with np.errstate(over="ignore"):
        points[:] = raw
    note("not finite", np.asarray(~np.isfinite(points).all(axis=1)))
    return points, wrong


def _longest(points: NDArray[np.float32]) -> float:
    """Return a number that no point is longer than, by rounding alone."""
    squared = np.einsum("ij,ij->i", points, points, dtype=np.float64)
    return float(np.sqrt(squared.max(initial=0.0)))


def _digests(points: NDArray[np.float32], hash_rows: Any) -> NDArray[np.uint64]:
    """Return 128 bits of each row, (rows, 2), which stand for it."""
    return np.stack([hash_rows(points), hash_rows(np.ascontiguousarray(points[:, ::-1]))], axis=1)


def _plain(array: Any) -> Any:
    return array.to_numpy(zero_copy_only=False)


class Starts(dict[tuple[int, int], int]):
    """The number of the first point of each block, by its part and its number there."""

    def numbered(self, messages: Iterable[Message]) -> Iterator[Message]:
        """Give points and ids of blocks their numbers, in place of the block's."""
        for message in messages:
            if message.kind in (POINTS, NAMES) and isinstance(message.data[0], int):
                block, what = message.data
                start = self[message.to, block]
                numbers = np.arange(start, start + len(what), dtype=np.int32)
                yield message._replace(data=(numbers, what))
            else:
                yield message
