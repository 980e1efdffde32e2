"""What the neighbors must be: float64 brute force, sorted by (distance, id)."""

from typing import Any

import numpy as np
from numpy.typing import NDArray


def distances(points: NDArray[Any], queries: NDArray[Any], metric: str) -> NDArray[np.float64]:
    """Return the distance of each query, a row, to each point."""
    points, queries = points.astype(np.float64, order="C"), queries.astype(np.float64, order="C")
    if metric == "inner_product":
        return -(queries[:, None] * points).sum(axis=2)
    if metric == "cosine":
        points, queries = units(points), units(queries)
    squared = ((queries[:, None] - points) ** 2).sum(axis=2)
    return squared / 2 if metric == "cosine" else np.sqrt(squared)


def units(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Divide by the norms, and take as float32, as the library says it does."""
    scaled = points / np.abs(points).max(axis=1, keepdims=True)
    return (scaled / np.sqrt((scaled**2).sum(axis=1, keepdims=True))).astype(np.float32).astype(np.float64)


def neighbors(
    points: NDArray[Any], k: int, queries: NDArray[Any] | None = None, metric: str = "euclidean"
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return indices and distances, (rows, k)."""
    lengths = distances(points, points if queries is None else queries, metric)
    if queries is None:
        np.fill_diagonal(lengths, np.inf)
    ids = np.broadcast_to(np.arange(len(points)), lengths.shape)
    nearest = np.lexsort((ids, lengths), axis=1)[:, :k]
    return nearest, np.take_along_axis(lengths, nearest, axis=1)
