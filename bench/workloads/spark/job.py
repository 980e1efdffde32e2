"""The process that holds the Spark session: ``python -m bench.workloads.spark.job`` answers line by line.

``list`` tells the files of a URI, ``describe`` their rows and columns, ``write`` has tasks write the shards
of some of them. A request and its answer are a line of JSON each; lines with ``rows`` before the answer of
``write`` say how far it is. What Spark and Java print goes to standard error.
"""

import importlib
import json
import os
import re
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

import bench
from bench.workloads.formats.arrow_kinds import is_list, numpy_type
from bench.workloads.formats.columns import as_numpy, most_common_width, point_columns
from bench.workloads.parts import DELTA, natural_order
from bench.workloads.reading import Reading
from bench.workloads.spark import shards
from bench.workloads.stream import UnreadableError

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame, SparkSession

_WIDTH_ROWS = 1000
DRIVER_MEMORY = "2g"
FORMATS = {".parquet": "parquet", ".orc": "orc"}
"""What Spark reads with the types of its columns, by the ending of a part's name."""
_TELL_EVERY_SECONDS = 0.5
_IMPATIENT = {
    "ipc.client.connect.timeout": "5000",
    "ipc.client.rpc-timeout.ms": "6000",
    "ipc.client.connect.max.retries": "2",
    "ipc.client.connect.max.retries.on.timeouts": "0",
    "dfs.client.failover.max.attempts": "2",
    "dfs.client.failover.sleep.max.millis": "1000",
}
"""For the first look: Hadoop by itself calls a host that does not answer for a quarter of an hour."""


