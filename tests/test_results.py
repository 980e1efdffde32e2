"""The store: nothing that was written is lost, nothing half-written is believed."""

import json
import multiprocessing
import os
import resource
from pathlib import Path

import pytest

from bench.results import Store, to_frame, write_atomically
from tests.rows import row


def append_many(directory: Path, first: int) -> None:
    for number in range(first, first + 50):
        Store(directory).append(row(run_id=f"r{number}", reason="x" * 5000))


def test_a_row_comes_back_as_it_was_written(tmp_path: Path) -> None:
    written = row(params={"a": -1, "b": [0, 5], "c": None}, reason='quotes " and\nlines')
    Store(tmp_path).append(written, {"cpu": "some"})
    assert Store(tmp_path).rows() == [written]


def test_two_harnesses_may_write_at_once(tmp_path: Path) -> None:
    writers = [multiprocessing.Process(target=append_many, args=(tmp_path, first)) for first in (0, 50)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert sorted(r.run_id for r in Store(tmp_path).rows()) == sorted(f"r{n}" for n in range(100))


@pytest.mark.parametrize("cut", [1, 100, 500])
def test_a_torn_last_line_is_set_aside_and_the_rows_before_it_stay(tmp_path: Path, cut: int) -> None:
    store = Store(tmp_path)
    store.append(row(run_id="first"))
    store.append(row(run_id="second"))
    content = store.path.read_bytes()
    store.path.write_bytes(content[:-cut])
    assert [r.run_id for r in store.rows()] == ["first"]
    store.append(row(run_id="third"))
    assert [r.run_id for r in store.rows()] == ["first", "third"]
    assert store.torn_lines() == 1
    assert (tmp_path / "measurements.torn").read_bytes().rstrip(b"\n") in content


def test_a_disk_that_fills_up_leaves_the_rows_before_whole(tmp_path: Path) -> None:
    def fill() -> None:
        store = Store(tmp_path)
        store.append(row(run_id="first"))
        resource.setrlimit(resource.RLIMIT_FSIZE, (store.path.stat().st_size + 100,) * 2)
        with pytest.raises(OSError, match="File too large"):
            store.append(row(run_id="second"))

    writer = multiprocessing.get_context("fork").Process(target=fill)
    writer.start()
    writer.join()
    assert writer.exitcode == 0
    assert [r.run_id for r in Store(tmp_path).rows()] == ["first"]


def test_of_a_run_measured_anew_the_last_row_counts(tmp_path: Path) -> None:
    for status in ("interrupted", "ok"):
        Store(tmp_path).append(row(status=status))
    assert [r.status for r in Store(tmp_path).latest()] == ["ok"]


@pytest.mark.parametrize(
    ("status", "stored", "limit", "done"),
    [
        ("ok", 10.0, 600.0, True),
        ("wrong", 10.0, 600.0, True),
        ("timeout", 10.0, 10.0, True),
        ("timeout", 10.0, 600.0, False),
        ("partial", 600.0, 10.0, True),
        ("partial", None, None, True),
        ("partial", 600.0, None, False),
        ("crashed", 10.0, 10.0, False),
        ("interrupted", 10.0, 10.0, False),
        ("unavailable", 10.0, 10.0, False),
    ],
)
def test_a_run_is_done_unless_a_larger_limit_could_change_its_end(
    status: str, stored: float | None, limit: float | None, done: bool
) -> None:
    assert row(status=status, time_limit_seconds=stored).is_done(limit, None, None) is done


def test_a_run_stopped_early_is_not_done_when_all_rows_are_asked_for() -> None:
    stopped = row(status="partial", stop_after_rows=100)
    assert stopped.is_done(None, None, 100)
    assert not stopped.is_done(None, None, 500)
    assert not stopped.is_done(None, None, None)


def test_rows_of_another_schema_version_are_still_read(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.append(row())
    line = json.loads(store.path.read_text())
    line |= {"schema": 99, "field_of_the_future": 1}
    del line["series_id"]
    store.path.write_text(json.dumps(line) + "\n")
    assert store.rows()[0].strategy == "annoy_loop"


def test_the_table_has_one_flat_line_a_row() -> None:
    frame = to_frame([row(), row(params={"x": "a,b\n"})])
    assert list(frame["workload_n"]) == [1000, 1000]
    assert list(frame["params"]) == ['{"n_trees": 10}', '{"x": "a,b\\n"}']


def test_a_file_replaced_in_one_step_leaves_no_draft_behind(tmp_path: Path) -> None:
    write_atomically(tmp_path / "a.txt", b"new")
    assert [p.name for p in tmp_path.iterdir()] == ["a.txt"]


@pytest.mark.parametrize(("mask", "mode"), [(0o022, 0o644), (0o077, 0o600), (0o002, 0o664)])
def test_a_replaced_file_may_be_read_by_whom_the_user_lets(tmp_path: Path, mask: int, mode: int) -> None:
    before = os.umask(mask)
    try:
        write_atomically(tmp_path / "table.csv", b"a")
    finally:
        os.umask(before)
    assert (tmp_path / "table.csv").stat().st_mode & 0o777 == mode
