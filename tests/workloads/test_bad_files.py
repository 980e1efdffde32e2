import gzip
import os
import pickle
import zipfile

import h5py
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyarrow import feather

from bench.workloads import from_file, stage
from tests.workloads.choosing import chosen_file
from tests.workloads.writers import WRITERS


@pytest.fixture
def refused(cache):
    """Stage a file that is not fit for it; return the one line, having seen that nothing is left."""

    def message(path, error=ValueError, **options):
        with pytest.raises(error) as caught:
            stage(chosen_file(path, **options), cache)
        assert [p for p in cache.rglob("*") if p.is_file() and p.name != ".lock"] == []
        assert "\n" not in str(caught.value)
        return str(caught.value)

    return message


def test_a_missing_file(tmp_path, refused):
    assert refused(tmp_path / "no.npy", FileNotFoundError) == f"there is no file {tmp_path / 'no.npy'}"


def test_a_format_that_is_not_known(tmp_path, refused):
    (tmp_path / "a.parket").write_text("1")
    assert "a.parket is of no known format (did you mean '.parquet'?)" in refused(tmp_path / "a.parket")


def test_a_folder_without_parts(tmp_path, refused):
    (tmp_path / "a.pdf").write_text("1")
    assert "has no parts: files ending in .npy" in refused(tmp_path)


@pytest.mark.parametrize("name", WRITERS)
def test_an_empty_file(tmp_path, refused, name):
    (tmp_path / name).touch()
    assert refused(tmp_path / name) == f"{name} is empty"


@pytest.mark.parametrize("name", WRITERS)
def test_no_rows(tmp_path, points, refused, name):
    if name in ("numbered.csv", "bare.csv", "packed.csv.gz"):
        (tmp_path / name).write_bytes(gzip.compress(b"\n") if name.endswith("gz") else b"\n")
    else:
        WRITERS[name](tmp_path / name, points[:0])
    assert name in refused(tmp_path / name)


@pytest.mark.parametrize("name", [n for n in WRITERS if not n.endswith((".csv", ".tsv", ".txt"))])
@pytest.mark.parametrize("share", [0.02, 0.5, 0.97])
def test_a_file_that_is_cut_off(tmp_path, points, refused, name, share):
    WRITERS[name](tmp_path / name, points)
    files = [file for file in (tmp_path / name).rglob("*") if file.is_file()] or [tmp_path / name]
    cut = max(files, key=lambda file: file.stat().st_size)
    os.truncate(cut, int(cut.stat().st_size * share))
    assert name in refused(tmp_path / name)


@pytest.mark.parametrize("name", WRITERS)
def test_another_format_than_its_name_says(tmp_path, refused, name):
    (tmp_path / name).write_bytes(b"<!DOCTYPE html><title>404</title>\xff\xfe" * 9)
    assert name in refused(tmp_path / name)


def test_objects_are_never_unpickled(tmp_path, refused):
    class Trap:
        def __reduce__(self):
            return (os.mkdir, (str(tmp_path / "sprung"),))

    np.save(tmp_path / "a.npy", np.array([[Trap()]], dtype=object))
    (tmp_path / "b.npy").write_bytes(pickle.dumps(Trap()))
    np.savez(tmp_path / "a.npz", x=np.array([[Trap()]], dtype=object))
    assert "holds Python objects, which are never unpickled" in refused(tmp_path / "a.npy")
    assert "holds Python objects, which are never unpickled" in refused(tmp_path / "a.npz")
    assert "b.npy cannot be read" in refused(tmp_path / "b.npy")
    assert not (tmp_path / "sprung").exists()


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (np.zeros(5), "a.npy has 1 dimensions, shape (5,); points need 2"),
        (np.zeros((5, 2, 2)), "a.npy has 3 dimensions"),
        (np.zeros((5, 0)), "a.npy has no columns"),
        (np.array([["a", "b"]]), "a.npy holds <U1, points must be real numbers"),
        (np.zeros((5, 2), complex), "a.npy holds complex128, points must be real numbers"),
        (np.zeros((5, 2), [("x", "f4")]), "points must be real numbers"),
        (
            np.full((3, 2), 1e39),
            "a.npy has values beyond float32's range (±3.40e+38) in 3 rows, the first is 0",
        ),
    ],
)
def test_an_array_that_cannot_be_points(tmp_path, refused, array, message):
    np.save(tmp_path / "a.npy", array)
    assert message in refused(tmp_path / "a.npy")


def test_keys_and_columns_that_are_not_there(tmp_path, points, refused):
    np.savez(tmp_path / "a.npz", x=points, y=points)
    WRITERS["nested.h5"](tmp_path / "a.h5", points)
    WRITERS["columns.parquet"](tmp_path / "a.parquet", points)
    assert "a.npz has no key 'xx' (did you mean 'x'?); there are x, y" in refused(
        tmp_path / "a.npz", key="xx"
    )
    assert "a.h5 has no key 'train'; there are group/points" in refused(tmp_path / "a.h5", key="train")
    assert "a.parquet has no column 'z'; there are x0, x1" in refused(tmp_path / "a.parquet", columns="z")
    assert "a.npz has no one array that is plainly the points; there are x, y" in refused(tmp_path / "a.npz")


