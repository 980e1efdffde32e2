"""The principal components of all points, as a sample of them shows."""

from concurrent.futures import Executor
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from allknn import _native_screen

_SAMPLE = 4096
"""Points that the components are computed from."""
_ROUNDS = 6
_ALL = 128
"""Of at most so many features all components are looked at,"""
_MANY, _POINTS_A_FEATURE = 512, 256
"""and of at most these, where there are so many times as many points;"""
_SOME = 96
"""of more these,"""
_MOST_BYTES, _FEW = 1 << 30, 32
"""and these where they would take more memory."""
_ORDERED_BY, _OF = 32, 4
"""Points are ordered by so many of the leading components, or by one in these, if that is more."""
_SHRUNK = 1 - 1e-9
"""What the directions are multiplied by: more than their lengths and angles may be off."""
_BLOCK_ROWS = 1 << 13
_ROWS_AT_ONCE = 1 << 17


class Components(NamedTuple):
    """Directions in which the points spread most, the first ones the most."""

    mean: NDArray[np.float64]
    """(n_features,)."""
    directions: NDArray[np.float64]
    """(width, n_features): orthonormal, but for being a trifle shorter."""
    scale: float
    """A power of two that brings all distances from the mean to 1 at most."""


class Projections(NamedTuple):
    """Points projected onto the components."""

    rows: NDArray[np.float32]
    """(n, width), scaled."""
    squared: NDArray[np.float32]
    """(n,): how far each is from the mean, squared and scaled, not below the truth."""

    def leading(self) -> NDArray[np.float32]:
        """As many of the leading components as points are ordered by."""
        return np.ascontiguousarray(self.rows[:, : max(_ORDERED_BY, self.rows.shape[1] // _OF)])


def find(
    points: NDArray[np.float32], ids: NDArray[np.int32], pool: Executor | None = None
) -> Components | None:
    """Find the components of some points on a sample, some by subspace iteration; None where that fails."""
    sample = points[ids[:: max(1, len(ids) // _SAMPLE)]].astype(np.float64)
    mean = sample.mean(axis=0)
    parts = [points[start : start + _ROWS_AT_ONCE] for start in range(0, len(points), _ROWS_AT_ONCE)]
    ends = list((pool.map if pool else map)(lambda rows: (rows.max(axis=0), rows.min(axis=0)), parts))
    greatest, least = np.max([most for most, _ in ends], axis=0), np.min([few for _, few in ends], axis=0)
    reach = np.maximum(greatest - mean, mean - least)
    farthest = float(np.sqrt((reach**2).sum()))
    if not 0 < farthest < np.inf:
        return None
    sample = (sample - mean) / farthest
    n_features = points.shape[1]
    takes_all = n_features <= _ALL or (n_features <= _MANY and len(ids) >= _POINTS_A_FEATURE * n_features)
    width = n_features if takes_all else _SOME
    if 4 * width * len(ids) > _MOST_BYTES:
        width = min(width, _FEW)
    directions = np.eye(n_features)
    if width < n_features:
        directions = np.random.default_rng(0).standard_normal((n_features, width))
    for _ in range(_ROUNDS if width < n_features else 0):
        directions, _ = np.linalg.qr(sample.T @ (sample @ directions))
    turned = sample @ directions
    _, within = np.linalg.eigh(turned.T @ turned)
    directions = directions @ within[:, ::-1]
    if not np.abs(directions.T @ directions - np.eye(width)).sum() < (1 - _SHRUNK) / 2:
        return None
    scale = float(2.0 ** -np.ceil(np.log2(farthest)))
    return Components(mean, np.ascontiguousarray(directions.T) * _SHRUNK, scale)


def project(
    points: NDArray[np.float32],
    ids: NDArray[np.int32],
    components: Components,
    pool: Executor | None = None,
) -> Projections:
    """Project some points, in this thread where there is no pool."""
    rows = np.empty((len(ids), len(components.directions)), np.float32)
    squared = np.empty(len(ids), np.float32)

    def some(start: int) -> None:
        here = slice(start, start + _BLOCK_ROWS)
        _native_screen.project(points, ids[here], components, rows[here], squared[here])

    list((pool.map if pool else map)(some, range(0, len(ids), _BLOCK_ROWS)))
    return Projections(rows, squared)
