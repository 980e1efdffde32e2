"""Why a JVM did not start: what it said last, and which variable, file or limit is likely in the way."""

import os
import re
import resource
import stat
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from bench.master import steers_spark

STANDARD_ERROR = 2
MOST_BYTES = 1 << 16
"""Of the end of what was said."""
FEWEST_FILES = 1024
"""Spark's JVM opens some 300 files, and more for each task."""

TELLING = (
    r"^Error: .*(?:main class|JVM|Java).*",
    r"^(?:Caused by: |Exception in thread \"[^\"]*\" )(.*(?:Error|Exception|FAILED|unresolved).*)",
    r"^Error occurred during initialization of VM\n(.*)",
    r"^(?:Error|ERROR)\b.*",
    r".*(?:[Nn]o such file|not found|[Pp]ermission denied).*",
)
"""The line that says why, the most telling first."""

CAUSES = (
    (
        r"UnsupportedClassVersionError|class file version",
        "the Java is too old for this Spark: JAVA_HOME, {files}",
    ),
    (
        r"[Uu]nresolved dependenc|Server access [Ee]rror|ivy",
        "packages that cannot be loaded: --packages of PYSPARK_SUBMIT_ARGS, spark.jars.packages in {files}",
    ),
    (r"HADOOP_CONF_DIR or YARN_CONF_DIR", "a master yarn of PYSPARK_SUBMIT_ARGS or {files}"),
    (
        r"cannot access class|InaccessibleObject|IllegalAccessError",
        "another Spark, too old for this Java: SPARK_HOME",
    ),
    (
        r"invalid null input: name|LoginException|UnixPrincipal",
        "the system does not know this user: an entry in /etc/passwd, or HADOOP_USER_NAME",
    ),
    (r"Too many open files", "too few open files: ulimit -n"),
    (
        r"reserve enough space|Invalid (?:maximum|initial) heap|insufficient memory|Cannot allocate",
        "too little memory: driver_memory, _JAVA_OPTIONS, ulimit -v",
    ),
    (r"JAVA_HOME|java: (?:command )?not found", "no Java: JAVA_HOME, {files}"),
    (
        r"NoClassDefFoundError|ClassNotFoundException|could not find or load main class",
        "another Spark or a missing library: SPARK_HOME, CLASSPATH, {files}",
    ),
)
"""What is said, and what is likely in the way."""


@contextmanager
def explained() -> Iterator[None]:
    """Turn the failure of a JVM to start into a RuntimeError of one line that says why."""
    from pyspark.errors import PySparkRuntimeError

    before = _size()
    try:
        yield
    except (PySparkRuntimeError, OSError) as error:
        if isinstance(error, PySparkRuntimeError) and error.getCondition() != "JAVA_GATEWAY_EXITED":
            raise
        said = str(error) if isinstance(error, OSError) else _said_since(before)
        raise RuntimeError(reason(said, os.environ)) from error


def reason(said: str, environ: Mapping[str, str]) -> str:
    """Say in one line why a JVM did not start, by what it said and by what is set."""
    files = f"{environ.get('SPARK_CONF_DIR', 'SPARK_CONF_DIR')}/spark-env.sh or spark-defaults.conf"
    likely = [cause.format(files=files) for pattern, cause in CAUSES if re.search(pattern, said)][:1]
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < FEWEST_FILES:
        likely.append(f"ulimit -n is {soft}")
    steering = sorted(
        name for name, value in environ.items() if steers_spark(name) and _is_theirs(name, value)
    )
    if steering:
        likely.append(f"set are {', '.join(steering)}")
    words = f"; likely in the way: {'; '.join(likely)}" if likely else ""
    return f"the JVM ended before Spark started: {_telling(said) or 'it said nothing here'}{words}"


def _is_theirs(name: str, value: str) -> bool:
    """Whether a variable is not one that a session of ours sets: this Python, an empty configuration."""
    if name == "SPARK_CONF_DIR":
        return not Path(value).is_dir() or any(Path(value).iterdir())
    return not name.startswith("SPARK_LOCAL") and (name, value) != ("PYSPARK_PYTHON", sys.executable)


def _telling(said: str) -> str:
    for pattern in TELLING:
        if found := re.search(pattern, said, re.MULTILINE):
            return (found[1] if found.re.groups else found[0]).strip()
    lines = [line.strip() for line in said.splitlines() if line.strip() and not re.match(r"\s+at ", line)]
    return lines[-1] if lines else ""


def _size() -> int | None:
    """Size of the file that standard error is written to; None where it is no file."""
    with suppress(OSError):
        status = os.fstat(STANDARD_ERROR)
        return status.st_size if stat.S_ISREG(status.st_mode) else None
    return None


def _said_since(before: int | None) -> str:
    """What was written to standard error since; nothing where that is a terminal, which shows it."""
    if before is None:
        return ""
    with suppress(OSError), Path(f"/proc/self/fd/{STANDARD_ERROR}").open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        file.seek(max(before, size - MOST_BYTES))
        return file.read().decode(errors="replace")
    return ""
