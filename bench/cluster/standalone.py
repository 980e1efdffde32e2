"""Start a standalone master and its workers from the pip package, find them again, stop them.

Everything listens on loopback, the REST port is closed, and clients without the secret are refused. The
secret, the logs and all other files are in one directory that only its owner can read; ``stop`` removes it.
"""

import importlib.util
import json
import os
import re
import secrets
import shutil
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from bench.cluster import processes
from bench.cluster.processes import Process
from bench.master import steers_spark
from bench.measure import java

HOST = "127.0.0.1"
_SECONDS_TO_START = 60.0
_POLL_SECONDS = 0.05
_STATE = "cluster.json"
_SCRATCH = "scratch"
_MASTER, _WORKER = "org.apache.spark.deploy.master.Master", "org.apache.spark.deploy.worker.Worker"
_MASTER_IS_UP = r"Starting Spark master at (spark://\S+)"
_WORKER_IS_UP = r"Successfully registered with master (spark://\S+)"
_TAKEN = r"BindException.*|Address already in use.*"
_PROPERTIES = """\
spark.authenticate true
spark.authenticate.secret {secret}
spark.master.rest.enabled false
spark.ui.killEnabled false
"""


@dataclass(frozen=True, slots=True)
class Cluster:
    """A running master and its workers."""

    directory: Path
    master: str
    """Its URL."""
    master_process: Process
    workers: tuple[Process, ...]
    cores: int
    """Of each worker."""
    memory: str
    """Of each worker's executors, as Spark writes it."""

    @property
    def properties(self) -> Path:
        """The file with the secret, for ``--properties-file``; only its owner can read it."""
        return self.directory / "spark.properties"


def directory(cache: Path) -> Path:
    """The directory of a cache's cluster."""
    return cache / "cluster"


def start(directory: Path, n_workers: int = 2, cores: int = 1, memory: str = "1g", port: int = 0) -> Cluster:
    """Start a master and its workers; return when all workers have registered.

    ``memory`` is the limit of all executors on a worker together, such as ``2g``. Port 0 is any free port.
    Raises ValueError if a value is not allowed, a cluster runs there already, or there is no Java, and
    RuntimeError, in one line, if a process does not start; nothing is left running then.
    """
    _check(n_workers, cores, memory, port)
    if running := find(directory):
        raise ValueError(f"a cluster runs already at {running.master}; `allknn-bench cluster stop` ends it")
    stop(directory)
    try:
        directory.mkdir(mode=0o700, parents=True)
    except FileExistsError:
        raise ValueError(
            f"{directory} holds files that no cluster of yours wrote: move it away or choose another --cache"
        ) from None
    _write_private(directory / "spark.properties", _PROPERTIES.format(secret=secrets.token_hex(32)))
    try:
        options = ["--host", HOST, "--port", str(port), "--webui-port", "0"]
        master = _launch(directory, "master", _MASTER, options)
        cluster = _record(Cluster(directory, "", master, (), cores, memory))
        cluster = _record(replace(cluster, master=_await_line(directory, "master", master, _MASTER_IS_UP)))
        for _ in range(n_workers):
            cluster = _with_worker(cluster)
        for number in range(n_workers):
            _await_worker(cluster, number)
    except BaseException:
        stop(directory)
        raise
    return cluster


def add_worker(cluster: Cluster) -> Cluster:
    """Start one more worker like the others; return the new cluster when the worker has registered."""
    cluster = _with_worker(cluster)
    _await_worker(cluster, len(cluster.workers) - 1)
    return cluster


def find(directory: Path) -> Cluster | None:
    """Return the cluster that runs there, or None."""
    cluster = _read(directory)
    return cluster if cluster and cluster.master_process.alive else None


def stop(directory: Path) -> Cluster | None:
    """End the cluster with all that its workers started, delete what it wrote and return it.

    Also clears up after a cluster that died. Returns None if there was none.
    """
    cluster = _read(directory)
    if cluster:
        processes.end((*cluster.workers, cluster.master_process))
        _remove(cluster)
    return cluster


def _remove(cluster: Cluster) -> None:
    """Delete the files by the names that ``start`` gave them, the record last; the directory, if empty."""
    names = ["master", *(f"worker-{number}" for number in range(len(cluster.workers) + 1))]
    logs = [f"{name}.log" for name in names]
    for name in (_SCRATCH, *names, *logs, cluster.properties.name, _STATE):
        path = cluster.directory / name
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    with suppress(OSError):  # somebody put other files there
        cluster.directory.rmdir()


