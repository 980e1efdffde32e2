"""Being let in by a cluster: how long a session waits for master and executors, and what it says then."""

import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from strategies._spark import executors

if TYPE_CHECKING:
    import subprocess

    from pyspark import SparkConf, SparkContext

STANDALONE_SECONDS = 45.0
"""How long a master may take to register a session; one that turns it away is noticed at once."""
WAIT = "spark.allknn.executorWait"
"""The Spark setting of how long a cluster may take to start the first executor; ones that end at once are
noticed before. On YARN and Kubernetes the session itself may queue as long."""
STANDALONE_WAIT, CONTAINERS_WAIT = "60s", "10min"
"""What it is unless set: containers have to queue, and their image to be fetched."""
MOST_ENDS = 6
"""So many executors of a standalone cluster may end before the first has come."""
SETTLED_SECONDS = 1.0
"""No executor has come for so long: these are all."""
POLL_SECONDS = 0.05

LOG4J = """\
logger.client.name = org.apache.spark.deploy.client
logger.client.level = info
logger.client.additivity = false
logger.client.appenderRef.client.ref = client
appender.client.type = File
appender.client.name = client
appender.client.fileName = {log}
appender.client.layout.type = PatternLayout
appender.client.layout.pattern = %m%n%throwable{{10}}
"""
"""What has Spark write down how a standalone cluster answers: told to nobody else."""
TURNED_AWAY = r"Failed to connect to master (\S+)"
RUNS = r"Executor updated: \S+ is now RUNNING"
ENDED = r"Executor updated: \S+ is now (?:EXITED|FAILED) \((.*)\)"


@contextmanager
def in_time(
    master: str, log: Path, jvm: "subprocess.Popen[bytes] | None", wait_seconds: float
) -> Iterator[None]:
    """End the JVM that makes a session, and raise RuntimeError, where its master does not let it in.

    None is a JVM that is not ours to end: then Spark itself decides how long it waits.
    """
    limit = STANDALONE_SECONDS if master.startswith("spark://") else max(wait_seconds, STANDALONE_SECONDS)
    deadline = time.monotonic() + limit
    let_in, refused = threading.Event(), threading.Event()

    def watch() -> None:
        while not let_in.wait(POLL_SECONDS):
            away = set(re.findall(TURNED_AWAY, _said(log)))
            if (
                len(away) > master.count(",") or time.monotonic() > deadline
            ):  # all of them, where there are several
                refused.set()
                if jvm is not None:
                    jvm.kill()
                return

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    except Exception as error:
        if not refused.is_set():
            raise
        raise RuntimeError(
            f"{master} answers but lets no session in: has it a secret (spark.authenticate.secret) for "
            "PYSPARK_SUBMIT_ARGS='--properties-file FILE pyspark-shell', another Spark, a full queue?"
        ) from error
    finally:
        let_in.set()
        watcher.join()


def wait_seconds(master: str, conf: "SparkConf") -> float:
    """How long a cluster may take to start the first executor."""
    default = CONTAINERS_WAIT if master == "yarn" or master.startswith("k8s://") else STANDALONE_WAIT
    return float(conf._jconf.getTimeAsSeconds(WAIT, default))  # type: ignore[union-attr]  # noqa: SLF001


def await_executors(context: "SparkContext", log: Path, seconds: float) -> None:
    """Return when executors are there and no more come; raises RuntimeError where none does in time."""
    master = str(context.master)
    executors.ask(context)
    began = time.monotonic()
    there, since = 0, began
    spark = context._jsc.sc()  # noqa: SLF001 (Python has no way to ask)
    while there == 0 or time.monotonic() - since < SETTLED_SECONDS:
        ended = re.findall(ENDED, _said(log))
        if there == 0 and (spark.isStopped() or len(ended) >= MOST_ENDS):
            why = ended[-1] if ended else "it gave up"
            raise RuntimeError(
                f"the executors of {master} end as they start ({why}): is JAVA_HOME Java 17, 21 or 25 on "
                f"every host, and {_driver(context)}? Their last words: app-*/*/stderr in the workers' work "
                "directory"
            )
        if there == 0 and time.monotonic() - began > seconds:
            raise RuntimeError(
                f"{master} gave no executor in {seconds:g} s ({WAIT}): {_in_the_way(context, log)}?"
            )
        time.sleep(POLL_SECONDS)
        now = executors.there(context)
        if now != there:
            there, since = now, time.monotonic()


def _in_the_way(context: "SparkContext", log: Path) -> str:
    if re.search(RUNS, _said(log)):
        return f"executors run, but none comes back: {_driver(context)}"
    return "are there workers with free cores and spark.executor.memory (1g unless set) to spare"


def _driver(context: "SparkContext") -> str:
    conf = context.getConf()
    host, port = conf.get("spark.driver.host"), conf.get("spark.driver.port")
    return (
        f"can executors reach this machine at {host}:{port} (spark.driver.host, spark.driver.port, "
        "spark.blockManager.port)"
    )


def _said(log: Path) -> str:
    try:
        return log.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return ""
