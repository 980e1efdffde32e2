"""Points in their order, and their screen, in a file that tasks of a cluster map."""

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from allknn import _native_words
from allknn.exact.points import OrderedPoints
from allknn.exact.screen import Screen
from allknn.exact.words import Words

_ALIGNED = 64


class Layout(NamedTuple):
    """Where each array is in a file."""

    arrays: tuple[tuple[str, tuple[int, ...], int], ...]
    """Dtype, shape and the byte where it begins: of the order, then of the screen and its words, if any."""
    scale: float
    n_fine: int
    steps: float


def write(file: Path, ordered: OrderedPoints, screen: Screen | None) -> Layout:
    """Write everything but the points themselves."""
    words = screen.words if screen else None
    arrays = [*ordered[1:-1], *(screen[:-2] if screen else ()), *(words[:-2] if words else ())]
    placed, at = [], 0
    with file.open("wb") as target:
        for array in arrays:
            target.write(bytes(-at % _ALIGNED))
            at += -at % _ALIGNED
            placed.append((array.dtype.str, array.shape, at))
            array.tofile(target)
            at += array.nbytes
    n_fine, steps = (words.n_fine, words.steps) if words else (0, 0.0)
    return Layout(tuple(placed), ordered.scale, n_fine, steps)


def read(path: str, layout: Layout, points: NDArray[np.float32]) -> tuple[OrderedPoints, Screen | None]:
    """Map what was written for these points; words only where this processor can look at them."""
    content = np.asarray(np.memmap(path, np.uint8, "r"))
    arrays: list[Any] = []
    for dtype, shape, at in layout.arrays:
        size = int(np.prod(shape)) * np.dtype(dtype).itemsize
        arrays.append(content[at : at + size].view(dtype).reshape(shape))
    points = np.asarray(points)[:]
    points.flags.writeable = False
    order, leaf_at, centers, radii, *shown = arrays
    ordered = OrderedPoints(points, order, leaf_at, centers, radii, layout.scale)
    if not shown:
        return ordered, None
    rows, bias, node_centers, node_radii, stages, *coarse = shown
    words = None
    if coarse and _native_words.has_words():
        words = Words._make((*coarse, layout.n_fine, layout.steps))
    return ordered, Screen(rows, bias, node_centers, node_radii, stages, len(radii), words)
