from dataclasses import replace
from pathlib import Path

from bench.report import write_report
from bench.report.records import read
from bench.results import TORN, Measurement, Store
from tests.report.results import leave
from tests.report.rows import row


def _results(path: Path, *rows: Measurement) -> Path:
    path.mkdir()
    return leave(path, rows)


def test_rows_of_several_directories_come_with_what_lies_beside_them(tmp_path: Path) -> None:
    here, there = row("a", seconds=1.0), row("b", seconds=2.0, environment="env2")
    records = read([_results(tmp_path / "one", here), _results(tmp_path / "two", there)])
    assert {r.strategy for r in records.rows} == {"a", "b"}
    assert records.homes == {here.run_id: tmp_path / "one", there.run_id: tmp_path / "two"}
    assert set(records.environments) == {"env1", "env2"}


def test_of_a_run_in_two_directories_the_one_measured_last_counts_in_any_order(tmp_path: Path) -> None:
    old = row(started_at="2024-01-01")
    new = replace(old, started_at="2025-01-01", total_seconds=7.0)
    places = [_results(tmp_path / "one", new), _results(tmp_path / "two", old)]
    for order in (places, places[::-1]):
        records = read(order)
        assert [r.total_seconds for r in records.rows] == [7.0]
        assert records.homes == {old.run_id: tmp_path / "one"}


def test_a_directory_named_twice_counts_once(tmp_path: Path) -> None:
    place = _results(tmp_path / "one", row())
    (place / TORN).write_text("half a li\n")
    assert read([place, place / ".." / "one"]).torn_lines == 1


def test_descriptions_of_points_are_read_from_all(tmp_path: Path) -> None:
    places = [_results(tmp_path / name, row(name)) for name in ("one", "two")]
    for place in places:
        Store(place).describe_workload(f"hash of {place.name}", {"n": 5})
    assert set(read(places).workloads) == {"hash of one", "hash of two"}


def test_a_page_of_two_directories_is_written_to_the_first_with_logs_of_both(tmp_path: Path) -> None:
    places = [_results(tmp_path / name, row(name, seconds=s)) for name, s in (("one", 1.0), ("two", 2.0))]
    page = write_report(*places)
    assert page == tmp_path / "one" / "report.html"
    assert not (tmp_path / "two" / "report.html").exists()
    html = page.read_text(encoding="utf-8")
    assert "line 29 of &lt;i&gt;one" in html
    assert "line 29 of &lt;i&gt;two" in html
