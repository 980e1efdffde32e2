"""A screen: leading components of all points in their order, and what is known of each point's neighbors."""

from concurrent.futures import Executor
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from allknn import _native_screen
from allknn.approximate.leaf_join import LeafJoin
from allknn.approximate.parameters import Parameters
from allknn.answers import Block
from allknn.exact.components import Projections
from allknn.exact.points import OrderedPoints

_BLOCK_ROWS = 1 << 13


class Screen(NamedTuple):
    """What a few components tell of all points, each at its position, and of the nodes of the tree of leaves."""

    rows: NDArray[np.float32]
    """(n, width)."""
    bias: NDArray[np.float32]
    """(n,): minus half the squared norm of a row, raised by all that rounding may take."""
    centers: NDArray[np.float64]
    """(n_nodes, width): leaves are halved until each is alone; nodes are numbered in preorder."""
    radii: NDArray[np.float64]
    """(n_nodes,)."""

    @staticmethod
    def of(
        projections: Projections,
        order: NDArray[np.int32],
        leaf_at: NDArray[np.int64],
        n_features: int,
        width: int,
    ) -> "Screen":
        """Take the leading ``width`` components of points in an order of these."""
        rows = np.empty((len(order), width), np.float32)
        off, bias = _native_screen.select_columns(projections.rows, projections.squared, order, n_features, rows)
        return Screen(rows, bias, *_native_screen.measure_nodes(rows, off, leaf_at))


def bounds(
    points: OrderedPoints,
    rows: NDArray[np.float32],
    local: NDArray[np.int32],
    ids: NDArray[np.int32],
    k: int,
    how: Parameters,
    threads: int,
    pool: Executor,
) -> NDArray[np.float32]:
    """Return how near another has to be to be among the k nearest of the point at each position.

    The candidates are the neighbors that a round of the approximate join finds by the projections ``rows``, of
    the points ``ids``; how far they are is measured between the points themselves. ``local`` says which of
    ``ids`` is at each position.
    """
    near = np.empty((len(rows), k), np.int32)
    for block in LeafJoin(rows, how, threads, copy=False).run(k):
        if isinstance(block, Block):
            near[block.rows] = np.where(block.indices < 0, -1, ids[block.indices])
    found = np.empty(len(rows), np.float32)

    def some(start: int) -> None:
        here = slice(start, start + _BLOCK_ROWS)
        _native_screen.bound(points, start, near[local[here]], found[here])

    list(pool.map(some, range(0, len(rows), _BLOCK_ROWS)))
    return found
