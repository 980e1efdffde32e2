"""Files that hold more or less than one set of points: refused by one line that is true, or put apart."""

import h5py
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zarr
from pyarrow import feather

from bench.workloads import stage
from tests.workloads.choosing import chosen_file


def test_a_second_array_behind_the_first_is_refused(tmp_path, points, cache):
    with (tmp_path / "a.npy").open("wb") as file:
        np.save(file, points)
        np.save(file, points)
    size = 128 + points.nbytes
    with pytest.raises(
        ValueError, match=rf"^a\.npy goes on for {size:,} bytes behind its array: was another"
    ):
        stage(chosen_file(tmp_path / "a.npy"), cache)


@pytest.mark.parametrize("odd", [0, 5])
@pytest.mark.parametrize("values", [[], [1.0, 2.0, 3.0]])
def test_a_list_of_another_width_is_refused_or_left_out(tmp_path, staged, cache, odd, values):
    points = np.random.default_rng(0).normal(size=(100, 4)).astype(np.float32)
    lists = points.tolist()
    lists[odd] = values
    pq.write_table(pa.table({"v": pa.array(lists, pa.list_(pa.float32()))}), tmp_path / "a.parquet")
    with pytest.raises(ValueError, match=f"row {odd} of column 'v' of a.parquet has {len(values)} values, "):
        stage(chosen_file(tmp_path / "a.parquet"), cache)
    rows, found = staged(tmp_path / "a.parquet", drop_bad_rows=True)
    np.testing.assert_array_equal(rows, np.delete(points, odd, axis=0))
    assert odd not in np.load(found.row_numbers)


def test_a_text_beside_parts_is_none_of_them(tmp_path, points, staged):
    folder = tmp_path / "parts"
    folder.mkdir()
    np.save(folder / "part-0.npy", points)
    (folder / "README.txt").write_text("1 2 3\n")
    np.testing.assert_array_equal(staged(folder)[0], points)


def test_a_column_of_an_array_that_counts_the_rows_is_pointed_out(tmp_path, points, staged):
    np.save(tmp_path / "a.npy", np.column_stack([np.arange(5, 5 + len(points)), points]))
    assert "column 0 (from 0) counts the rows: if that is an id, save the array without it" in (
        staged(tmp_path / "a.npy")[1].notes
    )
    np.save(tmp_path / "b.npy", points)
    assert staged(tmp_path / "b.npy")[1].notes == ()


def test_chunks_that_were_never_written_are_no_zeros(tmp_path, points, cache):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.create_dataset("v", points.shape, "f4", chunks=(100, 6))[:200] = points[:200]
    root = zarr.create_array(str(tmp_path / "a.zarr"), shape=points.shape, chunks=(100, 6), dtype="f4")
    root[:200] = points[:200]
    with h5py.File(tmp_path / "b.h5", "w") as file:
        file.create_dataset("v", points.shape, "f4")
    for name, lacks in (("a.h5", "1 of its 3"), ("a.zarr", "1 of its 3"), ("b.h5", "1 of its 1")):
        with pytest.raises(ValueError, match=f"lacks {lacks} chunks"):
            stage(chosen_file(tmp_path / name), cache)


def test_arrays_that_are_turned_round_are_said(tmp_path, points, cache, staged):
    np.save(tmp_path / "a.npy", points[:50].T)
    assert (
        "there are fewer rows than columns, 6 and 50: is it turned round?"
        in staged(tmp_path / "a.npy")[1].notes
    )
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["X"] = points.T
        file["X"].attrs["MATLAB_class"] = np.bytes_("double")
    with pytest.raises(ValueError, match="was written by MATLAB, which turns arrays round"):
        stage(chosen_file(tmp_path / "a.h5"), cache)


@pytest.mark.parametrize("name", ["a.parquet", "a.feather"])
def test_two_columns_of_one_name_are_refused(tmp_path, points, cache, name):
    write = pq.write_table if name.endswith("parquet") else feather.write_feather
    write(pa.table([pa.array(points[:, 0]), pa.array(points[:, 1])], names=["x", "x"]), str(tmp_path / name))
    with pytest.raises(ValueError, match="two columns are called 'x': rename one"):
        stage(chosen_file(tmp_path / name), cache)
