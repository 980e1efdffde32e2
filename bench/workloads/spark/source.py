"""Files that Spark reads, as a stream of rows: tasks write shards, which are read here in their order."""

import hashlib
import re
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import accumulate
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import numpy as np
from numpy.typing import NDArray

from bench.workloads.cache import PAIRS, POINTS, SHARDS
from bench.workloads.files import check_rows
from bench.workloads.ids import joined_ids
from bench.workloads.metric import Said, said_by, said_in
from bench.workloads.parts import stamps
from bench.workloads.reading import Reading
from bench.workloads.remote import ON_CLUSTERS, scheme_of
from bench.workloads.spark.process import Spark
from bench.workloads.stream import Progress, Stream, UnreadableError, cut, joined

_BLOCK_BYTES = 1 << 23
_FORMATS = (".parquet", ".orc")
_SCHEME = re.compile(r"[A-Za-z][\w+.-]+:/")


@dataclass(frozen=True, slots=True)
class SparkFiles:
    """Rows of a file, a folder of files or a pattern of them, at a URI that Spark's tasks can read."""

    uri: str
    reading: Reading
    start: int
    stop: int | None
    n: int | None
    """How many rows of those are taken; None: all."""
    home: Path
    """The directory of staged points; all hosts see it."""
    spark: Spark
    tell: Progress | None = None
    """Told the rows that are in shards, and the rows in all."""

    @property
    def name(self) -> str:
        """The last part of the URI."""
        return unquote(self.uri.rstrip("/").rpartition("/")[2])

    def key(self) -> dict[str, Any]:
        """All that decides what the points are: the files as they are now and the options."""
        return {
            "files": [list(file) for file in self._files()],
            "reading": 2,
            "rows": [self.start, self.stop, self.n],
            **self.reading.key_of_source(),
        }

    @property
    def is_here(self) -> bool:
        """Whether the files are on this machine, so that no session is needed to look into them."""
        local = local_path(self.uri)
        return local is not None and local.exists()

    def said_metric(self) -> Said | None:
        """The metric that the files say; of those that are not on this machine, a session is asked."""
        local = local_path(self.uri)
        if local is None or not self.is_here:
            entries = self.spark.ask("said", files=[file[0] for file in self._files()])
            return next((said for name, text in entries if (said := said_in(name, text)) is not None), None)
        found = (said_by(Path(stamp[0])) for stamp in stamps(local, _FORMATS))
        return next((said for said in found if said is not None), None)

    def ids(self) -> Any:
        """The ids of the rows asked for, as an Arrow array, from files that tasks write."""
        import pyarrow as pa  # noqa: PLC0415 (heavy, and few points have ids)

        files, folder = [file[0] for file in self._files()], self._shard_folder()
        column = self.reading.id or ""
        found = self.spark.ask("ids", files=files, column=column, folder=str(folder))
        pieces = []
        for ident, _ in found["files"]:
            own = sorted((r for r in found["written"] if r["file"] == ident), key=lambda r: r["start"])
            for record in own:
                path = folder / record["path"]
                with pa.OSFile(str(path)) as file, pa.ipc.open_stream(file) as reader:
                    pieces.append(reader.read_all().column("id"))
                path.unlink()
        stop = self.stop if self.n is None else min(self.start + self.n, self.stop or sys.maxsize)
        return joined_ids(pieces)[self.start : stop]

    def _shard_folder(self) -> Path:
        folder = self.home / POINTS / SHARDS
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def open(self) -> Stream:
        """Have the shards written that hold the rows asked for.

        Raises ValueError where the files, or what is asked of them, cannot be points, OSError where the
        directory does not take the shards.
        """
        before = self._files()
        uris = [file[0] for file in before]
        folder = self._shard_folder()
        found = self.spark.ask("describe", name=self.name, files=uris, reading=asdict(self.reading))
        rows = [rows for _, rows in found["files"]]
        stop = min(sum(rows), self.stop or sum(rows), self.start + (self.n or sum(rows)))
        check_rows(self.name, max(0, stop - self.start), sum(rows), self.start, self.n)
        ends = list(accumulate(rows))
        needed = [i for i, end in enumerate(ends) if end > self.start and end - rows[i] < stop]
        records = self._written([uris[i] for i in needed], found, sum(rows[i] for i in needed), folder)
        if self._files() != before:
            raise UnreadableError(f"{self.name} changed while it was read")
        streams = []
        for i in needed:
            ident, there = found["files"][i]
            shards = sorted((r for r in records if r["file"] == ident), key=lambda r: r["start"])
            name = uris[i].rpartition("/")[2]
            streams.append((name, _stream(name, there, shards, found, folder)))
        whole = joined(streams)
        if not whole.d:
            raise UnreadableError(f"{self.name} has no columns")
        skipped = ends[needed[0]] - rows[needed[0]]
        taken = cut(whole, self.start - skipped, stop - skipped)
        notes: tuple[str, ...] = (found["note"],)
        if len(uris) > 1:
            notes += (f"{len(uris)} parts in the order of their names, {uris[0].rpartition('/')[2]} first",)
        return Stream(taken.n, taken.d, found["dtype"], taken.blocks, notes)

    def _files(self) -> list[tuple[str, int, int]]:
        """URI, bytes and time of change of each file, in order."""
        local = local_path(self.uri)
        if local is not None and local.exists():
            return [(f"file:{path}", size, changed) for path, size, changed, _ in stamps(local, _FORMATS)]
        return [(path, size, changed) for path, size, changed in self.spark.ask("list", uri=self.uri)]

    def _written(
        self, uris: list[str], found: dict[str, Any], rows: int, folder: Path
    ) -> list[dict[str, Any]]:
        records: list[dict[str, Any]] = self.spark.ask(
            "write",
            tell=lambda done: self.tell(done, rows) if self.tell else None,
            files=uris,
            paths=found["paths"],
            dtype=_stored_as(found),
            folder=str(folder),
            rows=rows,
            width=found["width"],
        )
        for record in records:
            if record["error"]:
                raise OSError(max(record["error"], 0) or None, f"{record['reason']} on {record['host']}")
        return records


