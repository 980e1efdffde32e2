"""What files say of their metric, and zero vectors under cosine."""

import h5py
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zarr
from safetensors.numpy import save_file

from bench.workloads import stage
from tests.workloads.choosing import chosen_file


@pytest.fixture
def points():
    return np.random.default_rng(0).normal(size=(100, 4)).astype(np.float32)


def hdf5(path, points, **attributes):
    with h5py.File(path, "w") as file:
        file["train"] = points
        file.attrs.update(attributes)


@pytest.mark.parametrize("field", ["distance", "metric", "space_type"])
@pytest.mark.parametrize(
    ("word", "metric"),
    [("angular", "cosine"), ("cosinesimil", "cosine"), ("normalized", "cosine"), ("L2", "euclidean")],
)
def test_the_metric_of_an_hdf5_file_is_believed(tmp_path, points, staged, field, word, metric):
    hdf5(tmp_path / "a.hdf5", points, **{field: word})
    _, found = staged(tmp_path / "a.hdf5")
    assert found.id.metric == metric
    assert f"metric {metric}: the file says {word!r}" in found.notes


@pytest.mark.parametrize(
    "entry", [{"lance:metric": "cosine"}, {"opensearch": '{"m": {"space_type": "cosine"}}'}]
)
@pytest.mark.parametrize("name", ["a.parquet", "a.arrow"])
def test_the_metric_of_a_table_is_believed(tmp_path, points, staged, entry, name):
    table = pa.table({"v": list(points)}).replace_schema_metadata(entry)
    if name == "a.parquet":
        pq.write_table(table, tmp_path / name)
    else:
        with pa.ipc.new_file(str(tmp_path / name), table.schema) as writer:
            writer.write_table(table)
    assert staged(tmp_path / name)[1].id.metric == "cosine"


def test_the_metric_of_an_archive_is_believed(tmp_path, points, staged):
    np.savez(tmp_path / "a.npz", x=points, metric="cosine")
    assert staged(tmp_path / "a.npz")[1].id.metric == "cosine"


def test_another_metric_than_the_files_is_contradicted_aloud(tmp_path, points, staged):
    hdf5(tmp_path / "a.hdf5", points, distance="angular")
    _, found = staged(tmp_path / "a.hdf5", metric="euclidean")
    assert found.id.metric == "euclidean"
    assert "the file says its metric is 'angular', --metric euclidean was asked for" in found.notes


def test_a_metric_that_is_not_searched_must_be_replaced_by_name(tmp_path, points, staged):
    hdf5(tmp_path / "a.hdf5", points, distance="hamming")
    with pytest.raises(
        ValueError,
        match=r"a\.hdf5 says its metric is 'hamming', searched are euclidean, cosine, inner_product",
    ):
        chosen_file(tmp_path / "a.hdf5")
    assert staged(tmp_path / "a.hdf5", metric="euclidean")[1].id.metric == "euclidean"


def test_a_name_that_speaks_of_angles_is_pointed_out(tmp_path, points, staged):
    np.save(tmp_path / "glove-25-angular.npy", points)
    _, found = staged(tmp_path / "glove-25-angular.npy")
    assert found.id.metric == "euclidean"
    assert any("--metric cosine searches by them" in note for note in found.notes)


def test_zero_vectors_are_refused_dropped_or_put_far_from_all(tmp_path, points, staged, cache):
    points[[7, 30]] = 0
    np.save(tmp_path / "a.npy", points)
    with pytest.raises(ValueError, match=r"in 2 rows, the first is 7; --zero-vectors drop leaves them out, "):
        stage(chosen_file(tmp_path / "a.npy", metric="cosine"), cache)
    rows, found = staged(tmp_path / "a.npy", metric="cosine", zero_vectors="drop")
    np.testing.assert_array_equal(np.load(found.row_numbers), np.delete(np.arange(100), [7, 30]))
    rows, found = staged(tmp_path / "a.npy", metric="cosine", zero_vectors="last")
    assert rows.shape == (100, 5)
    assert found.row_numbers is None
    distances = np.square(rows - rows[7]).sum(axis=1) / 2
    np.testing.assert_allclose(np.delete(distances, [7, 30]), 1, atol=1e-6)
    assert any("zero vectors: 2, the first is row 7" in note for note in found.notes)


def test_without_zero_vectors_there_is_no_dimension_for_them(tmp_path, points, staged):
    np.save(tmp_path / "a.npy", points)
    assert staged(tmp_path / "a.npy", metric="cosine", zero_vectors="last")[0].shape == (100, 4)


def test_an_unknown_choice_for_zero_vectors_is_refused(tmp_path):
    with pytest.raises(ValueError, match="unknown choice for zero vectors 'keep': use drop or last"):
        chosen_file(tmp_path / "a.npy", zero_vectors="keep")


@pytest.mark.parametrize("name", ["similarity_function", "dist_fn", "distance_measure", "hnsw:space"])
@pytest.mark.parametrize(
    ("word", "metric"), [("cosine", "cosine"), ("COSINE_SIMILARITY", "cosine"), ("l2-squared", "euclidean")]
)
def test_other_names_of_a_metric_are_believed_where_the_metric_is_known(
    tmp_path, points, staged, name, word, metric
):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["deep/points"] = points + 1
        file["deep"].attrs[name] = word
        file["deep"].attrs["distance_unit"] = "meters"
    assert staged(tmp_path / "a.h5")[1].id.metric == metric


def test_metadata_of_safetensors_and_zarr_says_the_metric(tmp_path, points, staged, cache):
    save_file({"v": points + 1}, tmp_path / "a.safetensors", metadata={"metric": "cosine"})
    group = zarr.open_group(tmp_path / "a.zarr", mode="w")
    group.create_array("v", data=points + 1).attrs["distance"] = "angular"
    for name in ("a.safetensors", "a.zarr"):
        assert staged(tmp_path / name)[1].id.metric == "cosine"
    group.attrs["metric"] = "METRIC_INNER_PRODUCT"
    assert chosen_file(tmp_path / "a.zarr").metric == "inner_product"
    group.attrs["metric"] = "METRIC_L1"
    with pytest.raises(ValueError, match="says its metric is 'METRIC_L1'"):
        chosen_file(tmp_path / "a.zarr")
