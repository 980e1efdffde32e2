"""Real points without a download: gray patches of the two photographs that scikit-learn brings."""

from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.workloads.stream import Stream

SHAPES = {16: (4, 4), 32: (4, 8), 64: (8, 8), 128: (8, 16), 384: (16, 24)}
"""Height and width of a patch for each d that is offered."""
_SIZES = ((427, 640), (213, 320))
_PHOTOS = 2
_BLOCK_ROWS = 8192


@dataclass(frozen=True, slots=True)
class Patches:
    """Patches in random order; the first n of a larger set are the smaller set."""

    n: int
    d: int
    seed: int

    def key(self) -> dict[str, Any]:
        """All that decides what the points are; the decoder of the photographs is part of it."""
        versions = {name: metadata.version(name) for name in ("scikit-learn", "pillow")}
        return {
            "family": "patches",
            "version": 1,
            "n": self.n,
            "d": self.d,
            "seed": self.seed,
            "versions": versions,
        }

    def open(self) -> Stream:
        """Cut the patches: gray levels of 0 to 255 in steps of 1/1024, row by row."""
        return Stream(self.n, self.d, "float32", self._blocks())

    def _blocks(self) -> Iterator[NDArray[np.float32]]:
        views = [np.lib.stride_tricks.sliding_window_view(image, SHAPES[self.d]) for image in _images()]
        ends = np.cumsum([view.shape[0] * view.shape[1] for view in views])
        bits = np.random.Philox(key=self.seed).random_raw(int(ends[-1]))
        order = np.argsort(bits, kind="stable")[: self.n]
        for start in range(0, self.n, _BLOCK_ROWS):
            patches = order[start : start + _BLOCK_ROWS]
            image = np.searchsorted(ends, patches, side="right")
            block = np.empty((len(patches), self.d), np.float32)
            for number, view in enumerate(views):
                here = image == number
                corner = patches[here] - (ends[number] - view.shape[0] * view.shape[1])
                top, left = np.divmod(corner, view.shape[1])
                block[here] = view[top, left].reshape(-1, self.d)
            yield block


def available(d: int) -> int:
    """How many patches of d pixels there are."""
    height, width = SHAPES[d]
    return sum(2 * _PHOTOS * (rows - height + 1) * (columns - width + 1) for rows, columns in _SIZES)


def _images() -> list[NDArray[np.float32]]:
    """Both photographs in gray, at full and at half size, each also mirrored."""
    from sklearn.datasets import load_sample_images  # noqa: PLC0415 (takes a second, and few need it)

    images = []
    for photo in load_sample_images().images:
        gray = (photo * np.array([77, 150, 29], np.float32)).sum(axis=2) / 256  # exact: small integers
        height, width = (size // 2 * 2 for size in gray.shape)
        half = gray[:height, :width].reshape(height // 2, 2, width // 2, 2).sum(axis=(1, 3)) / 4
        images += [gray, gray[:, ::-1], half, half[:, ::-1]]
    return images
