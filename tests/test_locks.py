"""Where a file system has no locks, rows are written all the same, and no run's directory is taken away."""

import errno
import fcntl
from pathlib import Path

import pytest

from bench import locks
from bench.measure import scratch
from bench.results import Store
from tests.rows import row


@pytest.fixture
def without_locks(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_file: object, _operation: int) -> None:
        raise OSError(errno.ENOSYS, "Function not implemented")

    monkeypatch.setattr(fcntl, "flock", refuse)


def test_a_directory_says_whether_it_has_locks(tmp_path: Path) -> None:
    assert locks.are_there(tmp_path)


@pytest.mark.usefixtures("without_locks")
def test_rows_are_kept_where_files_cannot_be_locked(tmp_path: Path) -> None:
    assert not locks.are_there(tmp_path)
    Store(tmp_path).append(row(run_id="first"))
    assert [r.run_id for r in Store(tmp_path).rows()] == ["first"]


@pytest.mark.usefixtures("without_locks")
def test_the_directory_of_another_run_stays_where_nobody_knows_whether_it_goes_on(tmp_path: Path) -> None:
    with scratch.scratch(tmp_path, "first") as first, scratch.scratch(tmp_path, "second"):
        assert first.is_dir()
