"""What formats of the field hold beside plain arrays: read, or refused with what is to be done."""

import bz2
import gzip
import lzma

import h5py
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from scipy import sparse

from bench.workloads import stage
from tests.workloads.choosing import chosen_file
from tests.workloads.writers import WRITERS, hdf5, json_lines


def refused(path, cache, **options):
    with pytest.raises(ValueError) as error:  # noqa: PT011 (each test looks at the text)
        stage(chosen_file(path, **options), cache)
    assert "\n" not in str(error.value)
    return str(error.value)


def test_a_sparse_matrix_is_refused_with_what_to_do(tmp_path, points, cache):
    matrix = sparse.csr_matrix(points)
    sparse.save_npz(tmp_path / "counts.npz", matrix)
    parts = {f"X/{name}": getattr(matrix, name) for name in ("data", "indices", "indptr")}
    hdf5(tmp_path / "cells.h5ad", **parts)
    for name in ("counts.npz", "cells.h5ad"):
        assert "is a sparse matrix, points must be dense: reduce it first" in refused(tmp_path / name, cache)
    assert "X is a sparse matrix" in refused(tmp_path / "cells.h5ad", cache, key="X")


def test_of_anndata_the_principal_components_are_taken_and_said(tmp_path, points, staged):
    WRITERS["cells.h5ad"](tmp_path / "cells.h5ad", points)
    rows, found = staged(tmp_path / "cells.h5ad")
    np.testing.assert_array_equal(rows, points)
    assert "points: array obsm/X_pca, 257 x 6; left out: X, obsm/b" in found.notes
    np.testing.assert_array_equal(staged(tmp_path / "cells.h5ad", key="X")[0], points[:, :2])


def test_a_bin_of_bytes_does_not_say_their_sign(tmp_path, points, cache):
    WRITERS["some.u8bin"](tmp_path / "a.bin", points)
    assert refused(tmp_path / "a.bin", cache) == (
        "a.bin holds 257 rows of 6 bytes, with a sign or without: rename it .u8bin or .i8bin"
    )


def test_sparse_ml_vectors_are_refused_with_what_to_do(tmp_path, cache):
    kind = pa.struct([("type", pa.int8()), ("size", pa.int32()), ("indices", pa.list_(pa.int32()))])
    kind = pa.struct([*kind, pa.field("values", pa.list_(pa.float64()))])
    rows = [{"type": 0, "size": 4, "indices": [1], "values": [2.0]}] * 9
    pq.write_table(pa.table({"features": pa.array(rows, kind)}), tmp_path / "a.parquet")
    assert "column 'features' holds sparse vectors: write it as dense ones" in refused(
        tmp_path / "a.parquet", cache
    )


PACKED = gzip.compress(b"1,2\n3,4\n", mtime=0)  # its bytes name a test


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        (
            "x.npy",
            b"version https://git-lfs.github.com/spec/v1\noid sha256:ab\n",
            "x.npy is a Git LFS pointer",
        ),
        ("x.csv", b"version https://git-lfs.github.com/spec/v1\noid sha256:ab\n", "`git lfs pull` brings"),
        ("page.npy", b"<!DOCTYPE html>\n<html>Sign in</html>\n", "page.npy is a web page, not data"),
        ("page.csv", b"\xef\xbb\xbf \n<!-- login --><html>", "page.csv is a web page, not data"),
        ("s3.parquet", b"<Error><Code>AccessDenied</Code></Error>", "s3.parquet is a web page"),
        (
            "x.csv",
            PACKED,
            "compressed by gzip, which its name does not say: rename it x.csv.gz",
        ),
        ("x.txt", lzma.compress(b"1 2\n3 4\n"), "rename it x.txt.xz"),
        ("x.tsv", bz2.compress(b"1 2\n3 4\n"), "rename it x.tsv.bz2"),
        ("x.jsonl", pa.compress(b"[1, 2]\n", codec="zstd", asbytes=True), "rename it x.jsonl.zst"),
        ("x.npy", PACKED, "unpack it first (gzip)"),
        ("x.parquet", b"PK\x03\x04" + bytes(40), "x.parquet is a zip archive: unpack it first"),
        ("x.csv", b"PAR1" + bytes(40), "is a Parquet file, which its name does not say: rename it x.parquet"),
        (
            "x.npy",
            b"\x89HDF\r\n\x1a\n" + bytes(40),
            "is an HDF5 file, which its name does not say: rename it x.h5",
        ),
        ("x.fvecs", b"404: Not Found\n", "x.fvecs holds text, not data, and begins with '404: Not Found'"),
        ("x.h5", b'{"error": "Invalid credentials"}', "x.h5 holds text, not data"),
    ],
)
def test_what_stands_for_data_is_named(tmp_path, cache, name, content, message):
    (tmp_path / name).write_bytes(content)
    assert message in refused(tmp_path / name, cache)


def test_json_lines_are_read_by_their_field(tmp_path, points, staged, cache):
    (tmp_path / "a.jsonl").write_bytes(json_lines(points, "embedding"))
    _, found = staged(tmp_path / "a.jsonl")
    assert "points: lists of column embedding; left out: id, text" in found.notes
    rows = [f'{{"x": {x}, "y": {y}, "id": {i}}}' for i, (x, y) in enumerate(points[:, :2].tolist())]
    (tmp_path / "b.jsonl").write_text("\n".join(rows))
    np.testing.assert_array_equal(staged(tmp_path / "b.jsonl")[0], points[:, :2])
    (tmp_path / "c.jsonl").write_text("[1, 2]\n[1, 2]\n[1]\n")
    assert refused(tmp_path / "c.jsonl", cache) == "row 2 of c.jsonl has 1 values, most rows have 2"
    (tmp_path / "d.jsonl").write_text("[1, 2]\n[1, 2\n")
    assert refused(tmp_path / "d.jsonl", cache).startswith("line 2 of d.jsonl is not JSON")


def test_a_missing_reader_is_one_line(tmp_path, points, cache, monkeypatch):
    WRITERS["one.safetensors"](tmp_path / "a.safetensors", points)
    monkeypatch.setitem(__import__("sys").modules, "safetensors", None)
    assert "needs the package safetensors: `pip install '.[data]'`" in refused(
        tmp_path / "a.safetensors", cache
    )


def test_scalars_beside_an_array_are_not_taken_for_points(tmp_path, points, staged):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["points"], file["version"] = points, 3
    np.testing.assert_array_equal(staged(tmp_path / "a.h5")[0], points)


@pytest.mark.parametrize("write", [str, lambda row: str(np.array(row))])
@pytest.mark.parametrize("name", ["a.csv", "a.parquet", "a.feather"])
def test_lists_that_are_written_as_text_are_the_points(tmp_path, points, staged, cache, name, write):
    frame = pd.DataFrame(
        {"n_tokens": [3, 4, 3] * 85 + [9, 9], "embedding": [write(r) for r in points.tolist()]}
    )
    getattr(frame, {"a.csv": "to_csv", "a.parquet": "to_parquet", "a.feather": "to_feather"}[name])(
        tmp_path / name, **({"index": False} if name == "a.csv" else {})
    )
    rows, found = staged(tmp_path / name)
    np.testing.assert_array_equal(rows, points)
    assert "points: lists of column embedding; left out: n_tokens" in found.notes
    frame.loc[7, "embedding"] = "[1.0, 2.0]"
    frame.to_csv(tmp_path / "odd.csv", index=False)
    assert "row 7 of column 'embedding' of odd.csv has 2 values, most rows have 6" in refused(
        tmp_path / "odd.csv", cache
    )
