"""Executors that come late, that all go, that come only with work, and that cannot come at all."""

import json
import os
import signal
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bench import cluster
from bench.cluster import Cluster, processes
from tests.cluster.conftest import Place, Run
from tests.cluster.test_faults import assert_as_ever
from tests.cluster.test_stand_ins import said
from tests.strategies.test_guard import other_version

pytestmark = pytest.mark.spark

SETTINGS = """
import json, sys
from strategies._spark import executors, session

own = session.open_session(sys.argv[1], "1g")
property = own.context._jvm.java.lang.System.getProperty
names = "spark.local.dir", "spark.task.maxFailures", "spark.excludeOnFailure.enabled"
directory, failures, excludes = (own.context.getConf().get(name, "unset") for name in names)
ours = property("java.io.tmpdir") == str(own.scratch)
cores = executors.total_cores(own.context)
print(json.dumps([str(cores), str(ours), directory, property("theirs"), failures, excludes]))
own.close()
"""
DYNAMIC = {"dynamicAllocation_enabled": "true", "dynamicAllocation_shuffleTracking_enabled": "true"}


@pytest.fixture
def late(
    pair: Cluster, place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[], Path]]:
    """Start a worker that has another numpy; give its directory. It ends with the test."""
    assert pair.master
    came: list[processes.Process] = []

    def start() -> Path:
        other_version(tmp_path)
        monkeypatch.setenv("PYTHONPATH", str(tmp_path))
        found = cluster.find(place.cluster_directory)
        assert found is not None
        came.append(cluster.add_worker(found).workers[-1])
        monkeypatch.delenv("PYTHONPATH")
        return found.directory / f"worker-{len(found.workers)}"

    yield start
    processes.end(came)


@pytest.mark.acceptance
def test_a_late_host_with_other_packages_is_left_out_and_the_row_says_so(
    pair: Cluster, begin: Callable[..., Run], undisturbed: dict[str, Any], late: Callable[[], Path]
) -> None:
    run = begin(pair.master, executors=3, seconds=0.0)
    run.reach(0.3)
    directory = late()
    deadline = time.monotonic() + 120
    while not any("is left out" in log.read_text() for log in directory.rglob("stderr")):
        assert run.process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.05)
    (run.home / "notes" / "0").write_text(json.dumps({"executor": 0}))  # for this the second half waits
    details = assert_as_ever(run, undisturbed)
    assert details["left_out"].startswith(f"host {socket.gethostname()} is left out: numpy 0.1 there, ")
    assert details["executors"] == 2
    assert details["lost_executors"] == 0


@pytest.mark.acceptance
def test_work_that_no_executor_is_left_for_ends_with_one_line_and_keeps_its_rows(
    pair: Cluster, begin: Callable[..., Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYSPARK_SUBMIT_ARGS", "--conf spark.allknn.lostExecutorsWait=1s pyspark-shell")
    run = begin(pair.master)
    executors = {doer["executor"] for doer in run.reach(0.5)}
    try:
        for worker in pair.workers:  # they cannot start other executors
            os.kill(worker.pid, signal.SIGSTOP)
        for executor in executors:
            os.kill(executor, signal.SIGKILL)
        row = run.end()
    finally:
        for worker in pair.workers:
            os.kill(worker.pid, signal.SIGCONT)
    assert (row.status, run.process.returncode) == ("crashed", 1)
    assert row.reason == "RuntimeError: no executor is left, for 1 s now (spark.allknn.lostExecutorsWait)"
    assert 0 < row.rows_answered < row.workload.n


def test_executors_that_come_with_work_only_are_asked_for_and_the_users_settings_hold(
    pair: Cluster, tmp_path: Path
) -> None:
    theirs = {"local_dir": str(tmp_path), "driver_extraJavaOptions": "-Dtheirs=1", "task_maxFailures": "5"}
    cores, own_directory, *found = said(pair, [], code=SETTINGS, **DYNAMIC, **theirs)
    assert cores == "1"
    assert own_directory == "True"
    assert found == [str(tmp_path), "1", "5", "unset"]


@pytest.mark.acceptance
def test_a_python_that_the_hosts_do_not_have_is_named(pair: Cluster) -> None:
    (line,) = said(pair, [([], 0, 0)], Path("/no/such/python"))
    assert "cannot run /no/such/python: set PYSPARK_PYTHON to" in line


@pytest.mark.acceptance
def test_a_driver_that_executors_cannot_reach_is_told_with_the_settings_that_name_it(pair: Cluster) -> None:
    (line,) = said(pair, [], driver_host="127.0.0.9", driver_bindAddress="127.0.0.1")
    assert "can executors reach this machine at 127.0.0.9:" in line
    assert "(spark.driver.host, spark.driver.port, spark.blockManager.port)" in line
