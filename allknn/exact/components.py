"""The principal components of all points, and whether to look at the leading ones first pays."""

from concurrent.futures import Executor
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from allknn import _native_screen

FEWEST = 1 << 15
"""Fewer points are joined as fast as all this is prepared."""
_SAMPLE = 4096
"""Points that the components are computed from."""
_ROUNDS = 6
_MOST_OTHERS = 200_000
_QUERIES = 64
_NEIGHBORS = 10
_SHRUNK = 1 - 1e-9
"""What the directions are multiplied by: more than their lengths and angles may be off."""
_BLOCK_ROWS = 1 << 13


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


def find(points: NDArray[np.float32], ids: NDArray[np.int32]) -> Components | None:
    """Find the components of some points by subspace iteration on a sample; None where that does not succeed."""
    sample = points[ids[:: max(1, len(ids) // _SAMPLE)]].astype(np.float64)
    mean = sample.mean(axis=0)
    reach = np.maximum(points.max(axis=0) - mean, mean - points.min(axis=0))
    farthest = float(np.sqrt((reach**2).sum()))
    if not 0 < farthest < np.inf:
        return None
    sample = (sample - mean) / farthest
    n_features = points.shape[1]
    width = min(n_features, 32 if n_features <= 128 else 64)
    directions = np.random.default_rng(0).standard_normal((n_features, width))
    for _ in range(_ROUNDS):
        directions, _ = np.linalg.qr(sample.T @ (sample @ directions))
    turned = sample @ directions
    _, within = np.linalg.eigh(turned.T @ turned)
    directions = directions @ within[:, ::-1]
    if not np.abs(directions.T @ directions - np.eye(width)).sum() < (1 - _SHRUNK) / 2:
        return None
    scale = float(2.0 ** -np.ceil(np.log2(farthest)))
    return Components(mean, np.ascontiguousarray(directions.T) * _SHRUNK, scale)


def project(
    points: NDArray[np.float32], ids: NDArray[np.int32], components: Components, pool: Executor
) -> Projections:
    """Project some points."""
    rows = np.empty((len(ids), len(components.directions)), np.float32)
    squared = np.empty(len(ids), np.float32)

    def some(start: int) -> None:
        here = slice(start, start + _BLOCK_ROWS)
        _native_screen.project(points, ids[here], components, rows[here], squared[here])

    list(pool.map(some, range(0, len(ids), _BLOCK_ROWS)))
    return Projections(rows, squared)


class Shares(NamedTuple):
    """What some points show of all."""

    widths: tuple[int, ...]
    left: tuple[float, ...]
    """Of all pairs, the share that so many components do not show to be farther than the neighbors of a point."""
    last: NDArray[np.float64]
    """(queries,): squared distance of each query's last neighbor, scaled."""
    queries: NDArray[np.int64]
    """(queries,): which points these are, by their places in ``ids``."""


def sample_shares(
    points: NDArray[np.float32], ids: NDArray[np.int32], projections: Projections, components: Components
) -> Shares:
    """Look at some points among many others."""
    n, width = len(ids), len(components.directions)
    queries = np.linspace(0, n - 1, _QUERIES).astype(np.int64)
    others = np.arange(0, n, max(1, n // min(_MOST_OTHERS, max(n // _NEIGHBORS, 50_000))))
    rank = max(1, round(_NEIGHBORS * len(others) / n))
    squared = np.empty((len(queries), len(others)), np.float32)
    for start in range(0, len(others), _BLOCK_ROWS):
        here = slice(start, start + _BLOCK_ROWS)
        squared[:, here] = _between(
            *(((points[ids[some]] - components.mean) * components.scale).astype(np.float32)
              for some in (queries, others[here]))
        )
    squared[squared <= 0] = np.inf  # itself
    last = np.partition(squared, rank - 1, axis=1)[:, rank - 1].astype(np.float64)
    widths = tuple(w for w in (4, 8, 12, 16, 24, 32, 48, 64) if w < width) + (width,)
    rows, other_rows = projections.rows[queries], projections.rows[others]
    slack = 4 * (width + 12) * 2.0**-24 * projections.squared[queries]
    seen = np.zeros_like(squared)
    left = []
    for begin, stop in zip((0, *widths), widths, strict=False):
        seen += _between(rows[:, begin:stop], other_rows[:, begin:stop])
        left.append(float((seen <= (last + slack)[:, None]).mean()))
    return Shares(widths, tuple(left), last, queries)


def _between(some: NDArray[np.float32], others: NDArray[np.float32]) -> NDArray[np.float32]:
    """Squared distances, but for rounding."""
    return (some**2).sum(axis=1)[:, None] + (others**2).sum(axis=1) - 2 * (some @ others.T)
