"""Rows that are not understood are left out and said; they never spoil a results directory."""

import json
from dataclasses import asdict, fields
from pathlib import Path

import pytest

from bench.cli import main
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


CONFLICT = b"<<<<<<< HEAD\n=======\n>>>>>>> other\n"
COMMANDS = (
    ["report", "--results", "r"],
    ["run", "sklearn_matrix", "--workload", "small", "--results", "r"],
    ["compare", "r", "r"],
    ["predict", "-n", "1e6", "--results", "r"],
    ["advise", "--results", "r"],
)


@pytest.fixture
def spoiled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file of rows with the markers of a merge, a cut line and a row that is not understood."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ALLKNN_CACHE", str(tmp_path / "cache"))
    store = Store(tmp_path / "r")
    store.directory.mkdir()
    store.append(row("sklearn_matrix"))
    with store.path.open("ab") as file:
        file.write(CONFLICT + b'{"run_id": "cut\n{"schema": 1}\n')
    store.append(row("annoy_loop"))
    return store.path


@pytest.mark.parametrize("words", COMMANDS, ids=lambda words: words[0])
def test_a_command_that_reads_rows_names_the_line_that_is_no_json_and_writes_nothing(
    words: list[str], spoiled: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = spoiled.read_bytes()
    assert main(words) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert "r: line 2 of measurements.jsonl is a conflict marker of git, and 3 more are not JSON" in err
    assert "`allknn-bench report --results r --skip-bad-lines`" in err
    assert spoiled.read_bytes() == before
    assert {path.name for path in spoiled.parent.iterdir()} == {spoiled.name}


def test_the_other_lines_are_kept_where_that_is_asked_for(
    spoiled: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = spoiled.read_bytes()
    assert main(["report", "--results", "r", "--skip-bad-lines"]) == 0
    assert "r: 4 lines were set aside in measurements.torn" in capsys.readouterr().err
    assert (spoiled.parent / "measurements.torn").read_bytes() == CONFLICT + b'{"run_id": "cut\n'
    assert len(spoiled.read_bytes()) == len(before)
    assert [kept.strategy for kept in Store(spoiled.parent).rows()] == ["sklearn_matrix", "annoy_loop"]
    assert main(["compare", "r", "r"]) == 0
    assert main(["report", "--results", "r", "--skip-bad-lines"]) == 0
    assert "set aside in" not in capsys.readouterr().err
