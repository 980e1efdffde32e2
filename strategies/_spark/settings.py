"""Settings of our Spark sessions: quiet, uncompressed, and beside those that the user has."""

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from strategies._spark import admission, unknown_user

if TYPE_CHECKING:
    from pyspark import SparkConf

CLIENT_LOG = "client.log"

MOST_IN_A_MESSAGE = 16 << 20
"""Bytes that a task may send with its end; more would wait in the executor until they are asked for."""

LEAVES_OUT = {
    "spark.excludeOnFailure.enabled": "true",
    "spark.excludeOnFailure.task.maxTaskAttemptsPerExecutor": "3",
    "spark.excludeOnFailure.task.maxTaskAttemptsPerNode": "7",
    "spark.task.maxFailures": "8",
    "spark.scheduler.excludeOnFailure.unschedulableTaskSetTimeout": "10s",
}
"""An executor on which tasks fail gets no more of that stage: a host that came late and lacks something ends
no run. Of a single executor, which Spark then starts anew, a task may still end the Python worker twice."""

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


def for_jvm(scratch: Path, driver_memory: str, more_java_options: tuple[str, ...]) -> dict[str, str]:
    """Spark's settings: nothing printed, nothing compressed, nothing written outside ``scratch``."""
    log4j = scratch / "log4j2.properties"
    log4j.write_text(LOG4J + admission.LOG4J.format(log=scratch / CLIENT_LOG))
    java_options = (
        *more_java_options,
        *unknown_user.java_options(scratch),
        f"-Dlog4j2.configurationFile={log4j.as_uri()}",
        f"-Djava.io.tmpdir={scratch}",
        "-XX:-UsePerfData",  # a file in /tmp, whatever java.io.tmpdir says
    )
    return {
        "spark.app.name": "allknn-bench",
        "spark.driver.memory": driver_memory,
        "spark.driver.defaultJavaOptions": shlex.join(java_options),  # the user's extraJavaOptions come after
        "spark.sql.warehouse.dir": str(scratch / "warehouse"),
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.driver.maxResultSize": "0",  # what is in flight is bounded by waves
        "spark.task.maxDirectResultSize": str(MOST_IN_A_MESSAGE),
        "spark.broadcast.compress": "false",
        "spark.rdd.compress": "false",
        "spark.python.worker.faulthandler.enabled": "true",
    }


def unless_set(scratch: Path, conf: "SparkConf", *, local: bool) -> dict[str, str]:
    """Settings that are the user's to make on a cluster: those of ours that he has not made."""
    local_dir = {"spark.local.dir": str(scratch)}
    if local:
        return local_dir
    groups = (local_dir, LEAVES_OUT)
    return {
        name: value
        for group in groups
        if not any(conf.contains(name) for name in group)
        for name, value in group.items()
    }


def for_tasks(task_cores: int) -> dict[str, str]:
    """Settings that give a task so many cores and a library in it as many threads."""
    variables = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
    return {"spark.task.cpus": str(task_cores)} | {
        f"spark.executorEnv.{variable}": str(task_cores) for variable in variables
    }
