"""What is written down of a cluster that is no more harms neither processes nor files of others."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench import cluster, pids

FILES = ("master.log", "spark.properties", "scratch/a", "worker-0/app/stdout", "worker-0.log")


@pytest.fixture
def other() -> Iterator["subprocess.Popen[bytes]"]:
    """Somebody's process, the leader of its session as a server is."""
    with subprocess.Popen(["sleep", "600"], start_new_session=True) as process:
        yield process
        process.kill()


@pytest.fixture
def directory(tmp_path: Path, other: "subprocess.Popen[bytes]") -> Path:
    """A cluster's directory whose process numbers belong to another process now."""
    directory = cluster.directory(tmp_path)
    started = pids.started_ticks(other.pid)
    assert started is not None
    for name in FILES:
        (directory / name).parent.mkdir(parents=True, exist_ok=True)
        (directory / name).touch()
    process = {"pid": other.pid, "started_ticks": started - 1, "mark": "0123"}
    record = {"master": "spark://127.0.0.1:1", "master_process": process, "workers": [process]}
    (directory / "cluster.json").write_text(json.dumps(record | {"cores": 1, "memory": "1g"}))
    return directory


def stop(cache: Path) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "bench", "cluster", "stop", "--cache", str(cache)]
    return subprocess.run(command, capture_output=True, text=True, check=True)


def test_stopping_ends_no_process_that_has_the_number_by_now(
    directory: Path, other: "subprocess.Popen[bytes]"
) -> None:
    assert cluster.find(directory) is None
    assert "stopped spark://127.0.0.1:1" in stop(directory.parent).stderr
    assert other.poll() is None
    assert not directory.exists()


def test_stopping_leaves_files_that_no_cluster_has_written(directory: Path) -> None:
    (directory / "log4j2.properties").write_text("mine")
    (directory / "worker-7").mkdir()
    cluster.stop(directory)
    assert sorted(path.name for path in directory.iterdir()) == ["log4j2.properties", "worker-7"]
    with pytest.raises(ValueError, match="holds files that no cluster of yours wrote"):
        cluster.start(directory)
    assert sorted(path.name for path in directory.iterdir()) == ["log4j2.properties", "worker-7"]


def test_a_worker_s_directory_that_is_a_link_goes_without_what_it_leads_to(
    directory: Path, tmp_path: Path
) -> None:
    (tmp_path / "large").mkdir()
    (tmp_path / "large" / "mine").touch()
    (directory / "worker-1").symlink_to(tmp_path / "large")
    cluster.stop(directory)
    assert (tmp_path / "large" / "mine").exists()
    assert not directory.exists()


def test_another_user_s_record_is_none(
    directory: Path, monkeypatch: pytest.MonkeyPatch, other: "subprocess.Popen[bytes]"
) -> None:
    another = os.geteuid() + 1
    monkeypatch.setattr(os, "geteuid", lambda: another)
    assert cluster.stop(directory) is None
    assert (directory / "cluster.json").exists()
    assert other.poll() is None


def test_a_record_of_something_else_is_refused_in_one_line(directory: Path) -> None:
    (directory / "cluster.json").write_text("{}")
    with pytest.raises(ValueError, match="is not the record of a cluster"):
        cluster.stop(directory)
