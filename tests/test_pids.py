"""A signal reaches the process meant, and no other that has its number by now."""

import errno
import os
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from bench import pids


@pytest.fixture(params=["handle", "no handle"])
def child(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator["subprocess.Popen[str]"]:
    """A process that waits, on a kernel with and without pidfd_open(2)."""

    def refuse(_pid: int) -> int:
        raise OSError(errno.ENOSYS, "not there")

    if request.param == "no handle":
        monkeypatch.setattr(os, "pidfd_open", refuse)
    process = subprocess.Popen(
        [sys.executable, "-c", "print(flush=True); input()"], stdin=-1, stdout=-1, text=True
    )
    with process:
        assert process.stdout is not None
        process.stdout.readline()
        yield process
        process.kill()


def test_the_process_that_started_then_is_signalled(child: "subprocess.Popen[str]") -> None:
    started = pids.started_ticks(child.pid)
    assert started is not None
    assert pids.send(child.pid, started, signal.SIGKILL)
    assert child.wait() == -signal.SIGKILL


def test_one_that_has_its_number_now_is_left_alone(child: "subprocess.Popen[str]") -> None:
    started = pids.started_ticks(child.pid)
    assert started is not None
    assert not pids.send(child.pid, started - 1, signal.SIGKILL)
    assert child.poll() is None


def test_a_process_that_has_ended_is_not_there(child: "subprocess.Popen[str]") -> None:
    started = pids.started_ticks(child.pid)
    assert started is not None
    child.kill()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert pids.started_ticks(child.pid) is None
    assert not pids.send(child.pid, started, signal.SIGKILL)
    child.wait()
    assert not pids.send(child.pid, started, signal.SIGKILL)
