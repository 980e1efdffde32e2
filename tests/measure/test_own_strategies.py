"""A strategy in a user's file: processes find it, failures tell their cause, no memory is left behind."""

import os
import sys
from pathlib import Path

import pytest

from bench import catalog
from bench.measure import causes
from bench.measure.schedule import Limits
from bench.user_modules import make_importable
from tests.measure.runs import fake, run

pytestmark = pytest.mark.slow

MIB = 1 << 20


@pytest.mark.parametrize("by", ["joblib", "spawn", pytest.param("spark", marks=pytest.mark.spark)])
def test_processes_of_a_strategy_in_a_file_find_its_module(tmp_path: Path, by: str) -> None:
    row = run(tmp_path, fake("uses_processes"), Limits(time_seconds=240), by=by)
    assert (row.status, row.reason, row.recall) == ("ok", "", 1.0)


def test_a_file_named_like_a_library_it_imports_says_so(tmp_path: Path) -> None:
    (tmp_path / "annoy.py").write_text("from annoy import AnnoyIndex\n")
    with pytest.raises(
        ValueError, match=r"^annoy\.py is named like the library annoy that it imports: rename"
    ):
        catalog.load(str(tmp_path / "annoy.py"))


BESIDE = """\
from dataclasses import dataclass
import numpy as np
import helper_beside
from bench.strategy import Entry, Neighbors, Strategy

@dataclass
class Beside(Strategy):
    def fit(self, points):
        self._points = np.array(points)

    def kneighbors(self, k):
        rows = np.arange(len(self._points))
        yield Neighbors(rows, *helper_beside.nearest(self._points, k))

strategy = Entry(Beside, exact=True)
"""
HELPER = """\
import numpy as np

def nearest(points, k):
    distances = np.sqrt(((points[:, None] - points) ** 2).sum(2))
    np.fill_diagonal(distances, np.inf)
    indices = np.argsort(distances, axis=1)[:, :k]
    return indices.astype(np.int32), np.take_along_axis(distances, indices, 1)
"""


def test_a_module_beside_a_file_is_found_and_files_where_one_works_hide_no_library(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine, working = tmp_path / "mine", tmp_path / "working"
    mine.mkdir()
    working.mkdir()
    (mine / "beside.py").write_text(BESIDE)
    (mine / "helper_beside.py").write_text(HELPER)
    for place in (mine, working):
        for name in ("numpy", "random", "threadpoolctl", "bench", "strategies"):
            (place / f"{name}.py").write_text("raise SystemExit('the wrong one')\n")
    monkeypatch.chdir(working)
    monkeypatch.setattr(sys, "path", [*sys.path])
    row = run(tmp_path, str(mine / "beside.py"))
    assert (row.status, row.reason, row.recall) == ("ok", "", 1.0)


def test_the_module_of_a_file_is_importable_by_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", "/first")
    monkeypatch.setenv("PYSPARK_PYTHON", "undone after the test")
    monkeypatch.delenv("PYSPARK_PYTHON")
    monkeypatch.syspath_prepend(str(tmp_path))
    path = tmp_path / "my strategy.v2.py"
    path.write_text(Path(fake("sleeps")).read_text())
    listing = catalog.load(str(path))
    make_importable(path, tmp_path / "modules")
    assert os.environ["PYTHONPATH"] == f"/first:{tmp_path / 'modules'}"
    assert os.environ["PYSPARK_PYTHON"] == sys.executable
    (shim,) = (tmp_path / "modules").iterdir()
    assert shim.stem == listing.entry.factory.__module__
    assert str(path) in shim.read_text()


def test_a_failure_tells_what_it_was_caused_by() -> None:
    wrapper = RuntimeError("A task has failed to un-serialize.")
    wrapper.__cause__ = ModuleNotFoundError("No module 'a'")
    assert causes.in_one_line(wrapper) == (
        "RuntimeError: A task has failed to un-serialize.; cause: ModuleNotFoundError: No module 'a'"
    )
    remote = RuntimeError(
        "Job aborted due to stage failure\nTraceback (most recent call last):\n  File 'x'\n"
        "ValueError: k is 9\n\n\tat org.apache.spark.Whatever"
    )
    assert causes.in_one_line(remote) == "RuntimeError: ValueError: k is 9"
    summary = RuntimeError("no executor is left, for 2 s now")
    summary.__cause__ = OSError(
        "Job 3 cancelled no executor is left, for 2 s now. Driver stacktrace: at x, at y"
    )
    assert causes.in_one_line(summary) == "RuntimeError: no executor is left, for 2 s now"
    assert causes.in_one_line(ValueError("just this")) == "ValueError: just this"
    assert causes.in_one_line(KeyboardInterrupt()) == "KeyboardInterrupt"


def test_at_the_time_limit_the_log_ends_with_where_the_worker_was(tmp_path: Path) -> None:
    row = run(tmp_path, fake("leaves_shared_memory"), Limits(time_seconds=1))
    assert row.status == "timeout"
    (log,) = (tmp_path / "results").rglob("*.log")
    assert "leaves_shared_memory.py" in log.read_text()
    assert "in fit" in log.read_text()


def test_shared_memory_of_a_run_that_was_ended_is_removed(tmp_path: Path) -> None:
    name = f"allknn-test-{os.getpid()}"
    others = Path("/dev/shm", f"{name}-others")
    others.touch()
    try:
        row = run(tmp_path, fake("leaves_shared_memory"), Limits(time_seconds=2), name=name)
        assert row.status == "timeout"
        assert not Path("/dev/shm", name).exists()
        assert others.exists()
    finally:
        others.unlink()


def test_memory_in_files_of_tmpfs_counts_though_it_is_not_mapped(tmp_path: Path) -> None:
    row = run(tmp_path, fake("leaves_shared_memory"), mib=100, seconds=0.1)
    assert row.peak_anonymous_bytes is not None
    assert row.peak_anonymous_bytes > 100 * MIB
    row = run(tmp_path, fake("leaves_shared_memory"), Limits(60, 80 * MIB), mib=100, seconds=0.1)
    assert row.status == "out_of_memory"
