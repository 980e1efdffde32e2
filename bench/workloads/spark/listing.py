"""The files of a URI as Hadoop sees them: listed, in order, and what Parquet's footers say."""

import re
from collections.abc import Iterator
from typing import Any

from bench.workloads.parts import DELTA, natural_order
from bench.workloads.stream import UnreadableError

_IMPATIENT = {
    "ipc.client.connect.timeout": "5000",
    "ipc.client.rpc-timeout.ms": "6000",
    "ipc.client.connect.max.retries": "2",
    "ipc.client.connect.max.retries.on.timeouts": "0",
    "dfs.client.failover.max.attempts": "2",
    "dfs.client.failover.sleep.max.millis": "1000",
}
"""For the first look: Hadoop by itself calls a host that does not answer for a quarter of an hour."""


def files_at(context: Any, uri: str) -> list[tuple[str, int, int]]:
    """Path, bytes and time of change of every file, by name, hidden ones left out."""
    hadoop = context._jvm.org.apache.hadoop  # noqa: SLF001 (PySpark lists no files)
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


def footer_of(context: Any, uri: str) -> dict[str, str]:
    """The entries that writers put into the footer of a Parquet file."""
    jvm = context._jvm  # noqa: SLF001 (as above)
    settings = context._jsc.hadoopConfiguration()  # noqa: SLF001
    parquet = jvm.org.apache.parquet.hadoop
    path = jvm.org.apache.hadoop.fs.Path(uri)
    reader = parquet.ParquetFileReader.open(parquet.util.HadoopInputFile.fromPath(path, settings))
    try:
        return dict(reader.getFooter().getFileMetaData().getKeyValueMetaData())
    finally:
        reader.close()


def path_of(uri: str) -> str:
    """The path in a URI as Hadoop writes it: without scheme and host, nothing decoded."""
    return re.sub(r"^[A-Za-z][\w+.-]+:(//[^/]*)?", "", uri)


def parts_of(uri: str) -> list[str]:
    """What files are sorted by: the names of their folders, then their own."""
    return path_of(uri).split("/")


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
