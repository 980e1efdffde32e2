"""Rows that are not understood are left out and said; they never spoil a results directory."""

import json
from dataclasses import asdict, fields
from pathlib import Path

import pytest

from bench.report import write_report
from bench.results import Measurement, Store
from bench.workloads import WorkloadId
from tests.report.rows import row

FIELDS = [(field.name,) for field in fields(Measurement)]
FIELDS += [("workload", field.name) for field in fields(WorkloadId)]


def damaged(directory: Path, path: tuple[str, ...], how: object) -> None:
    """Append a row of another strategy with one field missing (``how`` is a function) or with a value."""
    content = asdict(row("odd_one", seconds=3.0))
    holder = content
    for name in path[:-1]:
        holder = holder[name]
    if how is KeyError:
        del holder[path[-1]]
    else:
        holder[path[-1]] = how
    with (directory / "measurements.jsonl").open("a") as file:
        file.write(json.dumps(content) + "\n")


@pytest.mark.parametrize("how", [KeyError, None, "text"], ids=["missing", "null", "text"])
def test_a_row_with_any_one_field_missing_or_odd_spoils_nothing(tmp_path: Path, how: object) -> None:
    Store(tmp_path).append(row("sklearn_matrix"))
    for path in FIELDS:
        damaged(tmp_path, path, how)
    rows, reasons = Store(tmp_path).rows(), Store(tmp_path).misunderstood()
    assert len(rows) + len(reasons) == 1 + len(FIELDS)
    assert len(reasons) > 5
    page = write_report(tmp_path).read_text(encoding="utf-8")
    assert "sklearn_matrix" in page
    assert f"{len(reasons)} lines are not understood and left out: " in page


def test_rows_of_which_nobody_knows_the_time_have_a_report(tmp_path: Path) -> None:
    Store(tmp_path).append(row("elsewhere", seconds=None))
    assert "How long it took is not known" in write_report(tmp_path).read_text(encoding="utf-8")
    Store(tmp_path).append(row("sklearn_matrix"))
    assert "elsewhere" in write_report(tmp_path).read_text(encoding="utf-8")


def test_lines_that_are_no_rows_are_left_out(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.append(row("sklearn_matrix"), {"cpu": "some"})
    for name in ("measurements.jsonl", "environments.jsonl", "workloads.jsonl"):
        with (tmp_path / name).open("a") as file:
            file.write("not JSON\n[1]\n{}\n")
    assert len(store.rows()) == 1
    assert store.misunderstood()[:2] == [
        "line 2 of measurements.jsonl is not a JSON object",
        "line 3 of measurements.jsonl is not a JSON object",
    ]
    assert list(store.environments()) == ["env1"]
    assert "sklearn_matrix" in write_report(tmp_path).read_text(encoding="utf-8")
