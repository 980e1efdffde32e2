"""A JVM that does not start is a line that says what it said and what is likely in the way."""

import subprocess
import sys
from pathlib import Path

import pytest

from bench import catalog
from strategies._spark import jvm_start

OLD_JAVA = """\
Error: A JNI error has occurred, please check your installation and try again
Exception in thread "main" java.lang.UnsupportedClassVersionError: org/apache/spark/Main has been compiled
\tat java.lang.ClassLoader.defineClass1(Native Method)
"""
IVY = """\
:: resolving dependencies ::
Exception in thread "main" java.lang.RuntimeException: [unresolved dependency: com.example#no-such-thing;1.0]
\tat org.apache.spark.util.MavenUtils$.resolveMavenCoordinates(MavenUtils.scala:1)
"""
YARN = """\
Exception in thread "main" org.apache.spark.SparkException: When running with master 'yarn' either \
HADOOP_CONF_DIR or YARN_CONF_DIR must be set in the environment.
"""
OLD_SPARK = """\
Exception in thread "main" java.lang.IllegalAccessError: class org.apache.spark.storage.StorageUtils$ \
cannot access class sun.nio.ch.DirectBuffer
"""
NO_USER = "Caused by: javax.security.LoginException: java.lang.NullPointerException: invalid null input: name"
NO_HEAP = (
    "Error occurred during initialization of VM\nCould not reserve enough space for 2097152KB object heap"
)


@pytest.mark.parametrize(
    ("said", "line", "likely"),
    [
        (OLD_JAVA, "UnsupportedClassVersionError", "JAVA_HOME, /conf/spark-env.sh"),
        (IVY, "com.example#no-such-thing", "--packages of PYSPARK_SUBMIT_ARGS"),
        (YARN, "When running with master 'yarn'", "a master yarn of PYSPARK_SUBMIT_ARGS"),
        (OLD_SPARK, "cannot access class", "SPARK_HOME"),
        (NO_USER, "invalid null input: name", "HADOOP_USER_NAME"),
        (NO_HEAP, "Could not reserve enough space", "driver_memory, _JAVA_OPTIONS"),
        ("java.net.SocketException: Too many open files", "Too many open files", "ulimit -n"),
        ("[Errno 2] No such file or directory: '/gone/bin/spark-submit'", "/gone/bin/spark-submit", ""),
        ("Error: Could not find or load main class org.X", "main class org.X", ""),
        ("something unheard of", "something unheard of", "set are SPARK_CONF_DIR, SPARK_HOME"),
    ],
)
def test_the_line_says_what_the_jvm_said_and_what_is_likely_in_the_way(
    said: str, line: str, likely: str
) -> None:
    told = jvm_start.reason(said, {"SPARK_CONF_DIR": "/conf", "SPARK_HOME": "/gone"})
    assert line in told
    assert likely in told
    assert "\n" not in told


def test_what_a_session_of_ours_sets_is_not_called_in_the_way(tmp_path: Path) -> None:
    ours = {"SPARK_CONF_DIR": str(tmp_path), "PYSPARK_PYTHON": sys.executable, "SPARK_LOCAL_IP": "127.0.0.1"}
    assert "set are" not in jvm_start.reason("unheard of", ours)
    (tmp_path / "spark-env.sh").touch()
    assert "set are SPARK_CONF_DIR" in jvm_start.reason("unheard of", ours)


def test_the_last_words_of_a_program_in_place_of_spark_are_in_the_reason(tmp_path: Path) -> None:
    submit = tmp_path / "bin" / "spark-submit"
    submit.parent.mkdir()
    submit.write_text("#!/bin/sh\necho 'its last words' >&2\nexit 1\n")
    submit.chmod(0o755)
    code = (
        "import sys\nfrom strategies._spark.gateway import Gateway\n"
        "try:\n    Gateway({})\nexcept RuntimeError as error:\n    sys.stdout.write(str(error))"
    )
    log = tmp_path / "log"
    with log.open("w") as said:
        ran = subprocess.run(
            [sys.executable, "-c", code],
            cwd=catalog.DIRECTORY.parent,
            env={"PATH": "/usr/bin:/bin", "SPARK_HOME": str(tmp_path)},
            stdout=subprocess.PIPE,
            stderr=said,
            text=True,
            check=True,
        )
    assert ran.stdout.startswith("the JVM ended before Spark started: its last words; likely in the way: ")
    assert "SPARK_HOME" in ran.stdout
