"""A matrix product that never understates how near two points are: what may be a neighbor, decided by GEMM.

With x, y centered, (‖x‖² - d(x, y)²) / 2 = x·y - ‖y‖²/2: the larger, the nearer y. A float product of m
terms is off by at most m·u·Σ|terms| (Higham, Accuracy and Stability of Numerical Algorithms, 2002, section
3.1), here at most c(‖x‖ + ‖y‖)²/2 with c = (d + 16)u. Two more columns add that bound inside the product, so
that one comparison with a threshold for each row decides for each pair.
"""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from bench.judge.distances import mean_point, norms

Tile: TypeAlias = NDArray[np.floating]


@dataclass(frozen=True, slots=True)
class Frame:
    """Where the points lie: products are taken around their mean, scaled so that no norm exceeds 1."""

    center: NDArray[np.float64]
    """(d,)."""
    scale: float
    """A power of two."""

    @classmethod
    def of(cls, points: NDArray[np.float32], asking: NDArray[np.float32] | None = None) -> "Frame":
        """Find the frame of all points, and of what else is compared with them."""
        center = mean_point(points)
        both = (points,) if asking is None else (points, asking)
        largest = max(float(norms(one, center).max()) for one in both)
        return cls(center, 2.0 ** -np.ceil(np.log2(largest)) if largest > 0 else 1.0)

    def place(self, block: NDArray[np.float32]) -> NDArray[np.float64]:
        """Center and scale some points: (len(block), d) float64."""
        placed = block.astype(np.float64)
        placed -= self.center
        placed *= self.scale
        return placed


def error_share(n_features: int, dtype: type[np.floating]) -> float:
    """The c of the module's bound, a little widened."""
    return 1.01 * (n_features + 16) * float(np.finfo(dtype).eps) / 2


def as_queries(placed: NDArray[np.float64], dtype: type[np.floating]) -> Tile:
    """(r, d + 2): the left factor, x with 1 and ‖x‖ behind it."""
    return _with_columns(placed, np.ones(len(placed)), _norms(placed), dtype)


def as_candidates(placed: NDArray[np.float64], dtype: type[np.floating], *, nearest: bool) -> Tile:
    """(c, d + 2): the right factor.

    Its product with a query is at least the true value where ``nearest``, else at most.
    """
    c = error_share(placed.shape[1], dtype) * (1 if nearest else -1)
    norm = _norms(placed)
    return _with_columns(placed, norm**2 * ((c - 1) / 2), norm * c, dtype)


def thresholds(
    queries_placed: NDArray[np.float64], squared: NDArray[np.float64], scale: float, dtype: type[np.floating]
) -> Tile:
    """(r,): the product of any point within ``squared`` distance of the query is at least this.

    The row's own share of the bound, underflow and the rounding of ``squared`` are taken off here.
    """
    c = error_share(queries_placed.shape[1], dtype)
    floor = queries_placed.shape[1] * 8 * float(np.finfo(dtype).tiny)
    exact = error_share(queries_placed.shape[1], np.float64)
    value = (_norms(queries_placed) ** 2 * (1 - c) - squared * (scale**2 * (1 + exact))) / 2 - floor
    lowered: Tile = np.nextafter(value.astype(dtype), dtype(-np.inf))
    return lowered


def squared_from(products: Tile, queries_placed: NDArray[np.float64], scale: float) -> NDArray[np.float64]:
    """Squared distances that are not exceeded where ``products`` come from candidates not ``nearest``."""
    c = error_share(queries_placed.shape[1], products.dtype.type)
    floor = queries_placed.shape[1] * 8 * float(np.finfo(products.dtype).tiny)
    scaled = _norms(queries_placed) ** 2 * (1 + c) - 2 * products.astype(np.float64) + 2 * floor
    squared: NDArray[np.float64] = np.maximum(scaled, 0.0) / scale**2
    return squared


def _norms(placed: NDArray[np.float64]) -> NDArray[np.float64]:
    norm: NDArray[np.float64] = np.sqrt(np.einsum("ij,ij->i", placed, placed))
    return norm


def _with_columns(
    placed: NDArray[np.float64],
    first: NDArray[np.float64],
    second: NDArray[np.float64],
    dtype: type[np.floating],
) -> Tile:
    wide = np.empty((len(placed), placed.shape[1] + 2), dtype)
    wide[:, :-2] = placed
    wide[:, -2] = first
    wide[:, -1] = second
    return wide
