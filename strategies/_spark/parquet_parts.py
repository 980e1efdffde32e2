"""A task's answers as one Parquet file of a folder, so that they need not go through the driver."""

import os

import numpy as np
from numpy.typing import NDArray


def write(first_row: int, indices: NDArray[np.int32], distances: NDArray[np.float32], *, folder: str) -> None:
    """Write ``part-FIRST_ROW.parquet``: row (int64), indices and distances (lists of k int32, float32).

    ``folder`` is a path or URI that all hosts see. The file gets its name when it is whole, so that of a task
    tried twice one remains.
    """
    import pyarrow as pa
    from pyarrow import fs, parquet

    columns = {
        "row": pa.array(np.arange(first_row, first_row + len(indices), dtype=np.int64)),
        "indices": pa.FixedSizeListArray.from_arrays(pa.array(indices.ravel()), indices.shape[1]),
        "distances": pa.FixedSizeListArray.from_arrays(pa.array(distances.ravel()), indices.shape[1]),
    }
    files, path = fs.FileSystem.from_uri(folder)
    files.create_dir(path, recursive=True)
    whole = f"{path}/part-{first_row:010d}.parquet"
    partly = f"{path}/.part-{first_row:010d}-{os.getpid()}"
    parquet.write_table(pa.table(columns), partly, filesystem=files)
    files.move(partly, whole)
