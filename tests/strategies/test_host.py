"""The memory of an application on its host, with stand-ins that have the command lines of executors."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench import catalog
from strategies._spark import host_memory

MIB = 1 << 20
HELD = 96 * MIB

EXECUTOR = """
import subprocess, sys
subprocess.run([sys.executable, "-c", sys.argv[4], "pyspark.daemon", sys.argv[5]], check=True)
"""
WORKER = """
import json, mmap, sys
from strategies._spark import host_memory
with open(sys.argv[2], "rb") as file:
    shared = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
seen = [shared[place] for place in range(0, len(shared), 4096)]
print("ready", flush=True)
for _ in sys.stdin:
    print(json.dumps(host_memory.reading()[1]), flush=True)
"""


@pytest.fixture
def index(tmp_path: Path) -> Path:
    path = tmp_path / "index"
    path.write_bytes(b"x" * HELD)
    return path


@pytest.fixture
def executors(index: Path) -> Iterator[list["subprocess.Popen[str]"]]:
    """Two of one application and one of another; the worker of each maps the index."""
    started = [
        subprocess.Popen(
            [sys.executable, "-c", EXECUTOR, "ExecutorBackend", "--app-id", name, WORKER, str(index)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=catalog.DIRECTORY.parent,
            text=True,
        )
        for name in ("app-1", "app-1", "app-2")
    ]
    for process in started:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    yield started
    for process in started:
        process.communicate()


def reading(executor: "subprocess.Popen[str]") -> dict[str, int]:
    assert executor.stdin is not None
    assert executor.stdout is not None
    executor.stdin.write("\n")
    executor.stdin.flush()
    held: dict[str, int] = json.loads(executor.stdout.readline())
    return held


def test_what_workers_of_a_host_map_counts_once_and_other_applications_do_not(
    executors: list["subprocess.Popen[str]"],
) -> None:
    pair, alone = reading(executors[0]), reading(executors[2])
    assert pair.keys() == {"executor_jvm", "python_worker"}
    ours, theirs = pair["python_worker"], alone["python_worker"]
    assert HELD * 2 / 3 < ours < HELD * 2 / 3 + 64 * MIB  # three map it, two of them are ours
    assert HELD / 3 < theirs < HELD / 3 + 32 * MIB
    assert reading(executors[1])["executor_jvm"] == pytest.approx(pair["executor_jvm"], rel=0.1)


def test_locally_there_is_nothing_to_read() -> None:
    assert host_memory.reading()[1] == {}
