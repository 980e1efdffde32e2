"""Readers of files: each module has ``read(path, request) -> Stream`` and imports the library that it needs.

Those of formats with ids have ``read_ids(path, column)``, which gives an Arrow array of all rows' ids.

arrays.py       .npy, .npz                      numpy's own, read without mapping or unpickling
records.py      .fvecs .bvecs .fbin .u8bin .i8bin .bin
                                                vectors as the search benchmarks and word2vec ship them
hierarchy.py    .h5 .hdf5 .h5ad                 h5py
stores.py       .zarr .zarr.zip                 zarr, which `.[data]` installs
tensors.py      .safetensors                    safetensors, which `.[data]` installs
columns.py      .parquet .arrow .feather        pyarrow
arrow_kinds.py  what the columns of an Arrow table hold
lines.py        .csv .tsv .txt .vec             pyarrow; each also as .gz .bz2 .xz .zst
json_lines.py   .jsonl .ndjson                  json; likewise
dialect.py      how a text file writes its numbers
cleaning.py     text files unpacked and put in order line by line
stand_ins.py    what lies in place of the data
choosing.py     which array of a file is the points
coordinates.py  which columns of a table are
"""

import re
from dataclasses import dataclass
from pathlib import Path

from bench.catalog import near_match
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
    ids: bool = False


WORDS = ("words", "word")
"""What ids are called that are words in front of a row's numbers."""
CROPPED = re.compile(r"\.crop_nb_\d+$")
"""What big-ann's names of a file's first rows end in, behind the ending that says the format."""

FORMATS = {
    ".npy": Format("arrays"),
    ".npz": Format("arrays", keys=True, ids=True),
    ".parquet": Format("columns", columns=True, ids=True),
    ".arrow": Format("columns", columns=True, ids=True),
    ".feather": Format("columns", columns=True, ids=True),
    **{
        text + packed: Format("lines", columns=True, ids=True)
        for text in (".csv", ".tsv", ".txt", ".vec")
        for packed in ("", ".gz", ".bz2", ".xz", ".zst")
    },
    **{
        text + packed: Format("json_lines", columns=True, ids=True)
        for text in (".jsonl", ".ndjson")
        for packed in ("", ".gz", ".bz2", ".xz", ".zst")
    },
    ".h5": Format("hierarchy", keys=True, ids=True),
    ".hdf5": Format("hierarchy", keys=True, ids=True),
    ".h5ad": Format("hierarchy", keys=True, ids=True),
    ".zarr": Format("stores", keys=True, ids=True),
    ".zarr.zip": Format("stores", keys=True, ids=True),
    ".safetensors": Format("tensors", keys=True),
    ".fvecs": Format("records"),
    ".bvecs": Format("records"),
    ".fbin": Format("records"),
    ".u8bin": Format("records"),
    ".i8bin": Format("records"),
    ".bin": Format("records", ids=True),
}
"""Every format by the ending of its files' names."""


def format_of(path: Path) -> Format:
    """The format that a file's name says; raises ValueError where it says none."""
    path = path.with_name(CROPPED.sub("", path.name))
    if path.is_dir():
        return FORMATS[".zarr"]
    suffixes = "".join(path.suffixes[-2:]).lower()
    for suffix in (suffixes, path.suffix.lower()):
        if suffix in FORMATS:
            return FORMATS[suffix]
    near = near_match(path.suffix.lower(), list(FORMATS))
    raise ValueError(
        f"{path.name} is of no known format{near}; there are {' '.join(FORMATS)}, or a folder of them"
    )