class Job:
    """One Spark session and the files it was asked about."""

    def __init__(self, master: str, tell: Any) -> None:
        # A name at run time, as strategies are: the session is theirs to open, and nothing else knows how.
        self._spark = importlib.import_module("strategies._spark.session")
        self._failures = importlib.import_module("strategies._spark.errors")
        self._master, self._tell = master, tell
        self._session: SparkSession | None = None
        self._closing = ExitStack()

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        """Do what a request names; a failure is an answer too."""
        try:
            return {"answer": getattr(self, f"_{request.pop('do')}")(**request)}
        except (UnreadableError, FileNotFoundError) as error:
            return {"refused": type(error).__name__, "reason": str(error)}
        except Exception as error:  # noqa: BLE001 (the harness says it in one line; whole in the log)
            sys.stderr.write(f"{error}\n")
            return {"failed": type(error).__name__, "reason": self._failures.cause_of(str(error))}

    def close(self) -> None:
        """Stop Spark and its JVM."""
        self._closing.close()

    def _opened(self) -> "SparkSession":
        if self._session is None:
            from pyspark.cloudpickle import register_pickle_by_value  # noqa: PLC0415 (heavy)
            from pyspark.sql import SparkSession  # noqa: PLC0415

            opened = self._spark.open_session(self._master, DRIVER_MEMORY, java_options=())
            self._closing.callback(opened.close)
            self._session = SparkSession(opened.context)
            _take_configuration(opened.context)
            register_pickle_by_value(bench)  # type: ignore[no-untyped-call]  # hosts need not have it
        return self._session

    def _list(self, uri: str) -> list[tuple[str, int, int]]:
        """Path, bytes and time of change of every file, by name, hidden ones left out."""
        context = self._opened().sparkContext
        hadoop = context._jvm.org.apache.hadoop  # type: ignore[union-attr]  # noqa: SLF001 (PySpark lists no files)
        settings = hadoop.conf.Configuration(context._jsc.hadoopConfiguration())  # noqa: SLF001
        for name, value in _IMPATIENT.items():
            if not context.getConf().contains(f"spark.hadoop.{name}"):  # the user knows better
                settings.set(name, value)
        path = hadoop.fs.Path(uri)
        files = hadoop.fs.FileSystem.newInstance(path.toUri(), settings)  # Spark itself reads patiently
        try:
            found = [file for top in files.globStatus(path) or () for file in _walk(files, top)]
        finally:
            files.close()
        if not found:
            raise FileNotFoundError(f"there is no file {uri}")
        return sorted(found, key=lambda file: natural_order(parts_of(file[0])))

    def _describe(self, name: str, files: list[str], reading: dict[str, Any]) -> dict[str, Any]:
        """Rows of each file, the columns that are the points and their dtype."""
        from pyspark.sql import functions as f  # noqa: PLC0415

        frame = self._read(files)
        schema = _arrow_schema(frame)
        names, note = point_columns(name, Reading(**reading), schema, partial(_first_rows, frame))
        kinds = [schema.field(name).type for name in names]
        dtype = np.result_type(*(numpy_type(k.value_type if is_list(k) else k) for k in kinds))
        width = -1
        if reading["drop_bad_rows"] and is_list(kinds[0]):
            sizes = frame.select(f.size(_column(names[0]))).limit(_WIDTH_ROWS).collect()
            width = most_common_width([row[0] for row in sizes if row[0] is not None and row[0] >= 0])
        place = f.col("_metadata.file_path")
        counted = (
            frame.select(place.alias("file"), f.xxhash64(place).alias("id")).groupBy("file", "id").count()
        )
        rows = {path_of(unquote(row["file"])): (row["id"], row["count"]) for row in counted.collect()}
        known = [rows.get(path_of(file), (0, 0)) for file in files]
        return {
            "files": known,
            "names": names,
            "dtype": str(dtype),
            "note": note,
            "width": width,
            "lists": is_list(kinds[0]),
        }

    def _write(
        self, files: list[str], names: list[str], dtype: str, folder: str, rows: int, width: int
    ) -> list[Any]:
        """Have tasks write the shards of these files; return their records."""
        from pyspark.sql import functions as f  # noqa: PLC0415

        marks = (
            f.xxhash64("_metadata.file_path").alias(shards.FILE),
            f.col("_metadata.file_block_start").alias(shards.START),
        )
        plain = [f"c{number}" for number in range(len(names))]  # Spark takes a dot for a field of a struct
        columns = [_column(name).alias(new) for name, new in zip(names, plain, strict=True)]
        frame = self._read(files).select(*columns, *marks)
        write = partial(shards.write, folder=folder, names=plain, dtype=dtype, width=width)
        done = threading.Event()
        teller = threading.Thread(target=self._tell_progress, args=(rows, done), daemon=True)
        teller.start()
        try:
            return [row.asDict() for row in frame.mapInArrow(write, shards.SCHEMA).collect()]
        finally:
            done.set()
            teller.join()

    def _read(self, files: list[str]) -> "DataFrame":
        """The rows of some files; a column of ML vectors becomes one of lists."""
        from pyspark.ml.functions import vector_to_array  # noqa: PLC0415

        kind = FORMATS.get(os.path.splitext(files[0])[1].lower(), "parquet")  # noqa: PTH122 (a URI is no path)
        reader = self._opened().read.option("__globPaths__", "false")  # a name may hold a bracket or a star
        frame = reader.format(kind).load(files)
        vectors = [field.name for field in frame.schema.fields if field.dataType.typeName() == "vectorudt"]
        return frame.withColumns({name: vector_to_array(_column(name)) for name in vectors})

    def _tell_progress(self, rows: int, done: threading.Event) -> None:
        tracker = self._opened().sparkContext.statusTracker()
        while not done.wait(_TELL_EVERY_SECONDS):
            stages = [tracker.getStageInfo(stage) for stage in tracker.getActiveStageIds()]
            for stage in stages:
                if stage is not None and stage.numTasks:
                    self._tell({"rows": rows * stage.numCompletedTasks // stage.numTasks})


def path_of(uri: str) -> str:
    """The path in a URI as Hadoop writes it: without scheme and host, nothing decoded."""
    return re.sub(r"^[A-Za-z][\w+.-]+:(//[^/]*)?", "", uri)


def parts_of(uri: str) -> list[str]:
    """What files are sorted by: the names of their folders, then their own."""
    return path_of(uri).split("/")


def _take_configuration(context: Any) -> None:
    """Take what HADOOP_CONF_DIR says of storage: in local mode a session has nothing of the user's."""
    for path in Path(os.environ.get("HADOOP_CONF_DIR", os.devnull)).absolute().glob("*-site.xml"):
        context._jsc.hadoopConfiguration().addResource(context._jvm.org.apache.hadoop.fs.Path(path.as_uri()))  # noqa: SLF001 (PySpark has no name)


def _walk(files: Any, status: Any) -> Iterator[tuple[str, int, int]]:
    if status.isFile():
        yield status.getPath().toString(), status.getLen(), status.getModificationTime()
        return
    for below in files.listStatus(status.getPath()):
        name = below.getPath().getName()
        if name == "_delta_log":
            raise UnreadableError(f"{status.getPath().getName()} {DELTA}")
        if not name.startswith((".", "_")) and (below.isFile() or "=" in name):
            yield from _walk(files, below)


def _arrow_schema(frame: "DataFrame") -> pa.Schema:
    """The columns as Arrow has them; a type that it lacks is no number anyway."""
    from pyspark.sql.pandas.types import to_arrow_type  # noqa: PLC0415

    fields = []
    for field in frame.schema.fields:
        try:
            kind = to_arrow_type(field.dataType)
        except Exception:  # noqa: BLE001 (PySpark's own, of no public name)
            kind = pa.null()
        fields.append(pa.field(field.name, kind))
    told = {b"org.apache.spark.sql.parquet.row.metadata": frame.schema.json().encode()}
    return pa.schema(fields, metadata=told)


def _first_rows(frame: "DataFrame", names: list[str], rows: int) -> dict[str, NDArray[Any]]:
    table = frame.select(*map(_column, names)).limit(rows).toArrow()
    return {name: as_numpy(column) for name, column in zip(names, table.columns, strict=True)}


def _column(name: str) -> "Column":
    from pyspark.sql import functions as f  # noqa: PLC0415

    return f.col("`" + name.replace("`", "``") + "`")


def main() -> None:
    """Answer requests until there are none; the first line names the master."""
    channel = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))

    def tell(message: dict[str, Any]) -> None:
        channel.write(json.dumps(message) + "\n")

    job = Job(json.loads(sys.stdin.readline())["master"], tell)
    try:
        for line in sys.stdin:
            tell(job.answer(json.loads(line)))
    finally:
        job.close()


if __name__ == "__main__":
    main()
