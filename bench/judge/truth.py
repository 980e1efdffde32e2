"""The true neighbors of some rows among all points, by which every strategy is judged."""

import hashlib
import io
import zipfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from bench.judge.asked import ALL_POINTS, Asked
from bench.judge.bounds import Frame
from bench.judge.duplicates import EqualGroups, group_equal
from bench.judge.products import largest_products
from bench.judge.search import BlockSearch, Candidates
from bench.results import write_atomically

MEMORY_BYTES = 1 << 30
_VERSION = 1  # of the cached files
_ROWS_AT_ONCE = 4096
_EXPANDED_AT_ONCE = 1 << 20


@dataclass(frozen=True, slots=True)
class Truth:
    """Exact neighbors of some rows, sorted by (distance, id), a point itself left out by id."""

    rows: NDArray[np.int64]
    """(r,)."""
    indices: NDArray[np.int32]
    """(r, k)."""
    distances: NDArray[np.float64]
    """(r, k), Euclidean, or products with a minus."""


def sample_rows(
    n_samples: int,
    n_rows: int | Literal["all"],
    *,
    seed: int = 0,
    answered: NDArray[np.bool_] | None = None,
) -> NDArray[np.int64]:
    """Choose the rows to judge: ascending int64, the same rows for every run that answered all rows.

    They are the first ``n_rows`` of one seeded permutation, restricted to the mask ``answered`` if given.
    """
    if n_rows != "all" and n_rows < 1:
        raise ValueError(f"truth rows must be at least 1, or all, got {n_rows}")
    rows = np.random.default_rng(seed).permutation(n_samples)
    if answered is not None:
        rows = rows[answered[rows]]
    return np.sort(rows if n_rows == "all" else rows[:n_rows]).astype(np.int64)


def exact_neighbors(
    points: NDArray[np.float32],
    rows: NDArray[np.int64],
    k: int,
    asked: Asked = ALL_POINTS,
    *,
    memory_bytes: int = MEMORY_BYTES,
    threads: int = 1,
) -> Truth:
    """Find the k nearest of all points for each of ``rows``, by float64 direct difference or product.

    ``memory_bytes`` is the memory it may use besides the points. Raises ValueError if k is not 1 to n - 1,
    with queries 1 to n.
    """
    points = np.asarray(points)
    n_samples, n_features = points.shape
    own, asking = int(asked.queries is None), asked.rows_among(points)
    if not 1 <= k <= n_samples - own:
        raise ValueError(f"k must be 1 to {n_samples - own} for {n_samples} points, got {k}")
    if asked.by_products:
        indices, products = largest_products(points, asking, rows, asked.own_ids(rows), k, threads)
        return Truth(rows, indices, -products)
    groups = group_equal(points)
    n_groups = len(groups.sizes)
    candidates = Candidates(
        points, None if n_groups == n_samples else groups.first, Frame.of(points, asked.queries)
    )
    n_nearest = min(k + own, n_groups)  # the row's own group is among them
    row_bytes = 8 * (16 * n_features + 32 * n_nearest + 30 * 1024)  # the last for a strip that all survives
    most_rows = max(1, min(_ROWS_AT_ONCE, memory_bytes // row_bytes))
    indices = np.empty((len(rows), k), np.int32)
    distances = np.empty((len(rows), k))
    with threadpool_limits(1, "blas"), ThreadPoolExecutor(threads) as pool:  # each thread its own tiles
        for block in _evenly(len(rows), most_rows):
            search = BlockSearch(candidates, asking, rows[block], n_nearest, pool, threads)
            best, squared = search.run(most_pairs=memory_bytes // 512)
            indices[block], distances[block] = _expand(
                groups, asked.own_ids(rows[block]), best, np.sqrt(squared), k
            )
    return Truth(rows, indices, distances)


def _evenly(size: int, at_most: int) -> list[slice]:
    """Cut ``size`` rows into as few parts as that allows, of about equal size."""
    parts = -(-size // at_most)
    return [slice(size * i // parts, size * (i + 1) // parts) for i in range(parts)]


def _expand(
    groups: EqualGroups,
    own_ids: NDArray[np.int64],
    best: NDArray[np.int32],
    distances: NDArray[np.float64],
    k: int,
) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
    """Replace each group by its points, leave out the row itself, and cut to k."""
    indices = np.empty((len(own_ids), k), np.int32)
    cut = np.empty((len(own_ids), k))
    for part in _evenly(len(own_ids), max(1, _EXPANDED_AT_ONCE // (k + 1) ** 2)):  # all may be copies
        sizes = np.minimum(groups.sizes[best[part]], k + 1)
        each = sizes.ravel()
        within = np.arange(each.sum()) - np.repeat(np.cumsum(each) - each, each)
        ids = groups.members[np.repeat(groups.starts[best[part].ravel()], each) + within]
        row = np.repeat(np.arange(len(sizes)), sizes.sum(axis=1))
        near = np.repeat(distances[part].ravel(), each)
        others = ids != own_ids[part][row]
        row, ids, near = row[others], ids[others], near[others]
        order = np.lexsort((ids, near, row))
        first = np.searchsorted(row, np.arange(len(sizes)))
        chosen = order[first[:, None] + np.arange(k)]
        indices[part], cut[part] = ids[chosen], near[chosen]
    return indices, cut


def cached_truth(
    points_path: Path,
    content_hash: str,
    k: int,
    rows: NDArray[np.int64],
    cache: Path,
    asked: Asked = ALL_POINTS,
    *,
    memory_bytes: int = MEMORY_BYTES,
    threads: int = 1,
) -> Truth:
    """Read the truth of ``rows`` from ``cache``, or compute it and store it there.

    ``content_hash`` is that of the points, or of points and queries. A damaged file is computed again; a
    cache that cannot be written is not used.
    """
    what = ("queries " if asked.queries is not None else "") + ("products " if asked.by_products else "")
    key = hashlib.sha256(f"{_VERSION} {content_hash} {k} {what}".encode() + rows.astype("<i8").tobytes())
    path = cache / f"truth-{key.hexdigest()[:32]}.npz"
    with suppress(OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile), path.open("rb") as file:
        stored = np.load(file)
        truth = Truth(rows, stored["indices"], stored["distances"])
        if truth.indices.shape == truth.distances.shape == (len(rows), k):
            return truth
    points = np.load(points_path, mmap_mode="r")
    truth = exact_neighbors(points, rows, k, asked, memory_bytes=memory_bytes, threads=threads)
    buffer = io.BytesIO()
    np.savez(buffer, indices=truth.indices, distances=truth.distances)
    with suppress(OSError):
        cache.mkdir(parents=True, exist_ok=True)
        write_atomically(path, buffer.getvalue())
    return truth