def local_path(data: str) -> Path | None:
    """The path on this machine that a name or a ``file:`` URI means; None for other URIs."""
    if not _SCHEME.match(data):
        return Path(data).expanduser().resolve()
    if not data.startswith("file:/"):
        return None
    path = Path(re.sub(r"^file:(//(localhost)?(?=/))?", "", data))
    return path if path.exists() else Path(unquote(str(path)))


def is_for_spark(data: str, *, on_cluster: bool) -> bool:
    """Whether Spark reads it: a URI that is not fetched, of a format it has; on a cluster, all else."""
    local = local_path(data)
    if local is None:
        scheme = scheme_of(data)
        return scheme is None or (on_cluster and scheme in ON_CLUSTERS)
    if not _SCHEME.match(data):
        return on_cluster and not local.exists()
    return local.is_dir() or local.suffix.lower() in (*_FORMATS, "")


def _stream(name: str, n: int, shards: list[dict[str, Any]], found: dict[str, Any], folder: Path) -> Stream:
    """The rows of one file, shard after shard."""
    d = next((shard["width"] for shard in shards if shard["width"] >= 0), 0)
    written = sum(shard["rows"] for shard in shards)
    if written != n and all(shard["odd_row"] < 0 for shard in shards):
        raise UnreadableError(f"{name} has {n} rows, and Spark's tasks found {written}: is it being written?")
    return Stream(
        n, d, found["dtype"], _blocks(name, d, _stored_as(found), shards, found["names"][0], folder)
    )


def _stored_as(found: dict[str, Any]) -> str:
    """The type of the shards: one that holds all values, which are then narrowed as any file's are."""
    if np.can_cast(found["dtype"], np.float32):
        return "float32"
    return PAIRS if found["long"] else "float64"


def _blocks(
    name: str, d: int, dtype: str, shards: list[dict[str, Any]], column: str, folder: Path
) -> Iterator[NDArray[Any]]:
    row = 0
    for shard in shards:
        if shard["width"] >= 0 and shard["width"] != d:
            shard = shard | {"odd_row": 0, "odd_width": shard["width"]}  # noqa: PLW2901 (as if it were found there)
        elif not shard["path"]:
            yield np.full((shard["rows"], d), np.nan)
        else:
            yield from _read(folder / shard["path"], shard, d, dtype)
        if shard["odd_row"] >= 0:
            raise UnreadableError(
                f"row {row + shard['odd_row']} of column {column!r} of {name} has "
                f"{shard['odd_width']} values, those before it {d}"
            )
        row += shard["rows"]


def _read(path: Path, shard: dict[str, Any], d: int, stored: str) -> Iterator[NDArray[Any]]:
    """The rows of one shard, which must be what the task wrote."""
    if not path.exists():
        raise UnreadableError(
            f"the shard that a task wrote on {shard['host']} is not in {path.parent.parent}: "
            "does every host see it?"
        )
    digest = hashlib.blake2b(digest_size=16)
    pairs = stored == PAIRS
    dtype, values = np.dtype("float64" if pairs else stored), 2 * d if pairs else d
    rows = max(1, _BLOCK_BYTES // (values * dtype.itemsize))
    with path.open("rb") as file:
        while content := file.read(rows * values * dtype.itemsize):
            digest.update(content)
            whole = len(content) // (values * dtype.itemsize)
            block = np.frombuffer(content, dtype, whole * values).reshape(-1, values)
            yield block[:, :d].astype(np.longdouble) + block[:, d:] if pairs else block
    if digest.hexdigest() != shard["digest"]:
        raise UnreadableError(f"a shard of {path.parent.parent} is not what a task wrote on {shard['host']}")
    path.unlink()
