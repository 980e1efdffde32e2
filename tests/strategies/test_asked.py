"""Strategies that say they can find the neighbors of queries, or the largest products, find them."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from bench import catalog
from bench.strategy import Neighbors
from tests.needs import marked

N, K = 700, 6
ASKING = [name for name in catalog.names() if "queries_from" in catalog.load(name).defaults]


def points() -> NDArray[np.float32]:
    """Points of unequal norms, of which some are equal and one is a zero vector."""
    rng = np.random.default_rng(0)
    drawn = rng.standard_normal((N, 9)) * np.exp(rng.standard_normal((N, 1)))
    drawn[:30], drawn[40] = drawn[50:80], 0
    return drawn.astype(np.float32)


def answer(name: str, **fields: Any) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """All blocks of a strategy, in the order of their rows."""
    strategy = catalog.load(name).entry.factory(**fields)
    strategy.fit(points())
    blocks = (b for b in strategy.kneighbors(K) if isinstance(b, Neighbors))
    found = {row: (b.indices[i], b.distances[i]) for b in blocks for i, row in enumerate(b.rows)}
    strategy.close()
    assert sorted(found) == list(range(len(found)))
    ids, distances = zip(*(found[row] for row in range(len(found))), strict=True)
    return np.array(ids), np.array(distances)


def test_ours_scikit_learns_and_faiss_are_among_them() -> None:
    assert ASKING == ["allknn_recall", "blocked_exact", "faiss_flat", "sklearn_chunked", "sklearn_matrix"]
    assert all("by_products" in catalog.load(name).defaults for name in ASKING)


@pytest.mark.parametrize("by_products", [False, True])
@pytest.mark.parametrize("with_queries", [False, True])
@pytest.mark.parametrize("name", marked(ASKING))
def test_they_find_what_is_asked_for(
    name: str, with_queries: bool, by_products: bool, tmp_path: Path
) -> None:
    all_points = points().astype(np.float64)
    queries = np.random.default_rng(1).standard_normal((33, 9)).astype(np.float32)
    queries[7] = 0
    np.save(tmp_path / "queries.npy", queries)
    asking = queries.astype(np.float64) if with_queries else all_points
    true = np.linalg.norm(asking[:, None] - all_points, axis=2)
    if by_products:
        true = -(asking @ all_points.T)
    if not with_queries:
        np.fill_diagonal(true, np.inf)
    fields = {"queries_from": str(tmp_path / "queries.npy") if with_queries else ""}
    ids, distances = answer(name, by_products=by_products, **fields)
    assert ids.dtype == np.int32
    assert distances.dtype == np.float32
    rows = np.arange(len(asking))
    assert with_queries or (ids != rows[:, None]).all()
    nearest = np.sort(true, axis=1)[:, :K]
    assert np.allclose(np.take_along_axis(true, ids.astype(np.int64), 1), nearest, atol=2e-3, rtol=1e-5)
    assert np.allclose(distances, nearest, atol=2e-3, rtol=1e-5)