def test_an_archive_without_arrays(tmp_path, refused):
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as archive:
        archive.writestr("readme.txt", "nothing")
    assert refused(tmp_path / "a.npz") == "a.npz has no array"


def test_strings(tmp_path, refused):
    table = pa.table({"name": ["a", "b"], "x": [1.0, 2.0]})
    pq.write_table(table, tmp_path / "a.parquet")
    feather.write_feather(table, tmp_path / "a.feather")
    (tmp_path / "a.csv").write_text("x,y\n1,2\n1,abc\n")
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["train"] = [["a", "b"]]
    for name in ("a.parquet", "a.feather"):
        assert f"column 'name' of {name} holds text, points must be numbers; numeric are x" in refused(
            tmp_path / name, columns="name,x"
        )
    assert "Row #3: CSV conversion error to double: invalid value 'abc'" in refused(tmp_path / "a.csv")
    assert "points must be real numbers" in refused(tmp_path / "a.h5") or "objects" in refused(
        tmp_path / "a.h5"
    )


def test_ragged_rows(tmp_path, refused):
    pq.write_table(pa.table({"v": [[1.0, 2.0], [3.0, 4.0], [5.0]]}), tmp_path / "a.parquet")
    (tmp_path / "a.csv").write_text("1,2\n3\n")
    vectors = np.array([2, 7, 7, 2, 7, 7, 1, 2, 7], "<i4")
    vectors.tofile(tmp_path / "a.fvecs")
    assert "row 2 of column 'v' of a.parquet has 1 values, those before it 2" in refused(
        tmp_path / "a.parquet"
    )
    assert "Row #2: Expected 2 columns, got 1: 3" in refused(tmp_path / "a.csv")
    assert "row 2 of a.fvecs has 1 values, those before it 2" in refused(tmp_path / "a.fvecs")


def test_parts_of_different_width(tmp_path, points, refused):
    np.save(tmp_path / "a.npy", points)
    np.save(tmp_path / "b.npy", points[:, 1:])
    assert "b.npy has 5 columns, a.npy before it has 6" in refused(tmp_path)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.longdouble])
def test_nan_or_infinity_names_the_first_row_and_how_many(tmp_path, points, refused, bad, dtype):
    points[[200, 7], [0, 5]] = bad
    np.save(tmp_path / "a.npy", points.astype(dtype))
    assert refused(tmp_path / "a.npy") == (
        "a.npy has NaN or infinity in 2 rows, the first is 7; --drop-bad-rows goes on without them"
    )
    assert "in row 200;" in refused(tmp_path / "a.npy", rows=slice(100, None))


def test_a_zero_vector_has_no_cosine(tmp_path, points, refused, staged):
    points[[9, 20]] = 0
    np.save(tmp_path / "a.npy", points)
    message = refused(tmp_path / "a.npy", metric="cosine")
    assert "a zero vector, which has no direction for metric cosine, in 2 rows, the first is 9" in message
    assert staged(tmp_path / "a.npy")[1].id.n == 257


def test_more_neighbors_or_rows_than_there_are(tmp_path, points, refused):
    np.save(tmp_path / "a.npy", points)
    (tmp_path / "a.csv").write_text("1,2\n3,4\n5,6\n")
    assert refused(tmp_path / "a.npy", k=257) == "k must be less than the number of points, 257; got 257"
    assert refused(tmp_path / "a.npy", n=300) == "a.npy has 257 rows, n = 300 from row 0 on is more than that"
    assert "a.npy has 257 rows, none from row 257 on" in refused(tmp_path / "a.npy", rows=slice(257, None))
    assert "a.csv has fewer rows, n = 4 from row 0 on" in refused(tmp_path / "a.csv", n=4)
    assert refused(tmp_path / "a.csv", k=3) == "k must be less than the number of points, 3; got 3"


def test_a_file_that_changes_while_it_is_read(tmp_path, points, refused):
    path = tmp_path / "a.npy"

    def change(done, total):
        os.utime(path, ns=(1, 1))

    np.save(path, points)
    chosen = from_file(path, k=1)
    with pytest.raises(ValueError, match=r"a\.npy changed while it was read"):
        stage(chosen, tmp_path / "cache", change)


def test_a_file_cut_off_while_it_is_read_says_that_it_changed(tmp_path, points, monkeypatch):
    from bench.workloads import files

    monkeypatch.setattr(files, "_BLOCK_BYTES", 2048)
    path = tmp_path / "a.npy"
    np.save(path, np.tile(points, (100, 1)))
    with pytest.raises(ValueError, match=r"a\.npy changed while it was read"):
        stage(from_file(path, k=1), tmp_path / "cache", lambda *_: os.truncate(path, 200))
