"""What a Spark master's URL says: is it this machine, how many of its cores; which variables steer Spark."""

import re

from bench.allowed import usable_cores

_LOCAL = re.compile(r"local(?:\[(\*|\d+)(?:, *\d+)?\])?")
_STEERS_SPARK = re.compile(
    r"(PY)?SPARK_.*|(HADOOP|YARN|HIVE|HDFS)_.*|CLASSPATH|_JAVA_OPTIONS|JAVA_TOOL_OPTIONS|JDK_JAVA_OPTIONS"
)


def is_local(master: str | None) -> bool:
    """Whether tasks run in this process tree: no master, or ``local[…]``; not ``local-cluster[…]``."""
    return master is None or _LOCAL.fullmatch(master) is not None


def local_cores(master: str) -> int:
    """Cores of a master in local mode, of ``*`` all that may be used; 0 for a cluster, which tells none."""
    local = _LOCAL.fullmatch(master)
    if local is None:
        return 0
    return usable_cores() if local[1] == "*" else int(local[1] or 1)


def driver_cores(master: str) -> int:
    """Cores of this machine that the driver may use: those of a local master, else all that may be used."""
    return local_cores(master) or usable_cores()


def steers_spark(variable: str) -> bool:
    """Whether an environment variable is one that Spark, Hadoop or any Java takes settings from."""
    return _STEERS_SPARK.fullmatch(variable) is not None
