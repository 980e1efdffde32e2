"""What a cluster's hosts may lack, played by stand-ins: one line that says so, before anything is shipped."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bench import cluster
from bench.cluster import Cluster

pytestmark = pytest.mark.spark

OPEN = """
import json, sys
from strategies._spark import preflight, session

def said(act):
    try:
        act()
    except RuntimeError as error:
        return str(error)

checks = json.loads(sys.argv[2])
try:
    own = session.open_session(sys.argv[1], "1g")
except RuntimeError as error:
    lines = [str(error)]
else:
    lines = [said(lambda c=check: preflight.check(own.context, *c)) for check in checks]
    own.close()
print(json.dumps(lines))
"""
OLDER_PYTHON = """
import sys

class Version(tuple):
    major, minor, micro, releaselevel, serial = 3, 10, 0, "final", 0

sys.version_info = Version((3, 10, 0, "final", 0))
"""
WITHOUT_ANNOY = """
from importlib import metadata

there = metadata.version

def version(name):
    if name == "annoy":
        raise metadata.PackageNotFoundError(name)
    return there(name)

metadata.version = version
"""


def said(
    pair: Cluster,
    checks: list[tuple[list[str], int, int]],
    python: Path | None = None,
    *,
    code: str = OPEN,
    **conf: str,
) -> list[str]:
    """Open a session with some settings; what it says, or else what each check says."""
    access = cluster.environment(pair.master, pair.directory, {})
    options = " ".join(
        f"--conf spark.{name.replace('__', '-').replace('_', '.').replace('-', '_')}={value}"
        for name, value in conf.items()
    )
    access["PYSPARK_SUBMIT_ARGS"] = f"{options} {access['PYSPARK_SUBMIT_ARGS']}"
    ran = subprocess.run(
        [sys.executable, "-c", code, pair.master, json.dumps(checks)],
        env=os.environ | access | ({"PYSPARK_PYTHON": str(python)} if python else {}),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        timeout=120,
    )
    lines: list[str] = json.loads(ran.stdout)
    return lines


def stand_in(directory: Path, customized: str) -> Path:
    """A Python of the workers that begins with some code of ours."""
    (directory / "site").mkdir()
    (directory / "site" / "sitecustomize.py").write_text(customized)
    return script(directory / "python", f'PYTHONPATH={directory}/site:$PYTHONPATH exec {sys.executable} "$@"')


def script(path: Path, line: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{line}\n")
    path.chmod(0o755)
    return path


@pytest.mark.acceptance
def test_a_worker_whose_java_is_too_old_is_told_in_one_line(pair: Cluster, tmp_path: Path) -> None:
    script(
        tmp_path / "bin" / "java", 'echo "UnsupportedClassVersionError: class file version 61.0" >&2; exit 1'
    )
    (line,) = said(pair, [], executorEnv_JAVA__HOME=str(tmp_path))
    assert "is JAVA_HOME Java 17, 21 or 25 on every host?" in line
    assert "\n" not in line


@pytest.mark.acceptance
def test_a_worker_of_another_python_is_told_in_one_line(pair: Cluster, tmp_path: Path) -> None:
    (line,) = said(pair, [([], 0, 0)], stand_in(tmp_path, OLDER_PYTHON))
    here = f"{sys.version_info[0]}.{sys.version_info[1]}"
    assert f"Python 3.10 there, {here} here: set PYSPARK_PYTHON to a Python {here}" in line
    assert "\n" not in line


def test_what_a_host_lacks_is_told_before_anything_is_shipped(pair: Cluster, tmp_path: Path) -> None:
    checks = [(["annoy"], 0, 0), (["numpy"], 1 << 30, 0), (["numpy"], 0, 1 << 50), (["numpy"], 0, 0)]
    package, limit, disk, nothing = said(
        pair, checks, stand_in(tmp_path, WITHOUT_ANNOY), executor_pyspark_memory="700m"
    )
    assert "annoy is missing there: install annoy==" in package
    assert "spark.executor.pyspark.memory leaves a Python worker" in limit
    assert "the index needs 1.0 GiB" in limit
    assert "2097152.0 GiB needed: point spark.local.dir" in disk  # a copy for each of two executors
    assert nothing is None
