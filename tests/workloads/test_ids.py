"""Ids of the user's own: read with the points, unique, and what the saved neighbors are called by."""

import bz2
import json

import h5py
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
import zarr

from bench.answers import Answers
from bench.judge.export import save_neighbors
from bench.judge.parts import write_parts
from bench.workloads import stage
from bench.workloads.ids import load_ids
from tests.workloads.choosing import chosen_file
from tests.workloads.writers import word2vec

NAMES = [f"doc-{i:03d}" for i in range(257)]


def frame(points, ids=NAMES):
    return pd.DataFrame(points, columns=[f"x{j}" for j in range(6)]).assign(name=ids)


def anndata(path, points, opened=h5py.File):
    with opened(path, "w") as file:
        file["obsm/X_pca"], file["obs/cell"] = points, np.array(NAMES, dtype=object)
        file["obs"].attrs["_index"] = "cell"


def zarr_ids(path, points, **options):
    root = zarr.open_group(path, mode="w", **options)
    root.create_array("points", data=points, chunks=(100, 6))
    root.create_array("numbers", data=np.arange(257) * 7, chunks=(257,))


def zarr_anndata(path, points, version):
    root = zarr.open_group(path, mode="w", zarr_format=version)
    root.create_array("obsm/X_pca", data=points)
    obs = root.require_group("obs")
    obs.attrs["_index"] = "cell"
    obs.create_array("cell", shape=(257,), dtype=str)[:] = np.array(NAMES)


def words(points):
    return "\n".join(f"{name} {' '.join(map(str, row))}" for name, row in zip(NAMES, points, strict=True))


WRITERS = {
    ("a.parquet", "name"): lambda path, points: frame(points).to_parquet(path, row_group_size=100),
    ("a.feather", "name"): lambda path, points: frame(points).to_feather(path),
    ("a.csv", "name"): lambda path, points: frame(points).to_csv(path, index=False),
    ("a.tsv", "name"): lambda path, points: frame(points).to_csv(path, index=False, sep="\t"),
    ("a.jsonl.bz2", "name"): lambda path, points: path.write_bytes(
        bz2.compress(frame(points).to_json(orient="records", lines=True).encode())
    ),
    ("glove.txt", "words"): lambda path, points: path.write_text(words(points)),
    ("fast.vec", "word"): lambda path, points: path.write_text(f"257 6\n{words(points)}\n"),
    ("word2vec.bin", "words"): lambda path, points: word2vec(path, points, words=NAMES),
    ("a.npz", "names"): lambda path, points: np.savez(path, x=points, names=np.array(NAMES)),
    ("a.h5", "names"): lambda path, points: h5py.File(path, "w").update(
        {"x": points, "names": np.array(NAMES, dtype=object)}
    ),
    ("cells.h5ad", "obs_names"): anndata,
    ("column.h5ad", "cell"): anndata,
    ("cells.zarr", "obs_names"): lambda path, points: zarr_anndata(path, points, 3),
    ("column.zarr", "cell"): lambda path, points: zarr_anndata(path, points, 2),
}


@pytest.mark.parametrize(("name", "column"), WRITERS)
def test_ids_are_read_with_the_points_and_are_no_coordinate(tmp_path, points, staged, name, column):
    WRITERS[name, column](tmp_path / name, points)
    rows, found = staged(tmp_path / name, id=column)
    np.testing.assert_array_equal(rows, points)
    assert load_ids(found.ids).to_pylist() == NAMES
    rows, found = staged(tmp_path / name, id=column, rows=slice(5, None), n=20)
    np.testing.assert_array_equal(rows, points[5:25])
    assert load_ids(found.ids).to_pylist() == NAMES[5:25]


