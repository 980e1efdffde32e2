"""Look at every host of a Spark cluster before anything is shipped, and refuse what does not fit there."""

import importlib
import os
import re
import resource
import socket
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from functools import partial
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict

from bench.master import is_local
from strategies._spark import errors, executors

if TYPE_CHECKING:
    from pyspark import SparkContext

LIBRARIES_BYTES = 1 << 30
"""Address space that numpy, scikit-learn and their thread pools reserve."""


class Report(TypedDict):
    """What a task finds where it runs; plain, for it travels both ways."""

    host: str
    executor: int
    """The process of all its Python workers there."""
    python: str
    """Major and minor version."""
    versions: dict[str, str | None]
    """Of the distributions asked for; None where one is missing."""
    disk: str
    """The fullest of the directories that shipped files go through."""
    free_disk_bytes: int
    available_bytes: int
    """Memory that can still be had, control groups included."""
    address_space_bytes: int | None
    """What ``spark.executor.pyspark.memory`` leaves a Python worker; None where that is not set."""


def check(
    context: "SparkContext",
    requires: tuple[str, ...],
    index_bytes: int = 0,
    disk_bytes: int = 0,
    *,
    copy_per_worker: bool = False,
) -> None:
    """Raise RuntimeError, in one line with figures and a suggestion, where a host does not fit.

    ``requires`` are distributions as pip knows them. ``index_bytes`` are what a Python worker maps or holds:
    once a host, or once a worker with ``copy_per_worker``. ``disk_bytes`` are what each executor writes.
    Only executors that are there are asked.
    """
    reports = _asked(context, partial(look, requires=requires))
    here = look(0, requires=requires)
    for host, its in _by_host(reports):
        copies = len(its) if copy_per_worker else 1
        on_disk = disk_bytes * len({report["executor"] for report in its})
        for report in its:
            refused = refusal(report, here, index_bytes, on_disk, host_bytes=copies * index_bytes)
            if refused:
                raise RuntimeError(f"host {host}: {refused}")


def check_access(context: "SparkContext", path: str, *, write: bool = False) -> None:
    """Raise RuntimeError, in one line, where a cluster's host cannot read a file or write into a folder."""
    if not is_local(str(context.master)):
        for why in filter(None, _asked(context, partial(why_no_access, path=path, write=write))):
            raise RuntimeError(why)


def why_no_access(_task: int, *, path: str, write: bool) -> str | None:
    """In one line, why a task cannot read the file there, or write into the directory; None where it can."""
    try:
        if write:
            with tempfile.TemporaryFile(dir=path):
                return None
        with Path(path).open("rb"):
            return None
    except OSError as error:
        closed = [str(above) for above in reversed(Path(path).parents) if not os.access(above, os.X_OK)]
        where = f" (at {closed[0]})" if closed else ""
        what = "written into" if write else "read"
        return (
            f"host {socket.gethostname()}: {path} cannot be {what} by user {os.geteuid()}: "
            f"{error.strerror}{where}; let the user of the executors in, or name another directory"
        )


def _asked(context: "SparkContext", question: Callable[[int], Any]) -> list[Any]:
    """What a task on each core answers."""
    tasks = executors.total_cores(context)
    try:
        with errors.in_one_line():
            return context.parallelize(range(tasks), tasks).map(question).collect()
    except RuntimeError as error:
        if words := about_python(f"{error} {error.__cause__}"):
            raise RuntimeError(words) from error
        raise


def about_python(text: str) -> str | None:
    """One line where hosts cannot run the driver's Python, None for any other failure."""
    if found := re.search(r"PYTHON_VERSION_MISMATCH.*?version: (\S+) .*?driver: ([\d.]+)", text):
        return f"a host differs: {_another_python(*found.groups())}"
    if found := re.search(r"Cannot run program \"([^\"]+)\"", text):
        host = re.search(r"\(TID \d+\) \((\S+) executor", text)
        where = f"host {host[1]}" if host else "a host"
        return f"{where} cannot run {found[1]}: set PYSPARK_PYTHON to a Python that every host has there"
    return None


