"""What lies in place of the data: a pointer, a web page, a message, or a file that has another name."""

import re
from pathlib import Path

from bench.workloads.formats import format_of
from bench.workloads.stream import UnreadableError

_LOOK_BYTES = 512
_PAGE = re.compile(rb"<(!doctype|html|head|body|meta|script|title|\?xml|!--|error\b)", re.IGNORECASE)
_PACKED = {
    b"\x1f\x8b": ("gzip", ".gz"),
    b"BZh": ("bzip2", ".bz2"),
    b"\xfd7zXZ\x00": ("xz", ".xz"),
    b"\x28\xb5\x2f\xfd": ("zstd", ".zst"),
}
_ARCHIVES = {b"PK\x03\x04": "a zip archive", b"7z\xbc\xaf\x27\x1c": "a 7z archive", b"Rar!": "a rar archive"}
_FORMATS = {
    b"\x93NUMPY": ("a numpy array", (".npy",)),
    b"PAR1": ("a Parquet file", (".parquet",)),
    b"ARROW1": ("an Arrow file", (".arrow", ".feather")),
    b"\x89HDF\r\n\x1a\n": ("an HDF5 file", (".h5", ".hdf5", ".h5ad")),
    b"%PDF": ("a PDF", ()),
    b"ORC": ("an ORC file, which Spark reads", (".orc",)),
    b"SQLite format 3": ("an SQLite database", ()),
}
_TEXT = ("lines", "json_lines")
"""Modules that read text; in all other formats text alone is a message."""


def check_content(path: Path) -> None:
    """Raise UnreadableError where a file's first bytes are plainly not what its name says."""
    with path.open("rb") as file:
        begins = file.read(_LOOK_BYTES)
    text = begins.removeprefix(b"\xef\xbb\xbf").lstrip()
    if text.startswith(b"version https://git-lfs"):
        raise UnreadableError(f"{path.name} is a Git LFS pointer: `git lfs pull` brings the data")
    if _PAGE.match(text):
        raise UnreadableError(f"{path.name} is a web page, not data: was the download refused?")
    if _is_text(path) and begins.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise UnreadableError(f"{path.name} is text in UTF-16: save it in UTF-8")
    _check_name(path, begins)
    if not _is_text(path) and path.suffix.lower() != ".bin" and len(begins) > 8 and _is_message(begins):
        says = " ".join(begins[:60].decode("ascii", "replace").split())
        raise UnreadableError(f"{path.name} holds text, not data, and begins with {says!r}")


def _check_name(path: Path, begins: bytes) -> None:
    """Raise where the first bytes are those of another format or packing than the name says."""
    ending = path.suffix.lower()
    for magic, (name, packed) in _PACKED.items():
        if begins.startswith(magic) and ending != packed:
            how = f"rename it {path.name}{packed}" if _is_text(path) else f"unpack it first ({name})"
            raise UnreadableError(f"{path.name} is compressed by {name}, which its name does not say: {how}")
    for magic, what in _ARCHIVES.items():
        if begins.startswith(magic) and ending not in (".npz", ".zip"):
            raise UnreadableError(f"{path.name} is {what}: unpack it first")
    for magic, (what, endings) in _FORMATS.items():
        if begins.startswith(magic) and ending not in endings and not (magic == b"ORC" and _is_text(path)):
            rename = f": rename it {path.stem}{endings[0]}" if endings else ""
            raise UnreadableError(f"{path.name} is {what}, which its name does not say{rename}")
    if begins[257:262] == b"ustar":
        raise UnreadableError(f"{path.name} is a tar archive: unpack it first")


def _is_text(path: Path) -> bool:
    return format_of(path).module in _TEXT


def _is_message(begins: bytes) -> bool:
    """Whether all bytes are those of a line of text."""
    return all(32 <= byte < 127 or byte in b"\t\r\n" for byte in begins)
