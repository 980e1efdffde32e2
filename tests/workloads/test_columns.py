"""Columns that are no coordinates: left out without being asked, said, and to be had by name."""

import json

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from bench.workloads import stage
from tests.workloads.choosing import chosen_file

N = 300


@pytest.fixture
def frame():
    points = np.random.default_rng(0).normal(size=(N, 12)).astype(np.float32)
    return pd.DataFrame(points, columns=[f"d{i}" for i in range(12)])


@pytest.mark.parametrize("write", ["to_parquet", "to_feather", "to_csv"])
@pytest.mark.parametrize(
    ("name", "values", "reason"),
    [
        ("id", np.arange(1000, 1000 + N), "named like an id"),
        ("userId", np.arange(N)[::-1] * 7, "named like an id"),
        ("movie_id", np.random.default_rng(1).integers(0, 9, N), "named like an id"),
        ("label", np.arange(N) % 3, "named like a label"),
        ("n", np.arange(N), "counts the rows"),
        ("n", np.arange(N)[::-1] * 3 + 5, "integers in order"),
        ("n", np.arange(N) // 20, "integers in order"),
        ("n", np.random.default_rng(1).permutation(N) + 1, "numbers the rows"),
        ("n", np.random.default_rng(1).choice(1 << 40, N, replace=False), "integers, all different"),
        ("word", np.array([f"w{i}" for i in range(N)]), "text"),
    ],
)
def test_what_is_no_coordinate_is_left_out_and_said(tmp_path, staged, frame, write, name, values, reason):
    frame.insert(3, name, values)
    path = tmp_path / f"a.{write.removeprefix('to_')}"
    getattr(frame, write)(path, **({} if write == "to_feather" else {"index": False}))
    rows, found = staged(path)
    np.testing.assert_array_equal(rows, frame.drop(columns=name).to_numpy(np.float32))
    assert f"points: 12 columns d0 ... d11; left out: {name} ({reason})" in found.notes


def test_whole_numbers_that_repeat_are_coordinates(tmp_path, staged, frame):
    frame["age"] = np.random.default_rng(1).integers(18, 99, N)
    frame.to_parquet(tmp_path / "a.parquet")
    rows, found = staged(tmp_path / "a.parquet")
    assert rows.shape == (N, 13)
    assert "points: 13 columns d0 ... age" in found.notes


def test_columns_that_all_ascend_are_taken_for_there_is_nothing_else(tmp_path, staged):
    table = {name: np.arange(N) * step for name, step in (("x", 2), ("y", 3))}
    pd.DataFrame(table).to_parquet(tmp_path / "a.parquet")
    assert staged(tmp_path / "a.parquet")[0].shape == (N, 2)


@pytest.mark.parametrize("write", ["to_parquet", "to_feather"])
def test_a_named_index_of_pandas_is_no_coordinate_whatever_its_values(tmp_path, staged, frame, write):
    index = pd.Index(np.random.default_rng(1).normal(size=N), name="when")
    indexed = frame.set_index(index)
    if write == "to_parquet":
        indexed.to_parquet(tmp_path / "a.x.parquet")
        path = tmp_path / "a.x.parquet"
    else:
        path = tmp_path / "a.feather"
        table = pa.Table.from_pandas(indexed)
        with pa.ipc.new_file(str(path), table.schema) as writer:
            writer.write_table(table)
    rows, found = staged(path)
    np.testing.assert_array_equal(rows, frame.to_numpy())
    assert "points: 12 columns d0 ... d11; left out: when (index)" in found.notes


def test_categories_that_spark_numbered_are_no_coordinates(tmp_path, staged, frame):
    frame["kind"] = np.random.default_rng(1).integers(0, 3, N).astype(float)
    attributes = {"ml_attr": {"type": "nominal", "vals": ["a", "b", "c"]}}
    fields = [{"name": name, "metadata": attributes if name == "kind" else {}} for name in frame]
    metadata = {"org.apache.spark.sql.parquet.row.metadata": json.dumps({"fields": fields})}
    table = pa.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata(metadata)
    pq.write_table(table, tmp_path / "a.parquet")
    rows, found = staged(tmp_path / "a.parquet")
    assert rows.shape == (N, 12)
    assert "left out: kind (categories)" in found.notes[0]


@pytest.mark.parametrize("write", ["to_parquet", "to_csv"])
def test_columns_are_chosen_by_patterns_and_left_out_by_name(tmp_path, staged, frame, write):
    frame = frame.assign(id=np.arange(N), e0=1.0)
    path = tmp_path / f"a.{write.removeprefix('to_')}"
    getattr(frame, write)(path, index=False)
    np.testing.assert_array_equal(staged(path, columns="d1*")[0], frame[["d1", "d10", "d11"]])
    np.testing.assert_array_equal(staged(path, columns="id,d?", exclude="d3")[0][:, 0], np.arange(N))
    rows, found = staged(path, exclude="e0,d1")
    assert rows.shape == (N, 11)
    assert "points: 11 columns d0 ... d11; left out: d1 (excluded), id (named like an id), e0 (excluded)" in (
        found.notes
    )


def test_an_id_asked_for_is_taken(tmp_path, staged, frame):
    frame.assign(id=np.arange(N)).to_parquet(tmp_path / "a.parquet")
    assert staged(tmp_path / "a.parquet", columns="id, d0")[0].shape == (N, 2)


def test_a_list_of_columns_that_is_cut_says_so(tmp_path, frame, cache):
    wide = pd.DataFrame(np.zeros((9, 100)), columns=[f"d{i}" for i in range(100)])
    wide.to_parquet(tmp_path / "a.parquet")
    with pytest.raises(ValueError, match=r"has no column 'z'; there are d0, .*, d19 and 80 more$"):
        stage(chosen_file(tmp_path / "a.parquet", columns="z"), cache)
    with pytest.raises(ValueError, match=r"^--columns is empty"):
        chosen_file(tmp_path / "a.parquet", columns=" ")


def test_a_table_without_coordinates_says_what_was_left_out(tmp_path, cache):
    pd.DataFrame({"id": np.arange(N), "title": "a"}).to_parquet(tmp_path / "a.parquet")
    with pytest.raises(ValueError, match=r"left out are id \(named like an id\), title \(text\)") as error:
        stage(chosen_file(tmp_path / "a.parquet"), cache)
    assert "--columns id takes one all the same" in str(error.value)


def test_the_first_part_decides_for_all(tmp_path, staged, frame, cache):
    folder = tmp_path / "parts"
    folder.mkdir()
    frame["n"] = np.random.default_rng(1).integers(0, 5, N)
    second = frame.assign(n=np.arange(N))
    frame.to_parquet(folder / "part-0.parquet")
    second.to_parquet(folder / "part-1.parquet")
    np.testing.assert_array_equal(staged(folder)[0], pd.concat([frame, second]).to_numpy(np.float32))
    frame.assign(other=1.0).to_parquet(folder / "part-2.parquet")
    with pytest.raises(ValueError, match=r"part-2.parquet and part-0.parquet differ in their columns: other"):
        stage(chosen_file(folder), cache)
    frame.drop(columns="d3").to_parquet(folder / "part-2.parquet")
    with pytest.raises(ValueError, match=r"part-2.parquet has no column 'd3', as the parts before it"):
        stage(chosen_file(folder), cache)


def test_numbered_parts_are_read_in_the_order_of_their_numbers(tmp_path, staged):
    folder = tmp_path / "parts"
    folder.mkdir()
    for number in range(12):
        np.save(folder / f"part-{number}.npy", np.full((2, 3), number))
    rows, found = staged(folder)
    np.testing.assert_array_equal(rows[:, 0], np.repeat(np.arange(12), 2))
    assert "12 parts in the order of the numbers in their names, part-0.npy first" in found.notes
