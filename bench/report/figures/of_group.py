"""Which figures a group of rows has."""

from collections.abc import Mapping
from pathlib import Path

from bench.analysis.summary import Group
from bench.report.drawings import Drawing
from bench.report.figures.bars import draw_memory, draw_runtime
from bench.report.figures.memory_over_time import draw_over_time
from bench.report.figures.scatter import draw_memory_time, draw_recall


def draw(group: Group, homes: Mapping[str, Path]) -> list[Drawing]:
    """Draw all figures for which the group has something to show.

    ``homes`` gives the results directory of each run by its ``run_id``, for what was sampled over time.
    """
    drawings = [
        draw_runtime(group),
        draw_memory(group),
        draw_recall(group),
        draw_memory_time(group),
        *draw_over_time(group, homes),
    ]
    return [drawing for drawing in drawings if drawing is not None]
