"""A Spark session for one run: quiet, on loopback when local, gone without a trace when closed."""

import importlib
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bench.master import local_cores, steers_spark
from strategies._spark import admission, errors, executors, presence, settings, unknown_user
from strategies._spark.gateway import Gateway, refuse_another

if TYPE_CHECKING:
    from pyspark import SparkContext

    from bench.strategy import Points

MASTERS = r"local(\[(\*|\d+)(, *\d+)?\])?|local-cluster\[.+\]|(spark|k8s)://.+|yarn"
"""The forms of a master's URL."""

TRIES = 4
"""How often a task is tried in local mode: the number that a cluster has by default."""

LONGEST_SOCKET_DIRECTORY = 60
"""Characters: a socket's whole path has 107 at most (unix(7)), its name some 40."""

PASSES_BYTES_ON = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")
"""Options of a driver's JVM that does no more than that: it is there sooner, and does not take the cores from
the Python workers beside it to compile itself further and to collect garbage in several threads."""

_OF_THE_USER = {"HADOOP_USER_NAME", "SPARK_USER"}
"""Who he is: where the system does not know him, Hadoop has it from here."""


def check(master: str, n_partitions: int, driver_memory: str) -> None:
    """Raise ValueError where a parameter is out of range."""
    if master.startswith("sc://"):
        raise ValueError(
            f"master is {master!r}, a Spark Connect URL: an index takes the classic interface, "
            "give its spark://HOST:PORT, yarn, k8s://URL or local[2]"
        )
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


@dataclass(frozen=True, slots=True)
class OwnSession:
    """A Spark session that this process opened, and all that there is to end and to remove of it."""

    context: "SparkContext"
    scratch: Path
    """A directory of its own, for whatever shall go with it."""
    closing: ExitStack

    def close(self) -> None:
        """Stop the context and its JVM, remove the directory; a second time there is nothing to do."""
        self.closing.close()


def open_session(
    master: str,
    driver_memory: str,
    *,
    task_cores: int = 1,
    one_worker: bool = False,
    java_options: tuple[str, ...] = PASSES_BYTES_ON,
    import_from: Path | None = None,
) -> OwnSession:
    """Start a JVM and a Spark context in it; raises RuntimeError, in one line, where they cannot be.

    That is so where this process has an active session already, which then stays as it is. In local mode
    everything listens on loopback only, the workers run this very Python, and a task that fails is tried
    again, as it is on a cluster. On a cluster the workers' Python is PYSPARK_PYTHON's. Secrets belong into
    the file that PYSPARK_SUBMIT_ARGS names with ``--properties-file``: what is set here can be read in the
    process list. With ``one_worker`` an executor keeps a single idle Python worker, so that tasks one after
    the other share what it has loaded. ``java_options`` are for the driver's JVM: none where it computes
    itself. Local workers find modules in ``import_from``, too, and have our library from the start.
    """
    from pyspark import SparkContext

    refuse_another()
    ship_by_value()
    with ExitStack() as undo:
        scratch = Path(tempfile.mkdtemp(prefix="spark-")).absolute()
        undo.callback(shutil.rmtree, scratch, ignore_errors=True)
        cores = local_cores(master)
        # A JVM that looks at the machine itself would take threads for all of its cores.
        processors = (f"-XX:ActiveProcessorCount={cores}",) if cores else ()
        for_jvm = settings.for_jvm(scratch, driver_memory, (*processors, *java_options))
        for_jvm |= settings.for_tasks(task_cores) | {
            "spark.master": f"local[{cores},{TRIES}]" if cores else master
        }
        if cores:
            for_jvm |= {"spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1"}
            if len(str(scratch)) <= LONGEST_SOCKET_DIRECTORY:  # half of what a task costs beyond its work
                for_jvm["spark.python.unix.domain.socket.enabled"] = "true"
                for_jvm["spark.python.unix.domain.socket.dir"] = str(scratch)
            if import_from is not None:
                for_jvm["spark.python.daemon.module"] = "strategies._spark.daemon"
        if one_worker:
            for_jvm["spark.python.factory.idleWorkerMaxPoolSize"] = "1"
        with errors.in_one_line(), _variables(scratch if cores else None, import_from=import_from):
            gateway = Gateway(for_jvm)
            undo.callback(gateway.end)
            if cores:
                unknown_user.log_in()
            theirs = gateway.settings_of_user()
            gateway.conf.setAll(list(settings.unless_set(scratch, theirs, local=bool(cores)).items()))
            wait_seconds = admission.wait_seconds(master, theirs)
            log = scratch / settings.CLIENT_LOG
            with admission.in_time(master, log, gateway.process, wait_seconds):
                context = SparkContext(conf=gateway.conf)
        undo.callback(context.stop)
        if not cores:
            admission.await_executors(context, log, wait_seconds)
            undo.enter_context(presence.watched(context, wait_seconds))
        return OwnSession(context, scratch, undo.pop_all())