def _check(n_workers: int, cores: int, memory: str, port: int) -> None:
    if n_workers < 1 or cores < 1:
        raise ValueError(f"workers and cores must be at least 1, got {n_workers} workers of {cores} cores")
    if not re.fullmatch(r"[1-9]\d*[mgt]", memory):
        raise ValueError(f"memory must be a number with m, g or t, such as '2g', got {memory!r}")
    if not 0 <= port < 1 << 16:
        raise ValueError(f"port must be 0 (any) to 65535, got {port}")


def _with_worker(cluster: Cluster) -> Cluster:
    name = f"worker-{len(cluster.workers)}"
    options = ["--host", HOST, "--webui-port", "0", "--cores", str(cluster.cores), "--memory", cluster.memory]
    work = ["--work-dir", str(cluster.directory / name)]
    worker = _launch(cluster.directory, name, _WORKER, [*options, *work], cluster.master)
    return _record(replace(cluster, workers=(*cluster.workers, worker)))


def _await_worker(cluster: Cluster, number: int) -> None:
    _await_line(cluster.directory, f"worker-{number}", cluster.workers[number], _WORKER_IS_UP)


def _launch(directory: Path, name: str, main: str, options: Sequence[str], *words: str) -> Process:
    runtime = java.find()
    if isinstance(runtime, str):
        raise ValueError(runtime)  # noqa: TRY004 (the user's mistake is a missing Java)
    spec = importlib.util.find_spec("pyspark")
    if spec is None or spec.origin is None:
        raise ValueError("PySpark is not installed")
    spark = Path(spec.origin).parent
    scratch = directory / _SCRATCH
    scratch.mkdir(exist_ok=True)
    own = {
        "SPARK_HOME": str(spark),
        "SPARK_CONF_DIR": str(directory),  # otherwise settings of another Spark would apply
        "SPARK_LOCAL_IP": HOST,
        "SPARK_LOCAL_DIRS": str(scratch),
        "SPARK_DAEMON_MEMORY": "512m",
        # Master and workers pass messages on: they leave the cores to the executors.
        "SPARK_DAEMON_JAVA_OPTS": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
        "TMPDIR": str(scratch),
        # For the executors too, which would otherwise leave a file in /tmp.
        "JDK_JAVA_OPTIONS": f"-XX:-UsePerfData -Djava.io.tmpdir={scratch}",
    }
    others = {name: value for name, value in os.environ.items() if not steers_spark(name)}
    properties = ["--properties-file", str(directory / "spark.properties")]
    command = [str(spark / "bin" / "spark-class"), main, *options, *properties, *words]
    return processes.launch(command, others | runtime.environment | own, directory / f"{name}.log")


def _await_line(directory: Path, name: str, process: Process, pattern: str) -> str:
    """Wait for a line in a log; return the first group of the pattern."""
    log = directory / f"{name}.log"
    deadline = time.monotonic() + _SECONDS_TO_START
    while not (match := re.search(pattern, log.read_text(errors="replace"))):
        if not process.alive or time.monotonic() > deadline:
            lines = log.read_text(errors="replace").strip().splitlines() or ["its log is empty"]
            taken = re.search(_TAKEN, "\n".join(lines))
            raise RuntimeError(f"Spark's {name} did not start: {taken.group() if taken else lines[-1]}")
        time.sleep(_POLL_SECONDS)
    return match.group(1)


def _record(cluster: Cluster) -> Cluster:
    """Write down what has been started, so that ``stop`` can clear up after a start that was killed."""
    state = asdict(cluster) | {"directory": str(cluster.directory)}
    _write_private(cluster.directory / _STATE, json.dumps(state, indent=1))
    return cluster


def _read(directory: Path) -> Cluster | None:
    """The cluster that this user started there, or None."""
    path = directory / _STATE
    try:
        if path.lstat().st_uid != os.geteuid():
            return None
        state = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, PermissionError):
        return None
    try:
        return Cluster(
            directory=directory,
            master=state["master"],
            master_process=Process(**state["master_process"]),
            workers=tuple(Process(**worker) for worker in state["workers"]),
            cores=state["cores"],
            memory=state["memory"],
        )
    except (KeyError, TypeError):
        raise ValueError(
            f"{path} is not the record of a cluster: move it away or choose another --cache"
        ) from None


def _write_private(path: Path, text: str) -> None:
    path.touch(mode=0o600)
    path.write_text(text, encoding="utf-8")
