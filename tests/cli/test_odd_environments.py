"""Machines as people have them: closed streams, files with a library's name, terminals of any width."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bench import cli
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


@pytest.mark.slow
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


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (MemoryError(), "too little memory for the program itself (ulimit -v): MemoryError"),
        (ImportError("x.so: failed to map segment from shared object"), "(ulimit -v): x.so: failed to map"),
        (OSError(errno.EFBIG, "File too large", "r/a.csv"), "r/a.csv: File too large (ulimit -f)"),
        (OSError(errno.ENOSPC, "No space left on device"), "No space left on device"),
    ],
    ids=["memory", "loader", "file", "disk"],
)
def test_what_the_machine_lacks_is_one_line(
    error: Exception, told: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fails(_words: list[str]) -> None:
        raise error

    monkeypatch.setattr(cli, "parse", fails)
    assert cli.main(["list"]) == 2
    err = capsys.readouterr().err
    assert told in err
    assert err.count("\n") == 1
