import warnings
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from matplotlib import pyplot as plt

from bench import catalog
from bench.analysis.summary import groups
from bench.report.figures.bars import draw_memory, draw_runtime
from bench.report.figures.of_group import draw
from bench.report.figures.palette import color, marker
from bench.report.figures.samples import read_samples
from bench.report.figures.scatter import draw_memory_time, draw_recall
from bench.results import Measurement
from tests.report.results import leave
from tests.report.rows import every_status, failed, row, unstarted


def _draw_all(rows: list[Measurement], directory: Path) -> dict[str, bytes]:
    leave(directory, rows)
    (group,) = groups(rows)
    homes = {made.run_id: directory for made in rows}
    return {drawing.name: drawing.svg for drawing in draw(group, homes)}


def test_all_figures_are_drawn_for_rows_of_every_status(tmp_path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        drawn = _draw_all(every_status(), tmp_path)
    assert {"runtime", "memory", "recall-time", "memory-time", "memory-over-time"} <= set(drawn)
    for svg in drawn.values():
        assert ET.fromstring(svg).tag.endswith("svg")  # noqa: S314 (made here)


def test_the_same_rows_give_the_same_files(tmp_path: Path) -> None:
    assert _draw_all([row()], _made(tmp_path / "a")) == _draw_all([row()], _made(tmp_path / "b"))


def test_drawing_leaves_no_figure_open(tmp_path: Path) -> None:
    _draw_all([row()], tmp_path)
    assert plt.get_fignums() == []


def test_names_that_look_like_markup_or_mathematics_are_drawn_as_they_are(tmp_path: Path) -> None:
    assert _draw_all([row("<b>$x^{$_&amp;"), row("$"), row("a" * 500)], tmp_path)


def test_nothing_is_drawn_of_what_is_not_known(tmp_path: Path) -> None:
    (group,) = groups([unstarted("a", "unavailable", "not installed")])
    assert draw(group, {}) == []


def test_a_failure_is_drawn_open_at_its_limit_and_not_as_a_success() -> None:
    (group,) = groups([failed("a", "timeout", "too slow", seconds=600.0)])
    drawing = draw_runtime(group)
    assert drawing is not None
    assert b"<pattern" in drawing.svg  # the hatch
    assert draw_recall(group) is None
    assert draw_memory_time(group) is not None


def test_the_caption_of_memory_says_the_limit() -> None:
    drawing = draw_memory(groups([row()])[0])
    assert drawing is not None
    assert "the limit was 19 GiB" in drawing.caption


def test_a_figure_of_very_many_outcomes_says_what_it_leaves_out() -> None:
    rows = [row(params={"i": i}, seconds=1.0 + i) for i in range(45)]
    drawing = draw_runtime(groups(rows)[0])
    assert drawing is not None
    assert "5 more are in the table" in drawing.caption


def test_no_two_strategies_of_the_project_share_both_color_and_mark() -> None:
    names = catalog.names()
    assert len({(color(name), marker(name)) for name in names}) == len(names)


@pytest.mark.parametrize(
    "content",
    ["", "seconds,phase,role,memory_bytes,anonymous_bytes\n", "a,b\n1,2\n", "seconds\n\0\xff", "1,2,3\n" * 9],
)
def test_samples_that_cannot_be_read_are_none(tmp_path: Path, content: str) -> None:
    (tmp_path / "run.csv").write_text(content)
    assert read_samples(tmp_path, "run") is None


def test_samples_of_all_roles_are_summed_and_a_torn_line_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "run.csv").write_text(
        "seconds,phase,role,memory_bytes,anonymous_bytes\n"
        "0.1,start,worker,10,5\n0.1,start,child,20,7\n0.2,fit,worker,40,9\n0.3,fi"
    )
    table = read_samples(tmp_path, "run")
    assert table is not None
    assert table.memory_bytes.tolist() == [30, 40]
    assert table.anonymous_bytes.tolist() == [12, 9]


def test_thinned_samples_keep_the_peak_and_the_end(tmp_path: Path) -> None:
    lines = [f"{i / 100:.2f},query,worker,{9_999 if i == 4321 else i % 100},1" for i in range(10_000)]
    (tmp_path / "run.csv").write_text(
        "seconds,phase,role,memory_bytes,anonymous_bytes\n" + "\n".join(lines) + "\n"
    )
    table = read_samples(tmp_path, "run")
    assert table is not None
    assert len(table) < 1000
    assert table.memory_bytes.max() == 9_999
    assert table.seconds.iloc[-1] == 99.99


def _made(directory: Path) -> Path:
    directory.mkdir()
    return directory
