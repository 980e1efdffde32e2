"""Writes the same points in every format that can be read."""

import gzip
import json

import h5py
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import csv, feather, ipc


def lists(points, kind=None):
    return pa.table({"vector": pa.array(list(points), kind or pa.list_(pa.float32()))})


def fixed(points):
    return lists(points, pa.list_(pa.float32(), points.shape[1]))


def columns(points):
    return pa.table({f"x{j}": points[:, j] for j in range(points.shape[1])})


def hdf5(path, **arrays):
    with h5py.File(path, "w") as file:
        for name, array in arrays.items():
            file[name] = array


def vecs(path, points, dtype):
    width = np.full((len(points), 1), points.shape[1], "<i4")
    body = np.ascontiguousarray(points.astype(dtype)).view("u1")
    path.write_bytes(np.hstack([width.view("u1"), body]).tobytes())


def big_ann(path, points, dtype):
    path.write_bytes(np.array(points.shape, "<u4").tobytes() + points.astype(dtype).tobytes())


def arrow(path, table, new=ipc.new_file):
    with new(str(path), table.schema) as writer:
        writer.write_table(table, max_chunksize=100)


def text(points, header="", separator=","):
    lines = [separator.join(map(repr, row)) for row in points.tolist()]
    return (header + "\n".join(lines) + "\n").encode()


def word2vec(path, points, dtype="<f4", words=None):
    words = words or [f"w{i}" for i in range(len(points))]
    rows = (f"{w} ".encode() + row.astype(dtype).tobytes() for w, row in zip(words, points, strict=True))
    path.write_bytes(f"{points.shape[0]} {points.shape[1]}\n".encode() + b"".join(rows))


def json_lines(points, field=None):
    rows = points.tolist()
    rows = rows if field is None else [{"id": i, "text": "a", field: row} for i, row in enumerate(rows)]
    return "".join(f"{json.dumps(row)}\n" for row in rows).encode()


def ml_vectors(points):
    kind = pa.struct(
        [
            pa.field("type", pa.int8()),
            pa.field("size", pa.int32()),
            pa.field("indices", pa.list_(pa.int32())),
            pa.field("values", pa.list_(pa.float64())),
        ]
    )
    rows = [{"type": 1, "size": None, "indices": None, "values": row} for row in points.tolist()]
    return pa.table({"id": pa.array(range(len(points))), "features": pa.array(rows, kind)})


def tensors(points):
    kind = pa.fixed_shape_tensor(pa.float32(), [points.shape[1]])
    flat = pa.array(points.ravel(), pa.float32())
    storage = pa.FixedSizeListArray.from_arrays(flat, points.shape[1])
    return pa.table({"v": pa.ExtensionArray.from_storage(kind, storage)})


def structs(points):
    """The first column apart, the others in a struct, as data frames of records are written."""
    names = [f"x{j}" for j in range(1, points.shape[1])]
    inner = pa.StructArray.from_arrays([pa.array(points[:, j + 1]) for j in range(len(names))], names)
    return pa.table({"x0": points[:, 0], "rest": inner})


def zarr(path, points, **options):
    """In chunks whose rows are no multiple of a block's."""
    import zarr

    root = zarr.open_group(path, mode="w", **options)
    root.create_array("deep/points", data=points, chunks=(100, 4))
    root.create_array("labels", data=points[:, 0], chunks=(100,))


def zipped_zarr(path, points):
    import zarr

    with zarr.storage.ZipStore(path, mode="w") as store:
        zarr.create_array(store, data=points, chunks=(100, 6))


def safetensors(path, points):
    from safetensors.numpy import save_file

    save_file({"embeddings": np.ascontiguousarray(points)}, path)


