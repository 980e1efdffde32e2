"""What is told before a search: what its rounds will find, and when the exact join takes less, by counts."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from numpy.typing import NDArray

from allknn.approximate import buckets, forecast
from allknn.approximate.leaf_join import LeafJoin
from allknn.approximate.lists import Division
from allknn.approximate.parameters import Parameters
from allknn.approximate.recall import Judge
from allknn.exact import trial
from allknn.exact.join import Join

K = 10
RNG = np.random.default_rng(0)
Parts = tuple[NDArray[np.int32], NDArray[np.int64]]


def sheet(n: int) -> NDArray[np.float32]:
    return np.tanh(RNG.normal(size=(n, 8)) @ RNG.normal(size=(8, 24))).astype(np.float32)


def islands(n_islands: int, n: int) -> NDArray[np.float32]:
    """Points that are hard to tell apart on each island, and islands that bounds tell apart at once."""
    middles = RNG.normal(size=(n_islands, 60)) * 100
    return (middles[np.arange(n) % n_islands] + RNG.random((n, 60))).astype(np.float32)


def parts(points: NDArray[np.float32]) -> Parts:
    """Return all rows bucket by bucket, and where each bucket begins."""
    ids = np.arange(len(points), dtype=np.int32)
    with ThreadPoolExecutor(2) as pool:
        slots = buckets.find(points, ids, 1, buckets.plant(points, ids, [0, 0]), pool)
    order = buckets.ordered(slots)
    return order, np.searchsorted(slots.numbers[order, 0], np.arange(slots.n_buckets + 1))


def test_the_recall_that_rounds_will_find_is_told_beforehand() -> None:
    points, how = sheet(8192), Parameters(fan_out=1, leaf_size=60, recall=0.9)
    ids = np.arange(len(points), dtype=np.int32)
    with ThreadPoolExecutor(2) as pool:
        judge = Judge(points, ids, K, 500, 0, pool)
        found = forecast.rounds(judge, points, ids, how, Division.of(len(ids), how.leaf_size, K), pool)
        told = [float(next(found).mean()) for _ in range(8)]
    join = LeafJoin(points, how, 2)
    for _ in join.run(K):
        pass
    done = int(float(join.details["rounds"]))
    assert done > 1
    assert join.details["recall_estimate"] == pytest.approx(told[done - 1], abs=0.03)


def test_the_share_of_pairs_that_the_exact_join_computes_is_told_by_a_few_leaves() -> None:
    for points in (islands(8, 12_000), sheet(12_000), RNG.random((8_000, 40)).astype(np.float32)):
        join = Join(points, 2)
        for _ in join.run(K):
            pass
        computed = float(join.details["share_of_pairs_computed"])
        assert computed / 2 - 0.01 <= trial.share_left(points, *parts(points), K) <= computed * 2 + 0.01


def test_where_bounds_spare_most_pairs_the_exact_join_is_taken_and_else_rounds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    points, how = islands(16, 48_000), Parameters(recall=0.98)
    order, begin = parts(points)
    with ThreadPoolExecutor(2) as pool:
        judge = Judge(points, order, K, 500, 0, pool)
        assert "compute" in forecast.why_exact(judge, points, order, begin, how, K, pool)
        monkeypatch.setattr(trial, "share_left", lambda *_: 1.0)
        assert forecast.why_exact(judge, points, order, begin, how, K, pool) == ""
