"""Which figures a group of rows has."""

from pathlib import Path

from bench.analysis.summary import Group
from bench.report.bars import draw_memory, draw_runtime
from bench.report.samples import draw_over_time
from bench.report.scatter import draw_memory_time, draw_recall
from bench.report.style import Drawing

NAMES = ("runtime", "memory", "recall-time", "memory-time", "memory-over-time")
"""Of all figures, as their files end."""


def draw(group: Group, samples: Path) -> list[Drawing]:
    """Draw all figures for which the group has something to show.

    ``samples`` is the directory of memory over time, which need not exist.
    """
    drawings = [
        draw_runtime(group),
        draw_memory(group),
        draw_recall(group),
        draw_memory_time(group),
        *draw_over_time(group, samples),
    ]
    return [drawing for drawing in drawings if drawing is not None]
