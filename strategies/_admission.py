"""Being let in by a cluster: how long a session waits for master and executors, and what it says then."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyspark import SparkContext

STANDALONE_SECONDS = 12.0
"""How long a master that answers may take to register a session; Spark itself tries for a minute."""
CONTAINERS_SECONDS = 300.0
"""The same for YARN, where a session may have to queue."""
EXECUTORS_SECONDS = 60.0
"""How long a cluster may take to start the first executor."""
SETTLED_SECONDS = 1.0
"""No executor has come for so long: these are all."""
POLL_SECONDS = 0.05


@contextmanager
def in_time(master: str) -> Iterator[None]:
    """End the JVM that makes a session, and raise RuntimeError, where its master does not let it in."""
    from pyspark import SparkContext

    limit = STANDALONE_SECONDS if master.startswith("spark://") else CONTAINERS_SECONDS
    late = threading.Event()
    jvm = SparkContext._gateway.proc  # type: ignore[union-attr]  # noqa: SLF001 (it is not public)

    def end() -> None:
        late.set()
        jvm.kill()

    timer = threading.Timer(limit, end)
    timer.daemon = True
    timer.start()
    try:
        yield
    except Exception as error:
        if not late.is_set():
            raise
        raise RuntimeError(
            f"{master} answers but let no session in for {limit:g} s: does it ask for a secret "
            "(spark.authenticate.secret, by PYSPARK_SUBMIT_ARGS='--properties-file FILE pyspark-shell'), is "
            "it the same Spark version, is its queue full?"
        ) from error
    finally:
        timer.cancel()


def await_executors(context: "SparkContext", seconds: float = EXECUTORS_SECONDS) -> None:
    """Return when executors are there and no more come; raises RuntimeError where none does in time."""
    master = str(context.master)
    if master == "local" or master.startswith("local["):
        return
    began = time.monotonic()
    executors, since = 0, began
    spark = context._jsc.sc()  # noqa: SLF001 (Python has no way to ask)
    while executors == 0 or time.monotonic() - since < SETTLED_SECONDS:
        if spark.isStopped():
            raise RuntimeError(
                f"{master} gave up starting executors, they end at once: is JAVA_HOME Java 17, 21 or 25 on "
                "every host? An executor's last words are in its worker's work directory, app-*/*/stderr"
            )
        if executors == 0 and time.monotonic() - began > seconds:
            raise RuntimeError(
                f"{master} gave no executor in {seconds:g} s: are there workers with free cores and "
                "spark.executor.memory (1g unless set) to spare?"
            )
        time.sleep(POLL_SECONDS)
        now = spark.getExecutorMemoryStatus().size() - 1  # less the driver
        if now != executors:
            executors, since = now, time.monotonic()
