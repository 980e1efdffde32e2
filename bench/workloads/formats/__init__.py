"""Readers of files: each module has ``read(path, request) -> Stream`` and imports the library that it needs.

arrays.py       .npy, .npz                      numpy's own, read without mapping or unpickling
records.py      .fvecs .bvecs .fbin .u8bin .i8bin .bin
                                                vectors as the search benchmarks and word2vec ship them
hierarchy.py    .h5 .hdf5 .h5ad                 h5py
tensors.py      .safetensors                    safetensors, which `.[data]` installs
columns.py      .parquet .arrow .feather        pyarrow
arrow_kinds.py  what the columns of an Arrow table hold
lines.py        .csv .tsv .txt .vec             pyarrow; each also as .gz .bz2 .xz .zst
json_lines.py   .jsonl .ndjson                  json; likewise
dialect.py      how a text file writes its numbers
cleaning.py     text files unpacked and put in order line by line
choosing.py     which array of a file is the points
coordinates.py  which columns of a table are
"""

import re
from dataclasses import dataclass

from bench.workloads.reading import Reading


@dataclass(frozen=True, slots=True)
class Request:
    """What a user asks of a file, and how much to read at a time."""

    reading: Reading
    block_bytes: int
    """About how large a block may be; what the points are does not depend on it."""
    names: tuple[str, ...] = ()
    """The columns that were chosen in the first of several parts; none before."""

    def block_rows(self, row_bytes: int) -> int:
        """How many rows of a size make a block."""
        return max(1, self.block_bytes // max(1, row_bytes))


@dataclass(frozen=True, slots=True)
class Format:
    """What reads a format and which options it takes."""

    module: str
    columns: bool = False
    keys: bool = False


CROPPED = re.compile(r"\.crop_nb_\d+$")
"""What big-ann's names of a file's first rows end in, behind the ending that says the format."""

FORMATS = {
    ".npy": Format("arrays"),
    ".npz": Format("arrays", keys=True),
    ".parquet": Format("columns", columns=True),
    ".arrow": Format("columns", columns=True),
    ".feather": Format("columns", columns=True),
    **{
        text + packed: Format("lines", columns=True)
        for text in (".csv", ".tsv", ".txt", ".vec")
        for packed in ("", ".gz", ".bz2", ".xz", ".zst")
    },
    **{
        text + packed: Format("json_lines", columns=True)
        for text in (".jsonl", ".ndjson")
        for packed in ("", ".gz", ".bz2", ".xz", ".zst")
    },
    ".h5": Format("hierarchy", keys=True),
    ".hdf5": Format("hierarchy", keys=True),
    ".h5ad": Format("hierarchy", keys=True),
    ".safetensors": Format("tensors", keys=True),
    ".fvecs": Format("records"),
    ".bvecs": Format("records"),
    ".fbin": Format("records"),
    ".u8bin": Format("records"),
    ".i8bin": Format("records"),
    ".bin": Format("records"),
}
"""Every format by the ending of its files' names."""
