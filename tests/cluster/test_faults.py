"""What happens to a run when parts of it die midway: the same answer to the byte, and the row says so."""

import os
import signal
from collections.abc import Callable
from typing import Any

import pytest

from bench import cluster
from bench.cluster import Cluster
from tests.cli.test_run import wait_until
from tests.cluster.conftest import Place, Run
from tests.processes import command_lines, is_alive, processes_of

pytestmark = pytest.mark.spark

Begin = Callable[..., Run]
Answer = dict[str, Any]


def assert_as_ever(run: Run, undisturbed: Answer) -> dict[str, Any]:
    """The answer equals the undisturbed one; return the row's details."""
    row = run.end()
    assert row.status == "ok", row.reason
    assert row.recall == 1.0
    found = run.answer()
    assert found["indices"].tobytes() == undisturbed["indices"].tobytes()
    assert found["distances"].tobytes() == undisturbed["distances"].tobytes()
    return dict(row.details)


@pytest.mark.acceptance
@pytest.mark.parametrize("master", ["local[2]", "cluster"])
def test_a_killed_python_worker_is_survived(
    pair: Cluster, begin: Begin, undisturbed: Answer, master: str
) -> None:
    run = begin(pair.master if master == "cluster" else master, kill="python")
    assert assert_as_ever(run, undisturbed)["retries"] == 1


@pytest.mark.acceptance
def test_a_task_that_crashes_its_worker_once_is_tried_again(
    pair: Cluster, begin: Begin, undisturbed: Answer
) -> None:
    details = assert_as_ever(begin(pair.master, kill="segfault"), undisturbed)
    assert details["retries"] == 1


@pytest.mark.acceptance
def test_a_killed_worker_with_its_executor_is_survived_and_one_that_comes_takes_part(
    pair: Cluster, place: Place, begin: Begin, undisturbed: Answer
) -> None:
    run = begin(pair.master, kill="worker", executors=3)
    run.reach_the_kill()
    found = cluster.find(place.cluster_directory)
    assert found is not None
    newcomer = cluster.add_worker(found).workers[-1]
    details = assert_as_ever(run, undisturbed)
    assert details["lost_executors"] == 1
    assert details["retries"] >= 1
    assert newcomer.pid in {doer["worker"] for doer in run.doers()}


def test_a_killed_driver_leaves_a_row_and_no_process(pair: Cluster, begin: Begin) -> None:
    run = begin(pair.master)
    executors = {doer["executor"] for doer in run.reach(0.4)}
    (driver,) = processes_of(run.home.parent, b"pyspark-shell")
    os.kill(driver, signal.SIGKILL)
    row = run.end()
    assert row.status == "crashed"
    assert row.rows_answered < row.workload.n
    assert wait_until(lambda: not any(is_alive(executor) for executor in executors), 10)
    assert command_lines(str(run.home), "bench.measure") == []


def test_the_next_run_goes_on_and_survives_a_killed_python_worker_and_a_killed_executor(
    pair: Cluster, begin: Begin, undisturbed: Answer
) -> None:
    details = assert_as_ever(begin(pair.master, kill="python+executor"), undisturbed)
    assert details["lost_executors"] == 1
    assert details["retries"] >= 2
