"""The command as a user runs it: rows, resumption, interruption, and death at any instant."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from bench.cli import main
from bench.measure.scratch import scratch
from bench.results import Store
from tests.measure.runs import fake
from tests.processes import command_lines

pytestmark = pytest.mark.slow

SLOW = fake("answers_slowly")


@dataclass(frozen=True)
class Done:
    """A command that has ended well: where its results and its cache are, what it printed."""

    directory: Path
    out: str
    err: str

    @property
    def cache(self) -> dict[str, str]:
        return {"ALLKNN_CACHE": str(self.directory / "cache")}

    def copy_to(self, directory: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        """Go on in another directory from there; return its results."""
        monkeypatch.chdir(directory)
        monkeypatch.setenv("ALLKNN_CACHE", self.cache["ALLKNN_CACHE"])
        shutil.copytree(self.directory / "results", directory / "results")
        return directory / "results"


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Done:
    directory = tmp_path_factory.mktemp("done")
    told = Done(directory, "", "")
    words = [sys.executable, "-m", "bench", *sweep(0.0, more=("--json",))]
    ran = subprocess.run(
        words, cwd=directory, env=os.environ | told.cache, capture_output=True, text=True, check=True
    )
    return replace(told, out=ran.stdout, err=ran.stderr)


@pytest.fixture
def without_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bench.report.write_report", lambda *_, **__: None)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Callable[..., "subprocess.Popen[str]"]]:
    """Start the command in a directory of its own; whatever is left of it is killed afterwards."""
    started = []
    environment = os.environ | {"ALLKNN_CACHE": str(tmp_path / "cache")}

    def start(*words: str) -> "subprocess.Popen[str]":
        started.append(
            subprocess.Popen(
                [sys.executable, "-m", "bench", *words],
                cwd=tmp_path,
                env=environment,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
        )
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.communicate()


def alive(directory: Path) -> list[str]:
    """Command lines of processes that work for runs in a directory."""
    return command_lines(str(directory), "bench.measure")


def wait_until(true: Callable[[], bool], seconds: float = 60) -> bool:
    """Poll a condition; False where it does not come true in time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if true():
            return True
        time.sleep(0.02)
    return False


def sweep(*values: float, more: tuple[str, ...] = ()) -> list[str]:
    listed = ",".join(map(str, values))
    words = [
        "run",
        SLOW,
        "--workload",
        "small",
        "-n",
        "500",
        "--set",
        f"answers_slowly.pause_seconds={listed}",
    ]
    return [*words, "--truth-rows", "50", *more]


def test_a_run_leaves_rows_table_plots_and_page_and_is_not_run_again(
    tmp_path: Path, done: Done, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (row,) = map(json.loads, done.out.splitlines())
    assert (row["status"], row["recall"]) == ("ok", 1.0)
    results = done.copy_to(tmp_path, monkeypatch)
    names = {path.name for path in results.iterdir()}
    assert names >= {"measurements.jsonl", "measurements.csv", "environments.jsonl", "report.html"}
    assert {path.suffix for path in (results / "plots").glob("[!.]*")} == {".png", ".svg"}
    assert str(results.name) in done.err
    assert main(sweep(0.0)) == 0
    again = capsys.readouterr()
    assert "1 planned, 1 measured already, 0 to run" in again.err
    assert "answers_slowly" in again.out
    assert main(sweep(0.0, more=("--fresh", "--dry-run"))) == 0
    assert "1 planned, 0 measured already, 1 to run" in capsys.readouterr().err
    assert len(Store(results).rows()) == 1


def test_ctrl_c_keeps_what_was_measured_and_leaves_an_interrupted_row_and_no_process(
    tmp_path: Path, bench: Callable[..., "subprocess.Popen[str]"]
) -> None:
    store = Store(tmp_path / "results")
    process = bench(*sweep(0.0, 60.0))
    assert wait_until(lambda: len(store.rows()) == 1 and len(alive(tmp_path)) >= 2)
    process.send_signal(signal.SIGINT)
    process.communicate()
    assert process.returncode == 130
    assert [row.status for row in store.rows()] == ["ok", "interrupted"]
    assert alive(tmp_path) == []
    assert not [path for path in store.directory.iterdir() if path.name.startswith(".")]


def test_killed_at_random_instants_it_continues_with_what_is_missing(
    tmp_path: Path, bench: Callable[..., "subprocess.Popen[str]"]
) -> None:
    instants = random.Random(1)
    wanted = (0.0, 0.01, 0.02)
    for _ in range(5):
        process = bench(*sweep(*wanted))
        try:
            process.wait(timeout=instants.uniform(0.3, 3.0))
        except subprocess.TimeoutExpired:
            process.kill()
        process.communicate()
        assert wait_until(lambda: alive(tmp_path) == [], seconds=10)
    process = bench(*sweep(*wanted))
    process.communicate()
    rows = Store(tmp_path / "results").rows()
    assert process.returncode == 0
    assert sorted(row.params["pause_seconds"] for row in rows) == list(wanted)
    assert {row.status for row in rows} == {"ok"}
    assert not [p for p in (tmp_path / "results").iterdir() if p.name.startswith(".")]


def test_each_failure_is_a_row_and_only_that_of_a_single_run_is_one_of_the_command(
    tmp_path: Path, done: Done, without_page: None, capsys: pytest.CaptureFixture[str]
) -> None:
    places = ["--results", str(tmp_path), "--cache", str(done.directory / "cache")]
    points = ["--workload", "small", "-n", "500"]
    assert main(["run", fake("raises"), fake("segfaults"), *points, *places]) == 0
    assert [row.status for row in Store(tmp_path).rows()] == ["crashed", "crashed"]
    assert capsys.readouterr().out.count("crashed") == 2
    assert main(["run", fake("raises"), *points, *places]) == 1
    assert main(["run", fake("raises"), *points, "--keep-going", *places]) == 0


def test_a_full_disk_is_one_line_and_the_rows_before_it_stay(
    tmp_path: Path, done: Done, without_page: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store(done.copy_to(tmp_path, monkeypatch))
    limited = ["sh", "-c", 'ulimit -f 40; exec "$0" "$@"', sys.executable, "-m", "bench", *sweep(0.0, 0.01)]
    ran = subprocess.run([*limited, "-k", "100"], capture_output=True, text=True, check=False)
    assert ran.returncode == 2
    assert "Traceback" not in ran.stderr
    assert "File too large" in ran.stderr.splitlines()[-1]
    assert [row.status for row in store.rows()] == ["ok"]
    assert main(sweep(0.0, 0.01)) == 0
    assert [row.status for row in store.rows()] == ["ok", "ok"]


def test_what_a_killed_harness_left_behind_is_removed_by_the_next(
    tmp_path: Path, done: Done, without_page: None
) -> None:
    results = tmp_path / "results"
    left, mine = results / ".0123456789abcdef-left", results / ".my-notes"
    left.mkdir(parents=True)
    with scratch(results, "killed") as killed:
        shutil.copy(killed / "lock", left)
    mine.mkdir()
    (mine / "lock").touch()
    places = ("--results", str(results), "--cache", str(done.directory / "cache"))
    assert main(sweep(0.0, more=places)) == 0
    assert not left.exists()
    assert (mine / "lock").exists()
