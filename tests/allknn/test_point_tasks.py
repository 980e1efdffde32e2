"""What a task of a Spark session says of rows that cannot be searched, without Spark."""

import re
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from allknn.spark import point_tasks
from allknn.spark.staging import _refuse_bad

NAN = float("nan")
N, D = 20, 4
Row = tuple[str | None, list[Any] | None]


def rows() -> list[Row]:
    made = np.random.default_rng(0).normal(size=(N, D)).tolist()
    return [(f"p{i:02d}", row) for i, row in enumerate(made)]


def at(number: int, change: Callable[[list[Any]], list[Any] | None]) -> Callable[[list[Row]], None]:
    """Change a vector."""

    def apply(given: list[Row]) -> None:
        name, vector = given[number]
        given[number] = name, change(list(vector or []))

    return apply


def rename(number: int, name: str | None) -> Callable[[list[Row]], None]:
    """Give a row another id."""

    def apply(given: list[Row]) -> None:
        given[number] = name, given[number][1]

    return apply


BAD: list[tuple[Callable[[list[Row]], None], str]] = [
    (rename(3, None), "1 rows have no id, the first is that of id None"),
    (rename(4, "p05"), "1 rows have the id of another one, the first is that of id 'p05'"),
    (rename(9, "p08"), "1 rows have the id of another one, the first is that of id 'p08'"),
    (at(6, lambda _: None), "1 vectors are null, the first is that of id 'p06'"),
    (at(7, lambda row: [None, *row[1:]]), "1 vectors hold null, the first is that of id 'p07'"),
    (at(8, lambda row: row[:3]), "1 vectors are shorter than others, the first is that of id 'p08'"),
    (
        at(9, lambda row: [*row[:3], NAN]),
        "1 vectors are not finite in float32, the first is that of id 'p09'",
    ),
    (
        at(9, lambda row: [1e39, *row[1:]]),
        "1 vectors are not finite in float32, the first is that of id 'p09'",
    ),
    (at(11, lambda _: [0.0] * D), "1 vectors are zero, which have no cosine, the first is that of id 'p11'"),
]


def facts(given: list[Row], *, cosine: bool) -> list[Any]:
    """What is told of rows, in no order, that come in batches of seven and are packed into blocks of nine."""
    given = [given[i] for i in np.random.default_rng(1).permutation(N)]
    batches = []
    kinds = pa.int32(), pa.string(), pa.list_(pa.float64())
    for start in range(0, N, 7):
        some = given[start : start + 7]
        columns = [0] * len(some), [name for name, _ in some], [vector for _, vector in some]
        arrays = [pa.array(column, kind) for column, kind in zip(columns, kinds, strict=True)]
        batches.append(pa.RecordBatch.from_arrays(arrays, ["part", "id", "vector"]))
    split = point_tasks.split(iter(batches), cosine=cosine)
    blocks = point_tasks.pack(split, cosine=cosine, first_part=0, stride=7)
    return [SimpleNamespace(**row) for block in blocks for row in block.to_pylist()]


@pytest.mark.parametrize(("change", "message"), BAD)
def test_bad_rows_are_told_in_one_line_that_names_the_first(
    change: Callable[[list[Row]], None], message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(point_tasks, "_BLOCK_ROWS", 9)
    given = rows()
    cosine = "cosine" in message
    assert _refuse_bad(facts(given, cosine=cosine)) == D
    change(given)
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        _refuse_bad(facts(given, cosine=cosine))
