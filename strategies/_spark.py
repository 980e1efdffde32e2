"""A Spark session for one run: quiet, on loopback when local, gone without a trace when closed."""

import importlib
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from strategies import _failures

if TYPE_CHECKING:
    from pyspark import Broadcast, SparkContext

    from bench.strategy import Points

MASTERS = r"local(\[(\*|\d+)(, *\d+)?\])?|local-cluster\[.+\]|(spark|k8s)://.+|yarn"
"""The forms of a master's URL."""

SECONDS_TO_END = 20
"""How long the JVM may take to end by itself."""

LOG4J = """\
rootLogger.level = error
logger.shell.name = org.apache.spark.api.python.PythonGatewayServer
logger.shell.level = error
rootLogger.appenderRef.stderr.ref = stderr
appender.stderr.type = Console
appender.stderr.name = stderr
appender.stderr.target = SYSTEM_ERR
appender.stderr.layout.type = PatternLayout
appender.stderr.layout.pattern = %d{HH:mm:ss} %p %c{1}: %m%n%throwable{10}
"""


def check(master: str, n_partitions: int, driver_memory: str) -> None:
    """Raise ValueError where a parameter is out of range."""
    if not re.fullmatch(MASTERS, master):
        raise ValueError(
            f"master is {master!r}, allowed are local[2], local[2,4], spark://HOST:PORT, yarn, k8s://URL"
        )
    if n_partitions < 0:
        raise ValueError(f"n_partitions is {n_partitions}, allowed is 1 or more, or 0 for automatic")
    if not re.fullmatch(r"[1-9]\d*[kmgt]", driver_memory):
        raise ValueError(
            f"driver_memory is {driver_memory!r}, allowed is a number with k, m, g or t, as '2g'"
        )


def open_context(master: str, driver_memory: str, imports: str) -> "SparkContext":
    """Start a JVM, a Spark context in it, and Python workers that have imported a module.

    Raises RuntimeError, in one line that says why, where any of them cannot be.

    In local mode everything listens on loopback only and the workers run this very Python. On a cluster the
    workers' Python is PYSPARK_PYTHON's. Secrets belong into the file that PYSPARK_SUBMIT_ARGS names with
    ``--properties-file``: what is set here can be read in the process list.
    """
    from pyspark import SparkConf, SparkContext

    scratch = Path(tempfile.mkdtemp(prefix="spark-"))
    conf = SparkConf().setMaster(master).setAppName("allknn-bench")
    for name, value in _settings(scratch, driver_memory).items():
        conf.set(name, value)
    if master.startswith("local"):
        os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"
        os.environ["PYSPARK_PYTHON"] = sys.executable
        conf.set("spark.driver.host", "127.0.0.1").set("spark.driver.bindAddress", "127.0.0.1")
    else:
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    ship_by_value()
    try:
        with _failures.in_one_line():
            context = SparkContext(conf=conf)
            cores = context.defaultParallelism
            context.parallelize(range(cores), cores).foreach(partial(_import, imports))
    except BaseException:
        _end_gateway()
        shutil.rmtree(scratch, ignore_errors=True)
        raise
    return context


def file_of(points: "Points") -> str:
    """Path of the staged file that the points are a map of; raises TypeError where they are none."""
    if not isinstance(points, np.memmap) or points.filename is None:
        raise TypeError(f"points are {type(points).__name__}, Spark's workers need a map of a .npy file")
    return str(Path(points.filename).resolve())


def ship_by_value() -> None:
    """Let this package's functions travel with a task, so that executors need not have it installed."""
    from pyspark.cloudpickle import register_pickle_by_value

    import strategies

    for name, module in list(sys.modules.items()):
        if name.startswith("_allknn_strategy_"):  # a user's own file
            register_pickle_by_value(module)  # type: ignore[no-untyped-call]  # cloudpickle has no types
    register_pickle_by_value(strategies)  # type: ignore[no-untyped-call]  # cloudpickle has no types


def _import(module: str, _task: int) -> None:
    importlib.import_module(module)


def _settings(scratch: Path, driver_memory: str) -> dict[str, str]:
    """Spark's settings: nothing printed, nothing compressed, nothing written outside ``scratch``."""
    log4j = scratch / "log4j2.properties"
    log4j.write_text(LOG4J)
    java_options = (
        f"-Dlog4j2.configurationFile={log4j.as_uri()}",
        f"-Djava.io.tmpdir={scratch}",
        "-XX:-UsePerfData",  # a file in /tmp, whatever java.io.tmpdir says
    )
    return {
        "spark.driver.memory": driver_memory,
        "spark.driver.extraJavaOptions": shlex.join(java_options),
        "spark.local.dir": str(scratch),
        "spark.sql.warehouse.dir": str(scratch / "warehouse"),
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.driver.maxResultSize": "0",  # what is in flight is bounded by waves
        "spark.broadcast.compress": "false",
        "spark.rdd.compress": "false",
        "spark.python.worker.faulthandler.enabled": "true",
        # A task has one core, so a library in it one thread.
        "spark.executorEnv.OMP_NUM_THREADS": "1",
        "spark.executorEnv.OPENBLAS_NUM_THREADS": "1",
        "spark.executorEnv.MKL_NUM_THREADS": "1",
    }


def configuration(context: "SparkContext") -> str:
    """The settings in use, without paths, names of the session, and whatever could be a secret."""
    left_out = re.compile(
        r"secret|password|token|credential|extraJavaOptions|\.dir$|app\.(id|startTime|submitTime|name)|port$"
        r"|serializer\.objectStreamReset|submit\.|ui\.",
        re.IGNORECASE,
    )
    settings = sorted(context.getConf().getAll())
    return "; ".join(f"{name}={value}" for name, value in settings if not left_out.search(name))


def broadcast_bytes(broadcast: "Broadcast[Any]") -> int:
    """Size of a broadcast as pickled."""
    return Path(broadcast._path or "").stat().st_size  # noqa: SLF001 (PySpark tells it nowhere else)


def scratch_of(context: "SparkContext") -> Path:
    """The session's own directory, removed when it is closed."""
    return Path(context.getConf().get("spark.local.dir") or "")


def close_context() -> None:
    """Stop the context, where there is one, then its JVM, and return when that process is gone."""
    from pyspark import SparkContext

    context = SparkContext._active_spark_context  # noqa: SLF001 (getOrCreate would start another)
    if context is None:
        return
    scratch = scratch_of(context)
    try:
        context.stop()
    finally:
        _end_gateway()
    shutil.rmtree(scratch, ignore_errors=True)


def _end_gateway() -> None:
    """End the JVM that PySpark started, which otherwise lives as long as this process."""
    from pyspark import SparkContext

    gateway, SparkContext._gateway, SparkContext._jvm = SparkContext._gateway, None, None  # noqa: SLF001
    if gateway is None or gateway.proc is None:
        return
    gateway.shutdown()
    gateway.proc.stdin.close()  # the JVM ends itself when this pipe does
    with suppress(subprocess.TimeoutExpired):
        gateway.proc.wait(SECONDS_TO_END)
    if gateway.proc.poll() is None:
        gateway.proc.kill()
        gateway.proc.wait()
