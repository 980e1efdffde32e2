"""The largest inner products of some rows, exactly: GEMM in float64 leaves few points to decide on."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from bench.judge.bounds import error_share
from bench.judge.distances import norms, products

_ROWS, _STRIP = 256, 8192


def largest_products(
    points: NDArray[np.float32],
    asking: NDArray[np.float32],
    rows: NDArray[np.int64],
    own_ids: NDArray[np.int64],
    k: int,
    threads: int,
) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
    """Find for ``asking[rows]`` the k points of the largest products, by (product, id), ``own_ids`` left out.

    Returns (len(rows), k) ids and products. A product of the matrix is off by at most c‖x‖‖y‖, with c as in
    ``bounds``: what may be among the k is measured pair by pair.
    """
    lengths = norms(points)
    slack = 2 * error_share(points.shape[1], np.float64) * float(lengths.max())

    def some(start: int) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
        block = slice(start, start + _ROWS)
        return _of_block(points, asking, rows[block], own_ids[block], k, slack)

    with threadpool_limits(1, "blas"), ThreadPoolExecutor(threads) as pool:  # each thread its own tiles
        found = list(pool.map(some, range(0, len(rows), _ROWS)))
    return np.concatenate([ids for ids, _ in found]), np.concatenate([values for _, values in found])


def _of_block(
    points: NDArray[np.float32],
    asking: NDArray[np.float32],
    rows: NDArray[np.int64],
    own_ids: NDArray[np.int64],
    k: int,
    slack: float,
) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
    queries = asking[rows].astype(np.float64)
    allowed = slack * norms(asking[rows])
    ids = np.empty((len(rows), 0), np.int32)
    values = np.empty((len(rows), 0))
    for start in range(0, len(points), _STRIP):
        strip = points[start : start + _STRIP].astype(np.float64)
        product = queries @ strip.T
        at = own_ids - start
        here = np.flatnonzero((at >= 0) & (at < len(strip)))
        product[here, at[here]] = -np.inf
        bound = np.full(len(rows), -np.inf)
        if len(strip) > k:
            bound = np.partition(product, -k, axis=1)[:, -k]
        if values.shape[1] == k:
            bound = np.maximum(bound, values[:, -1])
        ids, values = _merged(points, asking, rows, ids, values, product, bound - allowed, start, k)
    return ids, values


def _merged(
    points: NDArray[np.float32],
    asking: NDArray[np.float32],
    rows: NDArray[np.int64],
    ids: NDArray[np.int32],
    values: NDArray[np.float64],
    product: NDArray[np.float64],
    least: NDArray[np.float64],
    start: int,
    k: int,
) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
    """Add the points of a strip whose product is at least ``least`` to the largest so far."""
    row, column = np.nonzero((product >= least[:, None]) & (product > -np.inf))
    measured = products(asking, points, rows[row], column + start)
    known, _ = np.nonzero(ids >= 0)
    row = np.concatenate([known, row])
    every = np.concatenate([ids[ids >= 0], (column + start).astype(np.int32)])
    measured = np.concatenate([values[ids >= 0], measured])
    order = np.lexsort((every, -measured, row))
    row, every, measured = row[order], every[order], measured[order]
    rank = np.arange(len(row)) - np.searchsorted(row, np.arange(len(rows)))[row]
    kept = rank < k
    width = min(k, int(rank.max(initial=-1)) + 1)
    new_ids, new_values = np.full((len(rows), width), -1, np.int32), np.full((len(rows), width), -np.inf)
    new_ids[row[kept], rank[kept]] = every[kept]
    new_values[row[kept], rank[kept]] = measured[kept]
    return new_ids, new_values
