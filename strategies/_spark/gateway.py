"""The JVM of a Spark session of ours: started beside what this process has of Spark, ended without it."""

import os
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from strategies._spark import jvm_start

SECONDS_TO_END = 20
"""How long the JVM may take to end by itself."""

_ADVICE = (
    "stop that one first (spark.stop()), or run this in a process of its own, as `python -m bench run` does"
)


class Gateway:
    """PySpark's way to a JVM. One that this process had before is put back by ``end``, as it was."""

    def __init__(self, settings: Mapping[str, str]) -> None:
        """Start a JVM with these settings; raises RuntimeError where a session is active already."""
        from pyspark import SparkConf, SparkContext

        with SparkContext._lock:  # noqa: SLF001 (the JVM alone, before the clock of the session runs)
            refuse_another()
            # A stopped session leaves its JVM, with its options: not ours to use, nor to end.
            self._before: tuple[Any, Any] = (SparkContext._gateway, SparkContext._jvm)  # noqa: SLF001
            SparkContext._gateway = SparkContext._jvm = None  # noqa: SLF001
            try:
                self.conf = SparkConf().setAll(list(settings.items()))
                with jvm_start.explained():
                    SparkContext._ensure_initialized(conf=self.conf)  # noqa: SLF001
            except BaseException:
                SparkContext._gateway, SparkContext._jvm = self._before  # noqa: SLF001
                raise
            self._own: Any = SparkContext._gateway  # noqa: SLF001

    def settings_of_user(self) -> Any:
        """The ``SparkConf`` of what the user has set in files and by PYSPARK_SUBMIT_ARGS, and of ours."""
        from pyspark import SparkConf

        return SparkConf(_jvm=self._own.jvm)

    @property
    def process(self) -> "subprocess.Popen[bytes] | None":
        """The JVM, a child of this process; None where spark-submit started it, whose it stays."""
        process: subprocess.Popen[bytes] | None = self._own.proc
        return process

    def end(self) -> None:
        """End the JVM and return when it is gone."""
        from pyspark import SparkContext

        with SparkContext._lock:  # noqa: SLF001 (nothing public puts a gateway back)
            if SparkContext._gateway is self._own:  # noqa: SLF001
                SparkContext._gateway, SparkContext._jvm = self._before  # noqa: SLF001
        if self.process is None:
            return
        self._own.shutdown()
        self._own.proc.stdin.close()  # the JVM ends itself when this pipe does
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(SECONDS_TO_END)
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


def refuse_another() -> None:
    """Raise RuntimeError, in one line, where this process has an active Spark session."""
    from pyspark import SparkContext

    active = SparkContext._active_spark_context  # noqa: SLF001 (getOrCreate would start another)
    if active is not None:
        raise RuntimeError(
            f"this process has an active Spark session ({active.appName!r} on {active.master}), and Spark "
            f"allows one in a process: {_ADVICE}"
        )
    if "SPARK_CONNECT_MODE_ENABLED" in os.environ and "SPARK_LOCAL_REMOTE" not in os.environ:
        raise RuntimeError(
            "this process uses Spark Connect, beside which Spark allows no classic session: "
            "run this in a process of its own, as `python -m bench run` does"
        )
