import os
import signal
import time
from dataclasses import replace
from pathlib import Path

import pytest

from bench.cluster.processes import Process, end, launch
from tests.processes import is_alive

FAMILY = "sleep 600 & sleep 600 & echo ready; wait"
ORPHANS = "(trap '' TERM; sleep 600) & echo ready"
"""Its child outlives it, and takes no hint."""


def begun(script: str, log: Path) -> Process:
    process = launch(["/bin/sh", "-c", script], os.environ, log)
    while "ready" not in log.read_text():
        time.sleep(0.01)
    return process


def test_a_process_is_ended_with_all_that_it_started(tmp_path: Path) -> None:
    process = begun(FAMILY, tmp_path / "log")
    pids = process.session()
    assert len(pids) == 3
    end([process])
    assert not any(is_alive(pid) for pid in pids)
    assert not process.alive


def test_what_a_dead_process_started_is_ended_as_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bench.cluster.processes._SECONDS_TO_END", 0.1)
    process = begun(ORPHANS, tmp_path / "log")
    os.waitpid(process.pid, 0)
    pids = process.session()
    assert pids
    end([process])
    assert not any(is_alive(pid) for pid in pids)


def test_another_process_of_the_same_number_is_left_alone(tmp_path: Path) -> None:
    process = begun(FAMILY, tmp_path / "log")
    earlier = replace(process, started_ticks=process.started_ticks - 1)
    assert not earlier.alive
    end([earlier])
    assert process.alive
    assert len(process.session()) == 3
    end([process])


def test_a_log_is_its_owner_s_alone(tmp_path: Path) -> None:
    end([begun(FAMILY, tmp_path / "log")])
    assert (tmp_path / "log").stat().st_mode & 0o077 == 0


def test_orphans_of_another_process_that_had_the_number_since_are_left_alone(tmp_path: Path) -> None:
    process = begun(ORPHANS, tmp_path / "log")
    os.waitpid(process.pid, 0)
    pids = process.session()
    assert pids
    for another in (replace(process, mark="of another"), replace(process, mark="")):
        assert another.session() == []
        end([another])
    assert all(is_alive(pid) for pid in pids)
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