@contextmanager
def _variables(local_scratch: Path | None, *, import_from: Path | None) -> Iterator[None]:
    """Set what a JVM and its Python workers take from the environment, as long as the block lasts.

    In local mode, which is where there is a ``local_scratch``, that is nothing of the user's: an empty
    directory is the configuration, and PySpark's own Spark the one that is started.
    """
    before = dict(os.environ)
    if local_scratch is not None:
        for name in filter(steers_spark, before.keys() - _OF_THE_USER):
            del os.environ[name]
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    if local_scratch is not None:
        (local_scratch / "conf").mkdir()
        os.environ |= {
            "SPARK_LOCAL_IP": "127.0.0.1",
            "SPARK_CONF_DIR": str(local_scratch / "conf"),
            "PYSPARK_PYTHON": sys.executable,
        }
        if import_from is not None:
            paths = [str(import_from), *filter(None, [before.get("PYTHONPATH")])]
            os.environ["PYTHONPATH"] = os.pathsep.join(paths)
    try:
        yield
    finally:
        for name in ("PYSPARK_PYTHON", "SPARK_CONF_DIR", "SPARK_LOCAL_IP", "PYTHONPATH"):
            os.environ.pop(name, None)
        os.environ.update(before)


def import_everywhere(context: "SparkContext", module: str) -> None:
    """Have a Python worker for each core import a module, before the clock of a query runs."""
    cores = executors.total_cores(context)
    with errors.in_one_line():
        context.parallelize(range(cores), cores).foreach(partial(_import, module))


def file_of(points: "Points") -> str:
    """Path of the staged file that the points are a map of; raises TypeError where they are none."""
    if not isinstance(points, np.memmap) or points.filename is None:
        raise TypeError(f"points are {type(points).__name__}, Spark's workers need a map of a .npy file")
    return str(Path(points.filename).resolve())


def ship_by_value() -> None:
    """Let this package's functions travel with a task, so that executors need not have it installed."""
    from pyspark.cloudpickle import register_pickle_by_value

    import allknn.spark
    import strategies

    for name, module in list(sys.modules.items()):
        if name.startswith("_allknn_strategy_"):  # a user's own file
            register_pickle_by_value(module)  # type: ignore[no-untyped-call]  # cloudpickle has no types
    register_pickle_by_value(allknn.spark)  # type: ignore[no-untyped-call]  # cloudpickle has no types
    register_pickle_by_value(strategies)  # type: ignore[no-untyped-call]  # cloudpickle has no types


def _import(module: str, _task: int) -> None:
    importlib.import_module(module)


def configuration(context: "SparkContext") -> str:
    """The settings in use, without paths, names of the session, and whatever could be a secret."""
    left_out = re.compile(
        r"secret|password|token|credential|JavaOptions|\.dir$|app\.(id|startTime|submitTime|name)|port$"
        r"|serializer\.objectStreamReset|submit\.|ui\.",
        re.IGNORECASE,
    )
    settings = sorted(context.getConf().getAll())
    return "; ".join(f"{name}={value}" for name, value in settings if not left_out.search(name))
