"""A report draws again what changed, and nothing else."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from bench.analysis.summary import groups
from bench.report import drawings, write_report
from bench.report.drawings import Drawing, Figures, Wanted, figures_of_group, provide
from bench.results import Store
from tests.report.results import leave
from tests.report.rows import ENVIRONMENT, MILLION, row

_OTHER = replace(MILLION, name="other", content_hash="b" * 16)


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many figures each report drew, quickly."""
    counts = []

    def draw(wanted: Sequence[Wanted]) -> list[Figures]:
        counts.append(len(wanted))
        svg = b"<svg xmlns='http://www.w3.org/2000/svg'/>"
        return [
            Figures([Drawing("runtime", "Runtime", "What to see.", one.of.encode(), svg)]) for one in wanted
        ]

    monkeypatch.setattr(drawings, "_draw", draw)
    return counts


def test_a_row_more_has_the_figures_of_its_own_points_drawn_again(tmp_path: Path, drawn: list[int]) -> None:
    leave(tmp_path, [row(), row("a", workload=_OTHER)])
    first = write_report(tmp_path).read_text()
    assert write_report(tmp_path).read_text() == first
    Store(tmp_path).append(row("b", workload=_OTHER), ENVIRONMENT)
    write_report(tmp_path)
    assert drawn == [2, 0, 1]


def test_only_plots_that_are_asked_for_are_drawn_and_others_are_kept(
    tmp_path: Path, drawn: list[int]
) -> None:
    first, other = row(), row("a", workload=_OTHER)
    leave(tmp_path, [first, other])
    page = write_report(tmp_path, plots_of=()).read_text()
    assert "report --plots" in page
    assert "<img" not in page
    for asked in ([other.run_id], (), None, ()):
        write_report(tmp_path, plots_of=asked)
    assert drawn == [0, 1, 0, 1, 0]
    assert {path.name for path in (tmp_path / "plots").glob("*.png")} == {
        "million-runtime.png",
        "other-runtime.png",
    }
    Store(tmp_path).append(row("b", workload=_OTHER), ENVIRONMENT)
    write_report(tmp_path, plots_of=())
    assert [path.name for path in (tmp_path / "plots").glob("*.png")] == ["million-runtime.png"]


def test_a_figure_that_was_changed_or_deleted_is_drawn_again(tmp_path: Path, drawn: list[int]) -> None:
    write_report(leave(tmp_path, [row()]))
    kept = (tmp_path / "plots" / "million-runtime.png").read_bytes()
    (tmp_path / "plots" / "million-runtime.png").write_bytes(b"changed")
    write_report(tmp_path)
    (tmp_path / "plots" / "million-runtime.svg").unlink()
    write_report(tmp_path)
    assert drawn == [1, 1, 1]
    assert (tmp_path / "plots" / "million-runtime.png").read_bytes() == kept


@pytest.mark.parametrize("torn", ["", "[]", "{", '{"a": 1}'])
def test_a_torn_list_of_figures_costs_time_and_nothing_else(
    tmp_path: Path, drawn: list[int], torn: str
) -> None:
    write_report(leave(tmp_path, [row()]))
    (tmp_path / "plots" / ".drawn.json").write_text(torn)
    write_report(tmp_path)
    assert drawn == [1, 1]


def test_new_samples_of_the_same_run_have_its_figures_drawn_again(tmp_path: Path) -> None:
    made = row()
    group, homes = groups([made])[0], {made.run_id: leave(tmp_path, [made])}
    before = figures_of_group(group, homes).of
    assert figures_of_group(group, homes).of == before
    (tmp_path / "samples" / f"{made.run_id}.csv").write_text("seconds\n1\n")
    assert figures_of_group(group, homes).of != before


@pytest.mark.slow
def test_several_processes_draw_the_same_figures_as_one() -> None:
    wanted = [figures_of_group(groups([row(name)])[0], {}) for name in ("a", "b", "c")]
    several = provide(wanted, drawings.KeptFigures(Path("nowhere")))
    assert several[2].drawings == wanted[2].drawn().drawings
    assert [figures.chart is not None for figures in several] == [True] * 3
