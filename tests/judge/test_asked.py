"""Answers to queries, and answers by inner products, are judged as those of all points are."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from bench.answers import Answers
from bench.judge import Verdict, exact_neighbors, judge
from bench.judge.asked import Asked
from tests.judge.slow_truth import normal, twenty_times

K = 7
POINTS = {
    "normal": normal(0, 900, 6) * np.exp(normal(1, 900, 1)),
    "each row 20 times": twenty_times(2, 900, 6),
    "all points equal": np.full((300, 6), 0.3, np.float32),
    "zero vectors": np.vstack([np.zeros((20, 6), np.float32), normal(3, 500, 6)]),
    "far from the origin": (normal(4, 900, 6) + 1e3).astype(np.float32),
}
QUERIES = np.vstack([normal(5, 60, 6), np.zeros((1, 6), np.float32), POINTS["normal"][:9]])


def keys(points: NDArray[np.float32], asked: Asked) -> NDArray[np.float64]:
    """Of every row to every point: distances, or products with a minus; infinite to the row itself."""
    wide, asking = points.astype(np.float64), asked.rows_among(points).astype(np.float64)
    found: NDArray[np.float64] = -(asking[:, None] * wide).sum(axis=2)
    if not asked.by_products:
        found = np.sqrt(((asking[:, None] - wide) ** 2).sum(axis=2))
    if asked.queries is None:
        np.fill_diagonal(found, np.inf)
    return found


def judged(
    tmp_path: Path, points: NDArray[np.float32], asked: Asked, ids: NDArray[np.int64], off: float = 0.0
) -> Verdict:
    """Judge these ids with their true distances, the first of each row ``off`` by that much."""
    np.save(tmp_path / "points.npy", points)
    if asked.queries is not None:
        np.save(tmp_path / "queries.npy", asked.queries)
    distances = np.take_along_axis(keys(points, asked), ids, 1)
    order = np.argsort(distances, axis=1, kind="stable")
    ids, distances = np.take_along_axis(ids, order, 1), np.take_along_axis(distances, order, 1)
    distances[:, 0] -= off
    answers = Answers(ids.astype(np.int32), distances.astype(np.float32), np.ones(len(ids), bool))
    return judge(
        tmp_path / "points.npy",
        "hash",
        answers,
        K,
        "inner_product" if asked.by_products else "euclidean",
        queries_path=None if asked.queries is None else tmp_path / "queries.npy",
        cache=tmp_path,
    )


@pytest.mark.parametrize("by_products", [False, True])
@pytest.mark.parametrize("queries", [None, QUERIES])
@pytest.mark.parametrize("kind", POINTS)
def test_exact_neighbors_are_those_of_the_shortest_code(
    tmp_path: Path, kind: str, queries: NDArray[np.float32] | None, by_products: bool
) -> None:
    points, asked = POINTS[kind], Asked(queries, by_products)
    true = keys(points, asked)
    truth = exact_neighbors(points, np.arange(len(true)), K, asked, threads=2)
    nearest = np.sort(true, axis=1)[:, :K]
    assert np.allclose(truth.distances, nearest, rtol=1e-12, atol=1e-12 * np.abs(nearest).max())
    found = np.take_along_axis(true, truth.indices.astype(np.int64), 1)
    assert np.allclose(truth.distances, found, rtol=1e-12, atol=1e-12 * np.abs(nearest).max())
    same = truth.distances[:, 1:] == truth.distances[:, :-1]
    assert (truth.indices[:, 1:] > truth.indices[:, :-1])[same].all(), "ties by id"
    verdict = judged(tmp_path, points, asked, np.argsort(true, axis=1, kind="stable")[:, :K])
    assert (verdict.wrong, verdict.recall) == (None, 1.0)


def test_points_of_almost_equal_products_are_told_apart(tmp_path: Path) -> None:
    points, asked = POINTS["far from the origin"], Asked(by_products=True)
    random = np.random.default_rng(0).permuted(np.tile(np.arange(800), (900, 1)), axis=1)
    ids = np.array([[i for i in row if i != own][:K] for own, row in enumerate(random)])
    verdict = judged(tmp_path, points, asked, ids)
    assert verdict.wrong is None
    assert verdict.recall is not None
    assert verdict.recall < 0.05


def test_a_wrong_product_and_a_row_itself_are_found(tmp_path: Path) -> None:
    points, asked = POINTS["normal"], Asked(by_products=True)
    right = np.argsort(keys(points, asked), axis=1)[:, :K]
    wrong = judged(tmp_path, points, asked, right, off=0.1).wrong
    assert wrong is not None
    assert "product with a minus, with" in wrong
    own = right.copy()
    own[3, -1] = 3
    distances = np.take_along_axis(-(points @ points.T), own, 1).astype(np.float32)
    answers = Answers(own.astype(np.int32), distances, np.ones(len(own), bool))
    flaw = judge(tmp_path / "points.npy", "hash", answers, K, "inner_product", cache=tmp_path).wrong
    assert flaw == f"row 3: neighbor {K} is the row itself"


def test_queries_and_products_have_truths_of_their_own_in_the_cache(tmp_path: Path) -> None:
    points = POINTS["normal"]
    for queries in (None, QUERIES[:5]):
        for by_products in (False, True):
            asked = Asked(queries, by_products)
            true = np.argsort(keys(points, asked), axis=1, kind="stable")[:, :K]
            assert judged(tmp_path, points, asked, true).recall == 1.0
    assert len(list(tmp_path.glob("truth-*.npz"))) == 4
