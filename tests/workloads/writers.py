"""Writes the same points in every format that can be read."""

import gzip

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
    "some.u8bin": lambda path, points: big_ann(path, points, "u1"),
}
