"""What people see: tables that fit, progress that tells where a run is."""

import io
import json
import re
from types import SimpleNamespace

import pytest
from rich.console import Console

from bench import catalog
from bench.cli import main, progress, terminal
from bench.measure.messages import RunProgress
from tests.report.rows import GIB, MILLION, every_status, failed, row, unstarted

_QUERY = RunProgress("query", 10.0, 450_000, 0.45, memory_bytes=GIB)
_WIDTHS = (40, 60, 80, 200)
PLANNED = SimpleNamespace(run_id="id", workload=MILLION, expected_seconds=None)


def shown(monkeypatch: pytest.MonkeyPatch, width: int) -> io.StringIO:
    """Where the tables go: a terminal of a width."""
    out = io.StringIO()
    console = Console(file=out, width=width, force_terminal=True, color_system=None, highlight=False)
    monkeypatch.setattr(terminal, "_console", lambda: console)
    return out


def live(width: int, *messages: RunProgress, of: int = 15) -> str:
    """All that a live display wrote while a run went on."""
    out = io.StringIO()
    console = Console(file=out, width=width, force_terminal=True, color_system=None, highlight=False)
    display = progress._Live(console, 8 * GIB, {"id": "annoy_loop n_trees=50 threads=2"})
    display.begins(PLANNED, 3, of)
    for message in messages:
        display.progress(message)
        console.print(display._render())
    display.ends(row("annoy_loop"))
    return out.getvalue()


@pytest.mark.parametrize("width", [60, 80, 200])
def test_the_table_of_every_status_fits_and_tells_why_some_did_not_succeed(
    width: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = shown(monkeypatch, width)
    rows = [*every_status(), row("x" * 70, seconds=123.4, recall=0.99999)]
    terminal.print_table((one.strategy, one) for one in rows)
    lines = out.getvalue().splitlines()
    assert max(map(len, lines)) <= width
    assert ("query" in lines[0]) == (width >= 80)
    together = " ".join(" ".join(lines).split())
    assert "breaks: RuntimeError: it broke" in together
    assert "0.99999" in together
    assert "~83.2 min" in together


def test_a_reason_that_several_share_is_said_once(monkeypatch: pytest.MonkeyPatch) -> None:
    out = shown(monkeypatch, 80)
    rows = [failed("x", "crashed", "it broke", repeat=i) for i in range(1, 4)]
    terminal.print_table((f"x #{one.repeat}", one) for one in rows)
    assert out.getvalue().count("it broke") == 1
    assert "x #1 and 2 more: it broke" in out.getvalue()


def test_a_first_start_that_is_not_in_the_total_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    out = shown(monkeypatch, 80)
    rows = [row("x", first_start_seconds=50.0), row("y", first_start_seconds=50.0, first_start=True)]
    terminal.print_table((one.strategy, one) for one in rows)
    assert out.getvalue().count("its first start took 50 s, not in the total") == 1
    assert "x: its first start" in out.getvalue()


def test_names_and_reasons_with_markup_are_shown_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    out = shown(monkeypatch, 80)
    terminal.print_table([("[red]x[/]", unstarted("x", "unavailable", "[bold]\nno[/]"))])
    assert "[red]x[/]" in out.getvalue()
    assert "[bold] no[/]" in out.getvalue()


@pytest.mark.parametrize("width", _WIDTHS)
def test_progress_tells_the_run_time_left_and_memory_against_its_limit_at_any_width(width: int) -> None:
    written = live(width, _QUERY)
    for told in ("[3/15]", "1 GiB of 8 GiB", "12.2 s left", "0 of 15 ended"):
        assert told in written
    if width >= 80:
        assert "annoy_loop n_trees=50 threads=2" in written
        assert "45,000 rows/s, 450,000 of 1,000,000" in written


def test_a_single_run_has_no_line_about_the_series() -> None:
    assert "ended" not in live(80, _QUERY, of=1)


def test_the_seconds_of_other_phases_are_shown_and_nothing_is_made_up() -> None:
    written = live(80, RunProgress("fit", 12.0), RunProgress("judging"))
    assert "12 s" in written
    assert "left" not in written


def test_where_there_is_no_terminal_no_line_moves(capsys: pytest.CaptureFixture[str]) -> None:
    display = progress.display(8 * GIB, {"id": "x"})
    display.begins(PLANNED, 1, 1)
    display.progress(_QUERY)
    display.ends(row("x", seconds=3.0))
    assert capsys.readouterr().err == "[1/1] x ok: 3 s, peak 512 MiB, recall 1.000\n"


def test_a_silent_library_is_named_with_what_is_expected_of_it_on_a_terminal_and_elsewhere(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    silent = RunProgress("fit", 75.0, memory_bytes=GIB)
    display = progress.display(8 * GIB, {"id": "x"})
    clock = iter(range(0, 1000, 40))
    monkeypatch.setattr(progress.time, "perf_counter", lambda: next(clock))
    display.begins(SimpleNamespace(run_id="id", workload=MILLION, expected_seconds=240.0), 1, 1)
    for _ in range(3):
        display.progress(silent)
    lines = capsys.readouterr().err.splitlines()
    assert re.fullmatch(r"\[1/1\] x fit, 75 s, [\d.]+ min of about 4 min in all, 1 GiB of 8 GiB", lines[0])
    assert len(lines) < 3
    assert "of about 4 min in all" not in display.state(RunProgress("judging", 3.0))


def test_no_color_is_heeded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    out = io.StringIO()
    console = Console(file=out, width=80, force_terminal=True)
    monkeypatch.setattr(terminal, "_console", lambda: console)
    terminal.print_table([("x", row("x"))])
    assert "\x1b[3" not in out.getvalue()


def test_list_shows_every_strategy_with_its_parameters(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list"]) == 0
    out = capsys.readouterr().out
    assert max(map(len, out.splitlines())) <= 80
    assert all(name in out for name in catalog.names())
    assert "n_trees=" in out
    assert main(["list", "--json"]) == 0
    listings = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [listing["strategy"] for listing in listings] == catalog.names()
    assert all(listing["description"].endswith(".") for listing in listings)


def test_list_says_what_is_missing(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalog, "version", lambda name: None if name == "annoy" else "1.0")
    main(["list"])
    out = " ".join(capsys.readouterr().out.split())
    assert "not installed: annoy; `make install-all` brings it" in out
    monkeypatch.setattr(catalog, "DIRECTORY", catalog.DIRECTORY / "strategies")
    assert catalog.install_command() == 'pip install "allknn-bench[contenders]"'