def refusal(
    report: Report, here: Report, index_bytes: int, disk_bytes: int, *, host_bytes: int | None = None
) -> str | None:
    """Judge what a host reports against what the driver has ``here``; None where all fits.

    ``host_bytes`` is the memory that all copies of the index take there, else that of one.
    """
    host_bytes = index_bytes if host_bytes is None else host_bytes
    if report["python"] != here["python"]:
        return _another_python(report["python"], here["python"])
    for name, wanted in here["versions"].items():
        found = report["versions"].get(name)
        if found is None:
            return f"{name} is missing there: install {name}=={wanted} for the Python of PYSPARK_PYTHON"
        if found != wanted:
            return f"{name} {found} there, {wanted} here: install the same version on every host"
    if report["free_disk_bytes"] < disk_bytes:
        return (
            f"{_gib(report['free_disk_bytes'])} free in {report['disk']}, {_gib(disk_bytes)} needed: "
            "point spark.local.dir (SPARK_LOCAL_DIRS of a standalone worker) to a larger disk"
        )
    left = report["address_space_bytes"]
    if left is not None and left < index_bytes:
        return (
            f"spark.executor.pyspark.memory leaves a Python worker {_gib(left)}, the index needs "
            f"{_gib(index_bytes)}, mapped or not: make it {(index_bytes + LIBRARIES_BYTES) >> 20}m for each "
            "core of an executor, or leave it unset"
        )
    if report["available_bytes"] < host_bytes:
        return (
            f"{_gib(report['available_bytes'])} of memory available, the index needs {_gib(host_bytes)}: "
            "take hosts with more memory, fewer executors a host, or a smaller index"
        )
    return None


def look(_task: int, *, requires: tuple[str, ...]) -> Report:
    """Say what there is on this host; runs in a task, and on the driver for comparison."""
    directories = [*os.environ.get("SPARK_LOCAL_DIRS", tempfile.gettempdir()).split(","), str(Path.cwd())]
    free = {directory: _free_bytes(directory) for directory in directories}
    disk = min(free, key=free.__getitem__)
    return Report(
        host=socket.gethostname(),
        executor=os.getppid(),
        python=f"{sys.version_info[0]}.{sys.version_info[1]}",
        versions={name: _version(name) for name in requires if name != "java"},
        disk=disk,
        free_disk_bytes=free[disk],
        available_bytes=_available_bytes(),
        address_space_bytes=_address_space_bytes(),
    )


def _version(distribution: str) -> str | None:
    if distribution == "pyspark":  # a Spark's own, which no package tells of
        return str(importlib.import_module("pyspark").__version__)
    with suppress(metadata.PackageNotFoundError):
        return metadata.version(distribution)
    return None


def _free_bytes(directory: str) -> int:
    disk = os.statvfs(directory)
    return disk.f_bavail * disk.f_frsize


def _available_bytes() -> int:
    """What the kernel says is available, or less where a control group (version 2, then 1) allows less."""
    lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    found = [1024 * int(line.split()[1]) for line in lines if line.startswith("MemAvailable:")]
    for limit, used in (
        ("memory.max", "memory.current"),
        ("memory/memory.limit_in_bytes", "memory/memory.usage_in_bytes"),
    ):
        with suppress(OSError, ValueError):  # no such group, or no limit ("max")
            group = Path("/sys/fs/cgroup")
            found.append(int((group / limit).read_text()) - int((group / used).read_text()))
    return min(found)


def _address_space_bytes() -> int | None:
    limit = resource.getrlimit(resource.RLIMIT_AS)[0]
    if limit == resource.RLIM_INFINITY:
        return None
    taken = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    return limit - taken * resource.getpagesize()


def _by_host(reports: Iterable[Report]) -> Iterator[tuple[str, list[Report]]]:
    hosts: dict[str, list[Report]] = {}
    for report in reports:
        hosts.setdefault(report["host"], []).append(report)
    yield from hosts.items()


def _another_python(there: str, here: str) -> str:
    return f"Python {there} there, {here} here: set PYSPARK_PYTHON to a Python {here} that every host has"


def _gib(n_bytes: int) -> str:
    return f"{n_bytes / 2**30:.1f} GiB" if n_bytes >= 2**29 else f"{n_bytes / 2**20:.0f} MiB"
