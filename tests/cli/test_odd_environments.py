"""Machines as people have them: closed streams, files with a library's name, terminals of any width."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bench.results import Store
from tests.measure.runs import fake

Done = subprocess.CompletedProcess


def bench(directory: Path, *words: str, streams: str = "", **variables: str) -> "Done[str]":
    """Run the program; ``streams`` is what a shell is to do with its standard streams."""
    return subprocess.run(
        ["sh", "-c", f'exec "$0" -m bench "$@" {streams}', sys.executable, *words],
        cwd=directory,
        env=os.environ | {"ALLKNN_CACHE": str(directory / "cache")} | variables,
        capture_output=True,
        text=True,
        check=False,
    )


def test_closed_streams_cost_no_row(tmp_path: Path) -> None:
    words = ["run", fake("finds_some"), "--workload", "small", "-n", "300"]
    assert bench(tmp_path, *words, streams="<&- >&- 2>&-").returncode == 0
    assert [row.status for row in Store(tmp_path / "results").rows()] == ["ok"]
    assert (tmp_path / "results" / "report.html").is_file()


@pytest.mark.parametrize("name", ["numpy", "argparse"])
def test_a_file_that_hides_a_library_is_named(name: str, tmp_path: Path) -> None:
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / f"{name}.py").write_text("x = 1\n")
    done = bench(tmp_path, "list", PYTHONPATH=str(tmp_path / "lib"))
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert f"'{tmp_path}/lib/{name}.py' has the name of a library" in done.stderr


def test_a_shared_library_that_does_not_fit_is_named(tmp_path: Path) -> None:
    (tmp_path / "libz.so.1").write_text("junk")
    done = bench(tmp_path, "list", LD_LIBRARY_PATH=str(tmp_path))
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert f"LD_LIBRARY_PATH has a library that does not fit: {tmp_path}/libz.so.1" in done.stderr
