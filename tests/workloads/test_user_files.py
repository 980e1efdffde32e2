from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyarrow import csv

from bench.workloads import files, from_file, stage
from tests.workloads.writers import WRITERS, columns, hdf5, lists


@pytest.mark.parametrize("block_bytes", [2048, 1 << 23])
@pytest.mark.parametrize("name", WRITERS)
def test_every_format_gives_the_same_points_whatever_the_block_size(
    tmp_path, points, staged, monkeypatch, name, block_bytes
):
    monkeypatch.setattr(files, "_BLOCK_BYTES", block_bytes)
    WRITERS[name](tmp_path / name, points)
    np.save(tmp_path / "reference.npy", points)
    rows, found = staged(tmp_path / name)
    np.testing.assert_array_equal(rows, points)
    assert rows.dtype == np.float32
    assert rows.flags.c_contiguous
    assert found.row_numbers is None
    assert (found.id.name, found.id.n, found.id.d, found.id.seed) == (name, *points.shape, None)
    assert found.id.content_hash == staged(tmp_path / "reference.npy")[1].id.content_hash


@pytest.mark.parametrize("name", ["plain.npy", "lists.parquet", "columns.feather", "header.csv", "sisap.h5"])
def test_a_folder_of_parts_is_read_in_the_order_of_names(tmp_path, points, staged, name):
    folder = tmp_path / "parts"
    folder.mkdir()
    for number, part in enumerate(np.array_split(points, 3)):
        WRITERS[name](folder / f"part-{number}{Path(name).suffix}", part)
    (folder / "_SUCCESS").touch()
    rows, found = staged(folder)
    np.testing.assert_array_equal(rows, points)
    assert f"3 parts in the order of their names, part-0{Path(name).suffix} first" in found.notes


def test_an_empty_part_is_passed_over(tmp_path, points, staged):
    folder = tmp_path / "parts"
    folder.mkdir()
    pq.write_table(lists(points[:0]), folder / "part-0.parquet")
    pq.write_table(lists(points), folder / "part-1.parquet")
    np.testing.assert_array_equal(staged(folder)[0], points)


@pytest.mark.parametrize("name", WRITERS)
@pytest.mark.parametrize(("rows", "n"), [(slice(100, 200), None), (slice(7, None), 20), (None, 30)])
def test_a_row_range_and_n_choose_rows(tmp_path, points, staged, monkeypatch, name, rows, n):
    monkeypatch.setattr(files, "_BLOCK_BYTES", 2048)
    WRITERS[name](tmp_path / name, points)
    taken, found = staged(tmp_path / name, rows=rows, n=n)
    numbers = np.arange(len(points))[rows or slice(None)][:n]
    np.testing.assert_array_equal(taken, points[numbers])
    if rows is not None:
        np.testing.assert_array_equal(np.load(found.row_numbers), numbers)
        assert any(f"the first is the file's row {rows.start}" in note for note in found.notes)


def test_columns_are_chosen_by_name_in_the_order_asked(tmp_path, points, staged):
    table = columns(points).append_column("title", pa.array(["a"] * len(points)))
    pq.write_table(table, tmp_path / "a.parquet")
    csv.write_csv(table, tmp_path / "a.csv")
    for name in ("a.parquet", "a.csv"):
        rows, found = staged(tmp_path / name, columns="x3, x1")
        np.testing.assert_array_equal(rows, points[:, [3, 1]])
        assert any(
            "points: 2 columns x3, x1; left out: x0, x2, x4, x5, title" in note for note in found.notes
        )


def test_a_column_of_lists_is_taken_before_numbers_beside_it(tmp_path, points, staged):
    table = lists(points).append_column("id", pa.array(range(len(points))))
    pq.write_table(table, tmp_path / "a.parquet")
    rows, found = staged(tmp_path / "a.parquet")
    np.testing.assert_array_equal(rows, points)
    assert "points: lists of column vector; left out: id" in found.notes


def test_an_index_that_pandas_wrote_is_no_feature(tmp_path, points, staged):
    frame = columns(points).to_pandas()
    frame.index = frame.index[::-1] + 5
    frame.to_parquet(tmp_path / "a.parquet")
    np.testing.assert_array_equal(staged(tmp_path / "a.parquet")[0], points)


@pytest.mark.parametrize("name", ["a.npz", "a.h5"])
def test_a_key_chooses_the_array(tmp_path, points, staged, name):
    write = np.savez if name == "a.npz" else hdf5
    write(tmp_path / name, x=points, y=points + 1)
    np.testing.assert_array_equal(staged(tmp_path / name, key="y")[0], points + 1)


def test_a_missing_list_or_number_is_a_bad_row(tmp_path, points, staged):
    lists = points.tolist()
    lists[3] = None
    lists[5][2] = None
    table = pa.table({"vector": pa.array(lists, pa.list_(pa.int32()))})
    pq.write_table(table, tmp_path / "a.parquet")
    rows, _ = staged(tmp_path / "a.parquet", drop_bad_rows=True)
    np.testing.assert_array_equal(rows, np.delete(points, [3, 5], axis=0))


def test_a_changed_file_is_staged_anew_and_an_unchanged_one_is_not(tmp_path, points, cache, monkeypatch):
    path = tmp_path / "a.npy"
    np.save(path, points)
    first = stage(from_file(path, k=1), cache)
    np.save(path, points + 1)
    second = stage(from_file(path, k=1), cache)
    assert first.id.content_hash != second.id.content_hash
    monkeypatch.setattr(files.File, "open", None)
    assert stage(from_file(path, k=2), cache).id.content_hash == second.id.content_hash


@pytest.mark.parametrize(
    ("content", "rows", "note"),
    [
        ("1,2\n3,4\n", [[1, 2], [3, 4]], None),
        ("\ufeff1,2\n3,4\n", [[1, 2], [3, 4]], None),
        ("x,y\n1,2\n3,4\n", [[1, 2], [3, 4]], None),
        ("0,1\n1,2\n3,4\n", [[1, 2], [3, 4]], "the first line, 0,1…, was taken for a header"),
        (",0,1\n0,1,2\n1,3,4\n", [[1, 2], [3, 4]], "points: 2 columns 0, 1; left out: (no name) (index)"),
        ("NA,1\n1,2\n3,4\n", [[1, 2], [3, 4]], "dropped rows with NaN or infinity: 1"),
        ('"a,b","c"\n1,2\n3,4\n', [[1, 2], [3, 4]], None),
        ("1 2\r\n3 4\r\n", [[1, 2], [3, 4]], None),
        ("1,2e-3\n-3.5,inf\n\n3,4\n", [[1, 2e-3], [3, 4]], "dropped rows with NaN or infinity: 1"),
        (",2\n3,4\n5,6\n", [[3, 4], [5, 6]], "dropped rows with NaN or infinity: 1"),
    ],
)
def test_lines_are_read_with_and_without_a_header(tmp_path, staged, content, rows, note):
    (tmp_path / "a.csv").write_text(content, encoding="utf-8")
    taken, found = staged(tmp_path / "a.csv", drop_bad_rows=True)
    np.testing.assert_array_equal(taken, np.array(rows, np.float32))
    assert any(note in line for line in found.notes) if note else "header" not in " ".join(found.notes)
