"""What every strategy needs: cut rows into ranges, and take each point out of its own answer.

Also shipped to Spark's Python workers, so it imports nothing but numpy.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

SNIPPET_WITHOUT_SELF = """\
own = indices == np.arange(len(points))[:, None]
own[~own.any(axis=1), -1] = True  # where duplicates pushed the point itself out
indices, distances = (found[~own].reshape(len(points), $k) for found in (indices, distances))
"""
"""What ``without_self`` does, for the scripts that strategies offer: from (n, k + 1) to (n, k)."""


def queries(points: NDArray[np.float32], queries_from: str) -> NDArray[np.float32]:
    """Map the rows whose neighbors are asked for: those of a file, without one the points."""
    if not queries_from:
        return points
    mapped: NDArray[np.float32] = np.load(queries_from, mmap_mode="r")
    return mapped


def row_ranges(n_samples: int, size: int) -> Iterator[range]:
    """Cut ``range(n_samples)`` into ranges of ``size`` rows, the last one shorter."""
    for start in range(0, n_samples, size):
        yield range(start, min(start + size, n_samples))


def row_range(n_samples: int, n_parts: int, part: int) -> range:
    """Range number ``part`` of ``n_parts`` that are as equal as can be."""
    return range(n_samples * part // n_parts, n_samples * (part + 1) // n_parts)


def without_self(
    rows: range | NDArray[np.int64], indices: NDArray[Any], distances: NDArray[Any]
) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """Drop each point from its own neighbors: (rows, k + 1) in, (rows, k) out, order kept.

    The point is found by its id, in whatever column it stands; where duplicates pushed it out, the farthest
    neighbor goes instead, which is as far away as the point itself or farther.
    """
    ids = np.arange(rows.start, rows.stop) if isinstance(rows, range) else rows
    own = indices == ids[:, None]
    own[~own.any(axis=1), -1] = True
    moved = np.flatnonzero(~own[:, 0])
    without = (indices[:, 1:].astype(np.int32), distances[:, 1:].astype(np.float32))
    for kept, found in zip(without, (indices, distances), strict=True):
        kept[moved] = found[moved][~own[moved]].reshape(len(moved), kept.shape[1])
    return without
