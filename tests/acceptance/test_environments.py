"""The strategies of `make bench` in an environment where everything is wrong, and in a clean one."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from bench.catalog import DIRECTORY
from bench.results import Measurement, Store

pytestmark = pytest.mark.acceptance

MISSION = (DIRECTORY.parent / "Makefile").read_text().partition("MISSION = ")[2].partition("\n")[0].split()
CLEAN = {"PATH": os.environ["PATH"], "HOME": "/tmp", "LANG": "C.UTF-8"}
UNKNOWN_USER = 23456
DEFAULTS = """\
spark.master yarn
spark.submit.deployMode cluster
spark.default.parallelism 200
spark.jars.packages com.example:no-such-thing:1.0
spark.plugins com.example.NoSuchPlugin
spark.eventLog.enabled true
spark.eventLog.dir hdfs://namenode.invalid:8020/logs
spark.pyspark.python /no/such/python
spark.driver.memory 10m
"""
VARIABLES = {
    "SPARK_HOME": "/opt/spark-2.4.8-gone",
    "SPARK_REMOTE": "sc://host.invalid",
    "SPARK_CONNECT_MODE_ENABLED": "1",
    "SPARK_API_MODE": "connect",
    "SPARK_LOCAL_DIRS": "/no/such/directory",
    "SPARK_DAEMON_JAVA_OPTS": "-Xmx1m",
    "SPARK_MASTER_HOST": "host.invalid",
    "PYSPARK_SUBMIT_ARGS": "--master yarn --packages com.example:no-such-thing:1.0 pyspark-shell",
    "PYSPARK_GATEWAY_PORT": "1",
    "PYSPARK_GATEWAY_SECRET": "hidden",
    "PYSPARK_PYTHON": "/usr/bin/python2.7",
    "PYSPARK_DRIVER_PYTHON": "jupyter",
    "PYSPARK_DRIVER_PYTHON_OPTS": "notebook",
    "_JAVA_OPTIONS": "-Xmx64m",
    "JAVA_TOOL_OPTIONS": "-agentlib:no-such-agent",
    "JDK_JAVA_OPTIONS": "-Xmx1m",
    "CLASSPATH": "/no/such.jar",
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",
    "MPLCONFIGDIR": "/no/such/directory",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_CORETYPE": "Nehalem",
    "NUMBA_CACHE_DIR": "/no/such/directory",
    "JOBLIB_TEMP_FOLDER": "/no/such/directory",
    "LOKY_MAX_CPU_COUNT": "1",
    "TMPDIR": "/no/such/directory",
    "FAISS_OPT_LEVEL": "generic",
    "LANG": "tr_TR.UTF-8",
    "TZ": "Pacific/Chatham",
    "COLUMNS": "20",
}


@dataclass
class Place:
    """Where commands are run, by whom, with which variables."""

    directory: Path
    variables: dict[str, str]
    before: tuple[str, ...] = ()
    """Words before the command."""

    def run(self, strategy: str) -> tuple[Measurement, tuple[np.ndarray, np.ndarray]]:
        """Run a strategy as `make bench` does, on fewer points; return its row and the neighbors."""
        saved = self.directory / f"{strategy}.npz"
        words = ["run", strategy, "--workload", "small", "--save-neighbors", str(saved)]
        done = subprocess.run(
            [*self.before, sys.executable, "-m", "bench", *words],
            cwd=self.directory,
            env=self.variables | {"ALLKNN_CACHE": str(self.directory.parent / "cache")},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        row = Store(self.directory / "results").latest()[-1]
        assert row.status == "ok", row.reason
        with np.load(saved) as arrays:
            return row, (arrays["indices"], arrays["distances"])


def clean(directory: Path) -> Place:
    """Nothing but a path and a home."""
    path = directory / "clean"
    path.mkdir()
    return Place(path, CLEAN)


def hostile(directory: Path) -> Place:
    """Every variable wrong, a configuration that breaks Spark, 256 open files, no home, no name."""
    path = directory / "hostile"
    path.mkdir()
    (path / "conf").mkdir()
    (path / "conf" / "spark-defaults.conf").write_text(DEFAULTS)
    (path / "conf" / "spark-env.sh").write_text("export JAVA_HOME=/no/such/java\nexit 1\n")
    places = {"SPARK_CONF_DIR": str(path / "conf"), "HADOOP_CONF_DIR": str(path / "conf")}
    java = {"JAVA_HOME": "/no/such/java"}
    nobody = ("unshare", "--user", f"--map-user={UNKNOWN_USER}", f"--map-group={UNKNOWN_USER}")
    before = ("prlimit", "--nofile=256:4096", *nobody)
    return Place(path, {"PATH": os.environ["PATH"], **VARIABLES, **places, **java}, before)


def test_what_is_measured_does_not_depend_on_what_the_machine_has_set(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    places = clean(tmp_path), hostile(tmp_path)
    for strategy in MISSION:
        (row, neighbors), (other, others) = (place.run(strategy) for place in places)
        peaks = [one.peak_memory_bytes or 0 for one in (row, other)]
        with capsys.disabled():
            sys.stdout.write(
                f"\n{strategy:16} {row.total_seconds:5.1f} s clean, {other.total_seconds:5.1f} s hostile, "
                f"{peaks[0] >> 20} MiB, {peaks[1] >> 20} MiB, {peaks[1] / peaks[0]:.3f}"
            )
        for ours, theirs in zip(neighbors, others, strict=True):
            np.testing.assert_array_equal(ours, theirs)
        assert (row.recall, row.rows_answered, row.threads) == (
            other.recall,
            other.rows_answered,
            other.threads,
        )
        assert row.params == other.params
        assert peaks[1] == pytest.approx(peaks[0], rel=0.05)
