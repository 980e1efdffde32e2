"""Puts names beside marks and lines so that they cover neither marks nor each other.

A search over a few offsets: adjustText (1.4), which moves labels by forces, left names on top of each other
where marks stand close together, as exact strategies do at a recall of 1.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from matplotlib.axes import Axes
from matplotlib.text import Annotation, Text
from numpy.typing import NDArray

_OFFSETS = (
    (8, 0), (-8, 0), (0, 9), (0, -9), (8, 9), (-8, 9), (8, -9), (-8, -9),
    (0, 20), (0, -20), (14, 18), (-14, 18), (14, -18), (-14, -18), (0, 31), (0, -31), (20, 30), (-20, -30),
    (20, -30), (-20, 30), (0, 42), (0, -42), (24, 41), (-24, 41), (0, 53), (24, 52), (-24, 52), (0, 64),
)  # fmt: skip
"""Points from a mark to its label, in the order of preference."""
_MARK_POINTS = 10
_LINE_POINTS = 11
_NO_ROOM = 0.05
"""Share of a label's area, covered, from which on it has no room."""
Boxes: TypeAlias = NDArray[np.float64]
"""Left, bottom, right and top of each in pixels: (m, 4)."""


@dataclass(frozen=True, slots=True)
class Label:
    """A text, and the mark in data coordinates that it belongs to."""

    x: float
    y: float
    text: str
    color: str
    """Of the mark, for the line that leads to it."""


def place_labels(
    axes: Axes, labels: Sequence[Label], marks: Sequence[tuple[float, float]], *, all_of_them: bool = True
) -> None:
    """Write labels near their marks, off all ``marks``; the limits of the axes must be final.

    Unless ``all_of_them`` must be there, those without room are left out.
    """
    figure = axes.get_figure(root=True)
    assert figure is not None
    figure.draw_without_rendering()  # settles the layout, on which it depends what overlaps
    point = figure.dpi / 72
    centers = axes.transData.transform(marks)
    taken = np.hstack([centers - point * _MARK_POINTS / 2, centers + point * _MARK_POINTS / 2])
    for label in labels:
        boxes = _boxes(axes, label, point)
        areas = (boxes[:, 2:] - boxes[:, :2]).prod(axis=1)
        cut_off = areas - _shared(boxes, np.array([axes.bbox.extents]))
        covered = 4 * cut_off + _shared(boxes, taken)
        best = int(np.argmin(covered + 5 * np.arange(len(boxes))))
        if not all_of_them and covered[best] > _NO_ROOM * areas[best]:
            continue
        _write(axes, label, _OFFSETS[best])
        taken = np.vstack([taken, boxes[best]])


def label_ends(axes: Axes, labels: Sequence[Label], x: float) -> None:
    """Write the names of lines at ``x``, to the right of their ends, each off the others."""
    figure = axes.get_figure(root=True)
    assert figure is not None
    figure.draw_without_rendering()  # settles the layout
    ranked = sorted(labels, key=lambda label: label.y)
    heights = axes.transData.transform([(label.x, label.y) for label in ranked])[:, 1]
    places = _spread(heights, figure.dpi * _LINE_POINTS / 72, axes.bbox.y1)
    for label, place in zip(ranked, places, strict=True):
        y = axes.transData.inverted().transform((0, place))[1]
        line = {"arrowstyle": "-", "color": label.color, "linewidth": 0.7, "shrinkA": 2, "shrinkB": 0}
        line |= {"relpos": (0, 0.5)}  # from the middle of the left edge of the words
        text = axes.annotate(
            label.text, (label.x, label.y), (x, y), va="center", fontsize=8.5, arrowprops=line
        )
        text.set_in_layout(False)


def _spread(heights: Iterable[float], gap: float, top: float) -> list[float]:
    """Move rising heights up, and then down from the top, until they are a gap apart."""
    places: list[float] = []
    for height in heights:
        places.append(max(height, places[-1] + gap) if places else height)
    ceiling = top
    for i in reversed(range(len(places))):
        places[i] = min(places[i], ceiling)
        ceiling = places[i] - gap
    return places


def _boxes(axes: Axes, label: Label, point: float) -> Boxes:
    """Where a label's words are at each offset; ``point`` is in pixels."""
    text = _write(axes, label, _OFFSETS[0])
    text.get_window_extent()  # moves the words to where they belong
    size = np.array(Text.get_window_extent(text).size)  # of the words, without the line to the mark
    text.remove()
    offsets = np.array(_OFFSETS, np.float64)
    middles = axes.transData.transform((label.x, label.y)) + point * offsets
    middles[:, 0] += np.sign(offsets[:, 0]) * size[0] / 2
    return np.hstack([middles - size / 2, middles + size / 2])


def _write(axes: Axes, label: Label, offset: tuple[int, int]) -> Annotation:
    right, up = offset
    side = "left" if right > 0 else "right" if right < 0 else "center"
    style: dict[str, Any] = {"ha": side, "va": "center", "fontsize": 8.5, "textcoords": "offset points"}
    if abs(up) > _MARK_POINTS:
        style["arrowprops"] = {"arrowstyle": "-", "color": label.color, "linewidth": 0.7, "shrinkB": 3}
    text = axes.annotate(label.text, (label.x, label.y), offset, **style)
    text.set_in_layout(False)
    return text


def _shared(boxes: Boxes, others: Boxes) -> NDArray[np.float64]:
    """Pixels of each box that others cover, those that several cover as often."""
    low = np.maximum(boxes[:, None, :2], others[:, :2])
    high = np.minimum(boxes[:, None, 2:], others[:, 2:])
    return np.asarray(np.clip(high - low, 0, None).prod(axis=2).sum(axis=1), np.float64)
