import re
from itertools import pairwise
from pathlib import Path

from bench.report.figures.memory_curve import draw_memory_curve
from tests.report.results import leave
from tests.report.rows import failed, row


def _ys(path: str) -> list[int]:
    """The heights of a path of relative lines, in pixels above its foot."""
    start = int(re.match(r"M\d+ 100V(-?\d+)", path)[1])  # type: ignore[index]
    steps = [int(step) for step in re.findall(r"l-?\d+ ?(-?\d+)", path)]
    return [100 - y for y in (start, *(start + sum(steps[: i + 1]) for i in range(len(steps))))]


def test_the_curve_rises_to_its_peak_within_the_box_and_anonymous_lies_under_it(tmp_path: Path) -> None:
    made = row(seconds=40.0)
    curve = draw_memory_curve(leave(tmp_path, [made]), made)
    assert curve is not None
    memory, anonymous = _ys(curve.memory), _ys(curve.anonymous)
    assert 0 < max(memory) <= 100
    assert all(a <= m for a, m in zip(anonymous, memory, strict=True))


def test_phases_follow_each_other_over_the_whole_width(tmp_path: Path) -> None:
    made = row()
    curve = draw_memory_curve(leave(tmp_path, [made]), made)
    assert curve is not None
    assert [phase.name for phase in curve.phases] == ["start", "load", "fit", "query"]
    edges = [(phase.left, phase.left + phase.width) for phase in curve.phases]
    assert edges[0][0] == 0
    assert edges[-1][1] == 360
    assert all(a[1] == b[0] for a, b in pairwise(edges))


def test_a_run_without_samples_has_no_curve(tmp_path: Path) -> None:
    made = failed("a", "unavailable", "not installed", seconds=None)
    assert draw_memory_curve(leave(tmp_path, [made]), made) is None
