"""``compare`` as a user calls it: the table, the page, the exit code."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from bench.cli import main
from bench.results import Measurement, Store
from tests.analysis.test_before_after import repeated
from tests.report.rows import ENVIRONMENT, failed, row

NASTY = "<script>alert(1)</script>"


@pytest.fixture(autouse=True)
def _in_a_directory_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def leave(name: str, *rows: Measurement, environment: dict[str, Any] = ENVIRONMENT) -> None:
    Path(name).mkdir()
    for one in rows:
        Store(Path(name)).append(one, environment)


def test_a_run_against_itself_passes_and_is_said_to_be_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    leave("a", *repeated("x", 10.0), *repeated("y", 20.0))
    assert main(["compare", "a", "a", "--fail-if-slower", "10%"]) == 0
    out = capsys.readouterr().out
    assert "same directory" in out
    assert out.count("not distinguishable") == 2
    assert "slower" not in out


def test_a_slower_one_is_found_and_exits_with_3_where_it_is_asked_for(
    capsys: pytest.CaptureFixture[str],
) -> None:
    leave("a", *repeated("fast_one", 10.0), *repeated("y", 20.0))
    leave("b", *repeated("fast_one", 12.0), *repeated("y", 20.0))
    assert main(["compare", "a", "b"]) == 0
    assert main(["compare", "a", "b", "--fail-if-slower", "50%"]) == 0
    capsys.readouterr()
    assert main(["compare", "a", "b", "--fail-if-slower", "10%", "--json"]) == 3
    out, err = capsys.readouterr()
    changes = {change["label"]: change for change in json.loads(out)["changes"]}
    assert changes["fast_one"]["verdict"] == "slower"
    assert changes["fast_one"]["low"] > 1.1
    assert [name for name, change in changes.items() if change["worse"]] == ["fast_one"]
    assert "worse by more than 10%: fast_one" in err


def test_markdown_is_printed_for_a_comment_and_not_together_with_json(
    capsys: pytest.CaptureFixture[str],
) -> None:
    leave("a", *repeated("x", 10.0))
    leave("b", *repeated("x", 12.0))
    assert main(["compare", "a", "b", "--markdown"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("**Slower in B: x 1.2")
    assert [line[:4] for line in lines if line.startswith("|")] == ["| St", "|---", "| x "]
    assert main(["compare", "a", "b", "--markdown", "--json"]) == 2


def test_what_fails_now_exits_with_3_whatever_the_share(capsys: pytest.CaptureFixture[str]) -> None:
    leave("a", row("x", seconds=9.0))
    leave("b", failed("x", "crashed", "it broke", seconds=1.0))
    assert main(["compare", "a", "b", "--fail-if-slower", "900%"]) == 3
    assert "fails in B: crashed" in capsys.readouterr().out


def test_different_machines_are_said_to_differ(capsys: pytest.CaptureFixture[str]) -> None:
    leave("a", *repeated("x", 10.0))
    machine = {**ENVIRONMENT["machine"], "cpu": "Another CPU"}
    leave("b", *repeated("x", 10.0), environment=ENVIRONMENT | {"machine": machine})
    main(["compare", "a", "b"])
    out = capsys.readouterr().out
    assert "machines differ" in out
    assert "machine: Some CPU at 2.00 GHz → Another CPU" in out
    page = Path("b/compare.html").read_text()
    assert "machines differ" in page
    assert "Another CPU" in page


def test_disturbed_runs_are_said_to_be_disturbed(capsys: pytest.CaptureFixture[str]) -> None:
    leave("a", *repeated("x", 10.0))
    leave("b", *repeated("x", 10.0, warnings=["others used 1.90 cores during the run"]))
    main(["compare", "a", "b"])
    assert "during 8 of 16 runs" in capsys.readouterr().out
    main(["compare", "a", "a"])
    assert "Other processes" not in capsys.readouterr().out


def test_the_table_fits_80_columns_with_long_names(capsys: pytest.CaptureFixture[str]) -> None:
    rows = [row(f"{'long_name_' * 6}{t}", params={"first_parameter": t, "tree": t * 10**9}) for t in range(3)]
    leave("a", *rows)
    leave("b", *rows, failed("z" * 60, "out_of_memory", "why " * 50))
    main(["compare", "a", "b"])
    out = capsys.readouterr().out
    table = out[out.index("strategy ") :].split("\n\n")[0]
    assert max(map(len, table.splitlines())) <= 80


def test_the_page_is_one_file_that_shows_markup_as_text(capsys: pytest.CaptureFixture[str]) -> None:
    leave("a", *repeated(NASTY, 10.0))
    leave("b", *repeated(NASTY, 20.0))
    assert main(["compare", "a", "b", "--output", "page.html"]) == 0
    assert "page.html" in capsys.readouterr().err
    page = Path("page.html").read_text()
    assert not Path("b/compare.html").exists()
    assert NASTY not in page
    assert "&lt;script&gt;" in page
    assert "default-src 'none'" in page
    assert re.findall(r'(?:src|href)="(?!data:|#)', page) == []


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["a", "missing"], "no measurements in 'missing'"),
        (["a", "b", "--fail-if-slower", "lots"], "invalid share 'lots': use 10% or 0.1"),
        (["a", "b", "--fail-if-slower", "10"], "invalid share '10'"),
        (["a", "b", "--fail-if-slower", "10%"], "have no strategy on the same points in common"),
        (["a", "b", "--output", "nowhere/page.html"], "nowhere"),
        (["a"], "B"),
    ],
)
def test_a_mistake_is_one_line_and_writes_nothing(
    words: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    leave("a", row("x"))
    leave("b", row("y"))
    assert main(["compare", *words]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert told in err
    assert err.count("\n") == 1
    assert not list(Path().glob("**/*.html"))
