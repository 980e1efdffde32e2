"""A task's answers as one Parquet file of a folder, so that they need not go through the driver."""

import os

import numpy as np
from numpy.typing import NDArray

from bench.strategy import PART_COLUMNS, PART_NAME


def write(first_row: int, indices: NDArray[np.int32], distances: NDArray[np.float32], *, folder: str) -> None:
    """Write one file of ``PART_COLUMNS``.

    ``folder`` is a path or URI that all hosts see. The file gets its name when it is whole, so that of a task
    tried twice one remains.
    """
    import pyarrow as pa
    from pyarrow import fs, parquet

    rows = pa.array(np.arange(first_row, first_row + len(indices), dtype=np.int64))
    lists = [pa.FixedSizeListArray.from_arrays(pa.array(a.ravel()), a.shape[1]) for a in (indices, distances)]
    files, path = fs.FileSystem.from_uri(folder)
    files.create_dir(path, recursive=True)
    whole = f"{path}/{PART_NAME.format(first_row=first_row)}"
    partly = f"{path}/.part-{first_row:010d}-{os.getpid()}"
    parquet.write_table(pa.table([rows, *lists], names=PART_COLUMNS), partly, filesystem=files)
    files.move(partly, whole)