WRITERS = {
    "plain.npy": np.save,
    "columns_first.npy": lambda path, points: np.save(path, np.asfortranarray(points)),
    "other_end.npy": lambda path, points: np.save(path, points.astype(">f8")),
    "bytes.npy": lambda path, points: np.save(path, points.astype(np.uint8)),
    "half.npy": lambda path, points: np.save(path, points.astype(np.float16)),
    "long.npy": lambda path, points: np.save(path, points.astype(np.int64)),
    "one.npz": lambda path, points: np.savez(path, anything=points),
    "packed.npz": lambda path, points: np.savez_compressed(path, x=np.asfortranarray(points), y=points[:, 0]),
    "lists.parquet": lambda path, points: pq.write_table(lists(points), path, row_group_size=100),
    "fixed.parquet": lambda path, points: pq.write_table(fixed(points), path),
    "columns.parquet": lambda path, points: pq.write_table(columns(points), path, row_group_size=100),
    "pandas.parquet": lambda path, points: columns(points).to_pandas().iloc[::1].to_parquet(path, index=True),
    "file.arrow": lambda path, points: arrow(path, lists(points, pa.large_list(pa.float64()))),
    "stream.arrow": lambda path, points: arrow(path, fixed(points), ipc.new_stream),
    "columns.feather": lambda path, points: feather.write_feather(columns(points), path),
    "fixed.feather": lambda path, points: feather.write_feather(fixed(points), path, compression="zstd"),
    "bare.csv": lambda path, points: path.write_bytes(text(points)),
    "header.csv": lambda path, points: path.write_bytes(text(points, "a,b,c,d,e,f\n")),
    "numbered.csv": lambda path, points: path.write_bytes(text(points, "0,1,2,3,4,5\n")),
    "index.csv": lambda path, points: columns(points).to_pandas().to_csv(path),
    "semicolons.csv": lambda path, points: path.write_bytes(text(points, "a;b;c;d;e;f\n", ";")),
    "quoted.csv": lambda path, points: csv.write_csv(columns(points), path),
    "packed.csv.gz": lambda path, points: path.write_bytes(gzip.compress(text(points))),
    "ann_benchmarks.hdf5": lambda path, points: hdf5(path, train=points, test=points[:9], distances=points),
    "sisap.h5": lambda path, points: hdf5(path, emb=points.astype(np.float16), other=points),
    "nested.h5": lambda path, points: hdf5(path, **{"group/points": points}),
    "some.fvecs": lambda path, points: vecs(path, points, "<f4"),
    "some.bvecs": lambda path, points: vecs(path, points, "u1"),
    "some.fbin": lambda path, points: big_ann(path, points, "<f4"),
    "some.i8bin": lambda path, points: big_ann(path, points, "i1"),
    "some.1M.fbin.crop_nb_257": lambda path, points: big_ann(path, points, "<f4"),
    "diskann.bin": lambda path, points: big_ann(path, points, "<f4"),
    "word2vec.bin": word2vec,
    "tabs.tsv": lambda path, points: path.write_bytes(text(points, separator="\t")),
    "spaces.txt": lambda path, points: np.savetxt(path, points, header="by numpy"),
    "packed.csv.zst": lambda path, points: path.write_bytes(
        pa.compress(text(points), codec="zstd", asbytes=True)
    ),
    "lists.jsonl": lambda path, points: path.write_bytes(json_lines(points)),
    "field.jsonl.gz": lambda path, points: path.write_bytes(gzip.compress(json_lines(points, "embedding"))),
    "cells.h5ad": lambda path, points: hdf5(
        path, **{"obsm/X_pca": points, "X": points[:, :2], "obsm/b": points}
    ),
    "ml_vectors.parquet": lambda path, points: pq.write_table(ml_vectors(points), path),
    "tensors.arrow": lambda path, points: arrow(path, tensors(points)),
    "decimals.parquet": lambda path, points: pq.write_table(
        columns(points).cast(pa.schema([(f"x{j}", pa.decimal128(8, 2)) for j in range(points.shape[1])])),
        path,
    ),
    "one.safetensors": safetensors,
    "structs.parquet": lambda path, points: pq.write_table(structs(points), path, row_group_size=100),
    "structs.arrow": lambda path, points: arrow(path, structs(points)),
    "two.zarr": lambda path, points: zarr(path, points, zarr_format=2),
    "three.zarr": lambda path, points: zarr(path, points, zarr_format=3),
    "packed.zarr.zip": zipped_zarr,
    "some.u8bin": lambda path, points: big_ann(path, points, "u1"),
}
