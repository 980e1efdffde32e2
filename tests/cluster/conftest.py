"""One cluster of two workers on this machine, and runs of the command that can be disturbed midway."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bench import cluster
from bench.cluster import Cluster
from bench.results import Measurement, Store
from tests import clusters
from tests.measure.runs import fake

N_SAMPLES = 600
N_TASKS = 24


@dataclass
class Place:
    """A directory with a cache of its own, whose cluster the command finds by itself."""

    directory: Path

    @property
    def cluster_directory(self) -> Path:
        return cluster.directory(self.directory / "cache")


@dataclass
class Run:
    """The command as it runs; its tasks note who does them."""

    process: "subprocess.Popen[str]"
    home: Path

    def doers(self) -> list[dict[str, int]]:
        """Python worker, executor and Spark worker of each task that began, in no order."""
        notes = [path for path in (self.home / "notes").iterdir() if not path.suffix]
        return [json.loads(note.read_text()) for note in notes]

    def reach(self, share: float) -> list[dict[str, int]]:
        """Wait until such a share of the tasks has begun."""
        self._wait(lambda: len(self.doers()) >= share * N_TASKS)
        return self.doers()

    def reach_the_kill(self) -> None:
        """Wait until a task has killed whoever did it."""
        self._wait((self.home / "notes.killed").exists)

    def _wait(self, reached: Callable[[], bool]) -> None:
        end = time.monotonic() + 120
        while not reached():
            assert self.process.poll() is None, self.process.communicate()
            assert time.monotonic() < end, "the tasks did not get that far"
            time.sleep(0.02)

    def end(self) -> Measurement:
        """Wait for the command; return the row that it left."""
        out, err = self.process.communicate(timeout=200)
        rows = Store(self.home / "results").rows()
        assert rows, (out, err)
        return rows[-1]

    def answer(self) -> dict[str, Any]:
        with np.load(self.home / "answer.npz") as saved:
            return {name: saved[name] for name in saved.files}


@pytest.fixture(scope="session")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    return Place(tmp_path_factory.mktemp("place"))


@pytest.fixture(scope="session")
def pair(place: Place) -> Iterator[Cluster]:
    """Two workers of a core each."""
    yield clusters.start(place.cluster_directory)
    cluster.stop(place.cluster_directory)


@pytest.fixture
def begin(place: Place, tmp_path: Path) -> Iterator[Callable[..., Run]]:
    """Start a slow run on a master; what is left of it is killed afterwards."""
    started: list[Run] = []

    def start(master: str, **params: object) -> Run:
        home = tmp_path / str(len(started))
        (home / "notes").mkdir(parents=True)
        settings = {"notes": home / "notes"} | params
        sets = [w for n, v in settings.items() for w in ("--set", f"spark_answers_slowly.{n}={v}")]
        points = ["--workload", "small", "-n", str(N_SAMPLES), "--truth-rows", "100"]
        kept = ["--master", master, "--save-neighbors", "answer.npz"]
        process = subprocess.Popen(
            [sys.executable, "-m", "bench", "run", fake("spark_answers_slowly"), *points, *sets, *kept],
            cwd=home,
            env=os.environ | {"ALLKNN_CACHE": str(place.directory / "cache"), "TMPDIR": str(tmp_path)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        started.append(Run(process, home))
        return started[-1]

    yield start
    for run in started:
        run.process.kill()
        run.process.communicate()


@pytest.fixture(scope="session")
def undisturbed(place: Place, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The answer of a run that nobody disturbs, without a cluster."""
    from bench.workloads import preset, stage
    from tests.fakes import spark_answers_slowly

    staged = stage(preset("small", n=N_SAMPLES), place.directory / "cache")
    points = np.load(staged.path, mmap_mode="r")
    notes = tmp_path_factory.mktemp("notes")
    indices, distances = spark_answers_slowly.search(
        None, points, range(N_SAMPLES), 10, 1, notes=str(notes), seconds=0.0, kill="", executors=0
    )
    return {"indices": indices, "distances": distances}
