"""The process that holds the Spark session: ``python -m bench.workloads.spark.job`` answers line by line.

``list`` tells the files of a URI, ``describe`` their rows and columns, ``write`` has tasks write the shards
of some of them. A request and its answer are a line of JSON each; lines with ``rows`` before the answer of
``write`` say how far it is. What Spark and Java print goes to standard error.
"""

import importlib
import json
import os
import signal
import sys
import threading
from collections.abc import Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

import bench
from bench.workloads.formats.arrow_kinds import as_numpy, flattened, is_list, members, numpy_type
from bench.workloads.formats.columns import most_common_width, point_columns
from bench.workloads.formats.coordinates import check_ids
from bench.workloads.reading import Reading
from bench.workloads.spark import shards
from bench.workloads.spark.listing import files_at, footer_of, parts_of, path_of
from bench.workloads.stream import UnreadableError

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame, SparkSession

_WIDTH_ROWS = 1000
DRIVER_MEMORY = "2g"
FORMATS = {".parquet": "parquet", ".orc": "orc"}
"""What Spark reads with the types of its columns, by the ending of a part's name."""
_TELL_EVERY_SECONDS = 0.5


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
        return files_at(self._opened().sparkContext, uri)

    def _said(self, files: list[str]) -> list[tuple[str, str]]:
        """What the footer of the first Parquet file says, but for what pandas and Arrow say of types."""
        first = next((file for file in files if file.lower().endswith(".parquet")), None)
        found = {} if first is None else footer_of(self._opened().sparkContext, first)
        return [(name, text) for name, text in found.items() if name not in ("pandas", "ARROW:schema")]

    def _ids(self, files: list[str], column: str, folder: str) -> dict[str, Any]:
        """Have tasks write the ids of all rows; return rows by file, and the files with ids."""
        frame = self._read(files)
        paths = members(_arrow_schema(frame))
        check_ids(parts_of(files[0])[-1], column, list(paths))
        columns = [_column(paths[column]).alias(shards.ID), *_marks()]
        write = partial(shards.write_ids, folder=folder)
        written = frame.select(*columns).mapInArrow(write, shards.ID_SCHEMA).collect()
        return {"files": self._counted(frame, files), "written": [row.asDict() for row in written]}

    def _describe(self, name: str, files: list[str], reading: dict[str, Any]) -> dict[str, Any]:
        """Rows of each file, the columns that are the points and their dtype."""
        from pyspark.sql import functions as f  # noqa: PLC0415

        frame = self._read(files)
        nested = _arrow_schema(frame)
        schema, paths = flattened(nested), members(nested)
        first_rows = partial(_first_rows, frame, paths)
        names, note = point_columns(name, Reading(**reading), schema, first_rows)
        kinds = [schema.field(name).type for name in names]
        types = [numpy_type(k.value_type if is_list(k) else k) for k in kinds]
        width = -1
        if reading["drop_bad_rows"] and is_list(kinds[0]):
            sizes = frame.select(f.size(_column(paths[names[0]]))).limit(_WIDTH_ROWS).collect()
            width = most_common_width([row[0] for row in sizes if row[0] is not None and row[0] >= 0])
        return {
            "files": self._counted(frame, files),
            "names": names,
            "paths": [paths[name] for name in names],
            "dtype": str(np.result_type(*types)),
            "long": any(kind.kind in "iu" and kind.itemsize == 8 for kind in types),
            "note": note,
            "width": width,
            "lists": is_list(kinds[0]),
        }

    def _counted(self, frame: "DataFrame", files: list[str]) -> list[tuple[int, int]]:
        """The mark and the number of rows of each file."""
        from pyspark.sql import functions as f  # noqa: PLC0415

        place = f.col("_metadata.file_path")
        marked = frame.select(place.alias("file"), f.xxhash64(place).alias("id"))
        counted = marked.groupBy("file", "id").count().collect()
        rows = {path_of(unquote(row["file"])): (row["id"], row["count"]) for row in counted}
        return [rows.get(path_of(file), (0, 0)) for file in files]

    def _write(
        self, files: list[str], paths: list[list[str]], dtype: str, folder: str, rows: int, width: int
    ) -> list[Any]:
        """Have tasks write the shards of these files; return their records."""
        plain = [f"c{number}" for number in range(len(paths))]  # Spark takes a dot for a field of a struct
        columns = [_column(path).alias(new) for path, new in zip(paths, plain, strict=True)]
        frame = self._read(files).select(*columns, *_marks())
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
        return frame.withColumns({name: vector_to_array(_column([name])) for name in vectors})

    def _tell_progress(self, rows: int, done: threading.Event) -> None:
        tracker = self._opened().sparkContext.statusTracker()
        while not done.wait(_TELL_EVERY_SECONDS):
            stages = [tracker.getStageInfo(stage) for stage in tracker.getActiveStageIds()]
            for stage in stages:
                if stage is not None and stage.numTasks:
                    self._tell({"rows": rows * stage.numCompletedTasks // stage.numTasks})


def _take_configuration(context: Any) -> None:
    """Take what HADOOP_CONF_DIR says of storage: in local mode a session has nothing of the user's."""
    for path in Path(os.environ.get("HADOOP_CONF_DIR", os.devnull)).absolute().glob("*-site.xml"):
        context._jsc.hadoopConfiguration().addResource(context._jvm.org.apache.hadoop.fs.Path(path.as_uri()))  # noqa: SLF001 (PySpark has no name)


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


def _first_rows(frame: "DataFrame", paths: Any, names: list[str], rows: int) -> dict[str, NDArray[Any]]:
    columns = [_column(paths[name]).alias(f"c{number}") for number, name in enumerate(names)]
    table = frame.select(*columns).limit(rows).toArrow()
    return {name: as_numpy(column) for name, column in zip(names, table.columns, strict=True)}


def _column(path: Sequence[str]) -> "Column":
    """A column, or a member of a struct, by its names from the outside in."""
    from pyspark.sql import functions as f  # noqa: PLC0415

    return f.col(".".join("`" + name.replace("`", "``") + "`" for name in path))


def _marks() -> list["Column"]:
    """What says of a row from which split of which file it comes."""
    from pyspark.sql import functions as f  # noqa: PLC0415

    start = f.col("_metadata.file_block_start").alias(shards.START)
    return [f.xxhash64("_metadata.file_path").alias(shards.FILE), start]


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