@pytest.mark.parametrize("version", [2, 3])
def test_ids_may_be_numbers(tmp_path, points, staged, version):
    zarr_ids(tmp_path / "a.zarr", points, zarr_format=version)
    frame(points, range(7, 264)).to_csv(tmp_path / "a.csv", index=False)
    rows, found = staged(tmp_path / "a.zarr", id="numbers")
    np.testing.assert_array_equal(rows, points)
    assert load_ids(found.ids).to_pylist() == [7 * i for i in range(257)]
    assert load_ids(staged(tmp_path / "a.csv", id="name")[1].ids).to_pylist() == list(range(7, 264))


def test_ids_of_rows_that_are_left_out_go_with_them(tmp_path, points, staged):
    points[[3, 9]] = np.nan
    frame(points, ["twice" if i in (3, 9) else name for i, name in enumerate(NAMES)]).to_parquet(
        tmp_path / "a.parquet"
    )
    _, found = staged(tmp_path / "a.parquet", id="name", drop_bad_rows=True)
    assert load_ids(found.ids).to_pylist() == [name for i, name in enumerate(NAMES) if i not in (3, 9)]


@pytest.mark.parametrize(
    ("ids", "column", "message"),
    [
        (["same" if i in (8, 20) else name for i, name in enumerate(NAMES)], "name",
         "--id name: 'same' stands in rows 8 and 20 of a.parquet, ids must be unique"),
        ([None if i == 4 else name for i, name in enumerate(NAMES)], "name",
         "--id name: row 4 of a.parquet has no id"),
        (NAMES, "nam", "a.parquet has no column 'nam' for --id (did you mean 'name'?)"),
        ([[i] for i in range(257)], "name", "ids are numbers or texts"),
    ],
)  # fmt: skip
def test_ids_that_are_missing_or_stand_twice_are_one_line(tmp_path, points, cache, ids, column, message):
    frame(points, ids).to_parquet(tmp_path / "a.parquet")
    with pytest.raises(ValueError) as error:  # noqa: PT011 (the message is looked at)
        stage(chosen_file(tmp_path / "a.parquet", id=column, columns="x*"), cache)
    assert message in str(error.value)
    assert "\n" not in str(error.value)
    assert [p for p in cache.rglob("*") if p.is_file() and p.name != ".lock"] == []


def test_a_format_without_ids_says_so(tmp_path, points, cache):
    np.save(tmp_path / "a.npy", points)
    with pytest.raises(ValueError, match=r"a\.npy holds no ids, --id name is for \.npz \.parquet"):
        stage(chosen_file(tmp_path / "a.npy", id="name"), cache)


def test_saved_neighbors_are_called_by_ids(tmp_path):
    import pyarrow as pa

    ids = pa.array(["a", "b", "c"])
    indices = np.array([[1, 2], [0, -1], [-1, -1]], np.int32)
    distances = np.where(indices < 0, np.inf, [[1.0, 2.0]] * 3).astype(np.float32)
    answers = Answers(indices, distances, np.array([True, True, False]))
    write_parts(tmp_path / "out.parquet", answers, ids=ids, row_numbers=np.array([4, 5, 6]))
    table = pq.read_table(tmp_path / "out.parquet")
    assert table.column_names == ["id", "neighbors"]
    assert table.to_pylist() == [
        {"id": "a", "neighbors": [{"id": "b", "distance": 1.0}, {"id": "c", "distance": 2.0}]},
        {"id": "b", "neighbors": [{"id": "a", "distance": 1.0}]},
        {"id": "c", "neighbors": []},
    ]
    for name in ("out.npz", "out.h5"):
        save_neighbors(tmp_path / name, answers, ids=ids, row_numbers=np.array([4, 5, 6]))
    assert np.load(tmp_path / "out.npz")["ids"].tolist() == ["a", "b", "c"]
    assert np.load(tmp_path / "out.npz")["indices"].tolist() == indices.tolist()
    with h5py.File(tmp_path / "out.h5") as file:
        assert file["ids"].asstr()[:].tolist() == ["a", "b", "c"]
    assert json.dumps(table.to_pylist())
