"""Readers of files: each module has ``read(path, request) -> Stream`` and imports the library that it needs.

choosing.py   which array or columns of a file are the points
arrays.py     .npy, .npz                      numpy's own, read without mapping or unpickling
records.py    .fvecs .bvecs .fbin .u8bin      vectors as the search benchmarks ship them
hierarchy.py  .h5 .hdf5                       h5py
columns.py    .parquet .arrow .feather        pyarrow
lines.py      .csv .csv.gz                    pyarrow
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Request:
    """What a user asks of a file, and how much to read at a time."""

    column: str | None
    """Columns, separated by commas."""
    key: str | None
    """An array within the file."""
    block_bytes: int
    """About how large a block may be; what the points are does not depend on it."""

    def block_rows(self, row_bytes: int) -> int:
        """How many rows of a size make a block."""
        return max(1, self.block_bytes // max(1, row_bytes))


@dataclass(frozen=True, slots=True)
class Format:
    """What reads a format and which options it takes."""

    module: str
    columns: bool = False
    keys: bool = False


FORMATS = {
    ".npy": Format("arrays"),
    ".npz": Format("arrays", keys=True),
    ".parquet": Format("columns", columns=True),
    ".arrow": Format("columns", columns=True),
    ".feather": Format("columns", columns=True),
    ".csv": Format("lines", columns=True),
    ".csv.gz": Format("lines", columns=True),
    ".h5": Format("hierarchy", keys=True),
    ".hdf5": Format("hierarchy", keys=True),
    ".fvecs": Format("records"),
    ".bvecs": Format("records"),
    ".fbin": Format("records"),
    ".u8bin": Format("records"),
}
"""Every format by the ending of its files' names."""
