"""Writes large files of several formats, and says how much memory staging one of them takes.

``python -m tests.workloads.staging_memory FILE CACHE`` stages a file and prints the peak in bytes.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import csv

D = 128
_ROWS = 100_000


def write_large(path: Path, n_bytes: int) -> None:
    """Write float32 rows of D columns until the file is as large as asked for."""
    name = path.name
    if name.endswith(".npy"):
        n = n_bytes // (4 * D)
        with path.open("wb") as file:
            np.lib.format.write_array_header_1_0(
                file, {"descr": "<f4", "fortran_order": False, "shape": (n, D)}
            )
            for block in _blocks():
                left = n - (file.tell() - 128) // (4 * D)
                file.write(block[:left].data)
                if left <= len(block):
                    return
    if name.endswith(".fvecs"):
        record = np.dtype([("d", "<i4"), ("values", "<f4", (D,))])
        with path.open("wb") as file:
            for block in _blocks():
                rows = np.empty(len(block), record)
                rows["d"], rows["values"] = D, block
                file.write(rows.data)
                if file.tell() >= n_bytes:
                    return
    names = [f"x{j}" for j in range(D)]
    writer = None
    for block in _blocks():
        if name.endswith(".parquet"):
            table = pa.table({"v": pa.FixedSizeListArray.from_arrays(pa.array(block.ravel()), D)})
            writer = writer or pq.ParquetWriter(path, table.schema, compression="none", use_dictionary=False)
        else:
            table = pa.table(list(block.T.copy()), names=names)
            writer = writer or csv.CSVWriter(str(path), table.schema)
        writer.write_table(table)
        if path.stat().st_size >= n_bytes:
            writer.close()
            return


def _blocks() -> Iterator[np.ndarray]:
    """The same rows, moved a little each time, so that writing takes no longer than the disk does."""
    rows = np.random.default_rng(0).standard_normal((_ROWS, D)).astype(np.float32)
    while True:
        yield rows
        rows = np.roll(rows, 1, axis=1) * np.float32(1.001)


def peak_bytes() -> int:
    """The most memory that this process has held."""
    status = Path("/proc/self/status").read_text()
    return 1024 * int(status.partition("VmHWM:")[2].split()[0])


if __name__ == "__main__":
    from bench.workloads import from_file, stage

    staged = stage(from_file(sys.argv[1], k=1), Path(sys.argv[2]))
    sys.stdout.write(f"{staged.id.n} {staged.id.d} {peak_bytes()}\n")
