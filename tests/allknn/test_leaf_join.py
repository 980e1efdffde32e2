"""The join by leaves: the k best of all pairs that met, the same bytes for any threads, on hard points."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from allknn import _library
from allknn.answers import Block
from allknn.approximate import buckets
from allknn.approximate.buckets import SMALL
from allknn.approximate.leaf_join import LeafJoin
from allknn.approximate.parameters import Parameters
from allknn.approximate.recall import lower_bound
from bench.judge import exact_neighbors

K = 10
N = 2 * SMALL
FAST = Parameters(fan_out=2, leaf_size=100)
Answers = tuple[NDArray[np.int32], NDArray[np.float32]]
SETS = _library._SETS[: _library._SETS.index(_library.instruction_set()) + 1]


def sheet(n: int = N, d: int = 24) -> NDArray[np.float32]:
    rng = np.random.default_rng(0)
    return np.tanh(rng.normal(size=(n, 8)) @ rng.normal(size=(8, d))).astype(np.float32)


def joined(
    points: NDArray[np.float32], how: Parameters = FAST, threads: int = 2, k: int = K, *, copy: bool = True
) -> tuple[Answers, dict[str, float | str]]:
    join = LeafJoin(points, how, threads, copy=copy)
    blocks = [block for block in join.run(k) if isinstance(block, Block)]
    rows = np.concatenate([block.rows for block in blocks])
    order = np.argsort(rows)
    assert np.array_equal(rows[order], np.arange(len(points)))
    indices = np.concatenate([block.indices for block in blocks])[order]
    return (indices, np.concatenate([block.distances for block in blocks])[order]), join.details


def recall(points: NDArray[np.float32], distances: NDArray[np.float32]) -> float:
    rows = np.arange(0, len(points), 8)
    true = exact_neighbors(points, rows, K, threads=2).distances
    return float((distances[rows] <= true[:, -1:] * (1 + 1e-5)).mean())


def bytes_of(answers: Answers) -> bytes:
    return b"".join(array.tobytes() for array in answers)


def hard_points() -> dict[str, NDArray[np.float32]]:
    rng, plain = np.random.default_rng(1), sheet()
    outliers, far, scales = plain.copy(), plain.copy(), plain.copy()
    outliers[:2] *= 1e6
    far[:40] *= 50
    scales[N // 2 :] = scales[N // 2 :] * 1e-4 + 3
    return {
        "outliers": outliers,
        "far": far,
        "offset": plain + np.float32(1e6),
        "scales": scales,
        "huge": plain * np.float32(1e15),
        "tiny": plain * np.float32(1e-15),
    } | {"ties": rng.integers(0, 3, (N, 9)).astype(np.float32)}


@pytest.mark.parametrize("how", [FAST, Parameters(fan_out=1, leaf_size=60, passes=2, recall=0.9)])
def test_the_bytes_are_the_same_for_any_threads_and_wherever_the_points_are_read(how: Parameters) -> None:
    points = sheet()
    points[100:150] = points[0]
    one, _ = joined(points, how, threads=1)
    assert bytes_of(one) == bytes_of(joined(points, how, threads=2)[0])
    assert bytes_of(one) == bytes_of(joined(points, how, threads=3, copy=False)[0])


def test_the_bytes_are_the_same_on_all_sets_that_fuse_and_recall_is_elsewhere() -> None:
    lines = {}
    for name in SETS:
        done = subprocess.run(
            [sys.executable, "-c", "import test_leaf_join as it; print(*it.described())"],
            env=os.environ
            | {"ALLKNN_SIMD": name, "PYTHONPATH": f"{Path(__file__).parent}:{Path(__file__).parents[2]}"},
            capture_output=True,
            text=True,
            check=True,
        )
        lines[name] = done.stdout.split()
    assert len({digest for name, (digest, _) in lines.items() if name != "generic"}) <= 1
    recalls = [float(value) for _, value in lines.values()]
    assert max(recalls) - min(recalls) < 0.02


def described() -> tuple[str, float]:
    answers, _ = joined(sheet())
    return hashlib.sha256(bytes_of(answers)).hexdigest(), recall(sheet(), answers[1])


@pytest.mark.parametrize(("d", "unit"), [(5, 1.0), (20, 1.0), (20, 0.25)])
def test_few_points_are_answered_exactly_by_distance_and_id(d: int, unit: float) -> None:
    points = np.random.default_rng(0).integers(0, 4, (1000, d)).astype(np.float32) * np.float32(unit)
    (indices, distances), _ = joined(points)
    squared = ((points[:, None].astype(np.float64) - points[None]) ** 2).sum(axis=2)
    np.fill_diagonal(squared, np.inf)
    order = np.argsort(squared, axis=1, kind="stable")[:, :K]
    assert np.array_equal(indices, order)
    assert np.array_equal(distances, np.sqrt(np.take_along_axis(squared, order, 1)).astype(np.float32))


@pytest.mark.parametrize("size", [1.0, 0.3])
def test_where_all_are_as_far_the_least_ids_are_neighbors(size: float) -> None:
    (indices, distances), _ = joined(np.eye(600, dtype=np.float32) * np.float32(size))
    assert indices[0].tolist() == list(range(1, K + 1))
    assert indices[300].tolist() == list(range(K))
    assert np.all(distances == np.float32(np.sqrt(2 * np.float64(np.float32(size)) ** 2)))


@pytest.mark.parametrize("kind", hard_points())
def test_hard_points_are_found_as_well_as_others(kind: str) -> None:
    points = hard_points()[kind]
    (_, distances), _ = joined(points)
    assert recall(points, distances) > recall(sheet(), joined(sheet())[0][1]) - 0.03


def test_distances_are_those_of_the_ids_and_sorted_by_both() -> None:
    points = hard_points()["outliers"]
    (indices, distances), _ = joined(points)
    true = np.sqrt(((points[:, None].astype(np.float64) - points[indices]) ** 2).sum(axis=2))
    assert np.array_equal(distances, true.astype(np.float32))
    assert np.all((np.diff(distances) > 0) | ((np.diff(distances) == 0) & (np.diff(indices) > 0)))
    assert not np.any(indices == np.arange(len(points))[:, None])


def test_one_dimension_many_dimensions_and_one_hot_rows() -> None:
    for points in (sheet()[:, :1].copy(), sheet(5000, 1000), np.eye(600, dtype=np.float32).repeat(9, axis=0)):
        assert recall(points, joined(points)[0][1]) > 0.75


@pytest.mark.parametrize("n", [1, 2, K, K + 1])
def test_fewer_points_than_neighbors_leave_places_empty(n: int) -> None:
    (indices, distances), _ = joined(sheet(n))
    assert np.all((indices >= 0).sum(axis=1) == min(K, n - 1))
    assert np.all(np.isinf(distances) == (indices < 0))


def test_equal_points_are_one_anothers_neighbors() -> None:
    points = sheet()
    points[4000:] = points[:4].repeat((N - 4000) // 4, axis=0)
    indices, distances = joined(points)[0]
    assert np.all(distances[4000:] == 0)
    assert all(len(set(row)) == K for row in indices.tolist())


def test_more_buckets_larger_leaves_and_passes_find_more() -> None:
    points = sheet()
    base = recall(points, joined(points, Parameters(fan_out=1, leaf_size=60))[0][1])
    for how in (
        Parameters(fan_out=2, leaf_size=60),
        Parameters(fan_out=1, leaf_size=120),
        Parameters(fan_out=1, leaf_size=60, passes=1),
    ):
        assert recall(points, joined(points, how)[0][1]) > base


def test_it_goes_on_until_the_recall_asked_for_is_reached() -> None:
    points = sheet()
    (_, distances), details = joined(points, Parameters(fan_out=1, leaf_size=60, recall=0.95))
    assert float(details["rounds"]) > 1
    assert float(details["recall_at_least"]) >= 0.95
    assert recall(points, distances) >= 0.95


@pytest.mark.parametrize(
    ("how", "rounds"), [(Parameters(recall=0.9), 0), (Parameters(fan_out=1, leaf_size=60, recall=0.95), 1)]
)
def test_exact_answers_where_that_takes_less_than_the_recall_asked_for(how: Parameters, rounds: int) -> None:
    points = np.random.default_rng(0).normal(size=(5000, 40)).astype(np.float32)
    (_, distances), details = joined(points, how)
    assert details["recall_at_least"] == 1.0
    assert details.get("rounds", 0) == rounds
    assert "compute" in str(details["exact_because"])
    assert recall(points, distances) == 1.0


def test_a_recall_near_1_is_shown_by_more_rows_or_answered_exactly_at_once() -> None:
    how = Parameters(fan_out=4, leaf_size=100, recall=0.99)
    _, shown = joined(sheet(50_500, 8), how)
    assert 0.99 <= float(shown["recall_at_least"]) < 1
    assert "exact_because" not in shown
    _, exact = joined(sheet(), how)
    assert "1000 rows" in str(exact["exact_because"])
    assert "rounds" not in exact


def test_a_point_that_meets_too_few_others_is_searched_for_among_all(monkeypatch: pytest.MonkeyPatch) -> None:
    points = sheet(5000, 3)
    monkeypatch.setattr(buckets, "POINTS_A_LEADER", 80)
    (indices, distances), details = joined(points, Parameters(fan_out=1), k=100)
    assert np.all(indices >= 0)
    short = float(details["rows_completed"])
    assert 0 < short < 5000
    rows = np.arange(0, 5000, 10)
    true = exact_neighbors(points, rows, 100, threads=2).distances
    assert np.isclose(distances[rows], true, rtol=1e-5).all(axis=1).mean() >= 0.8 * short / 5000


def test_the_lower_bound_holds_for_all_but_few_samples() -> None:
    rng = np.random.default_rng(0)
    population = np.where(rng.random(20_000) < 0.02, rng.random(20_000), 1.0)
    bounds = [lower_bound(rng.choice(population, 500, replace=False), 20_000, 0.99) for _ in range(300)]
    assert np.mean(np.array(bounds) > population.mean()) <= 0.02
    assert np.mean(bounds) > population.mean() - 0.02


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"fan_out": 0}, "fan_out must be at least 1, got 0"),
        ({"leaf_size": 15}, "leaf_size must be at least 16, got 15"),
        ({"recall": 1.0}, "recall must be at least 0 and below 1, got 1.0"),
    ],
)
def test_what_is_out_of_range_is_refused(wrong: dict[str, float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Parameters(**wrong)  # type: ignore[arg-type]


def test_points_whose_squared_distances_float32_cannot_hold_are_answered_exactly() -> None:
    points = sheet()
    points[7::1000] = 1e25
    (indices, distances), details = joined(points)
    assert "float32" in str(details["exact_because"])
    rows = np.array([0, 7, 1007])
    true = np.sqrt(((points[rows, None].astype(np.float64) - points[indices[rows]]) ** 2).sum(axis=2))
    assert np.array_equal(distances[rows], true.astype(np.float32))
    assert indices[7, :7].tolist() == list(range(1007, 8000, 1000))


def test_pairs_counted_decide_when_to_end_and_do_not_depend_on_threads() -> None:
    rng = np.random.default_rng(0)
    near = rng.normal(size=(12_000, 16)) * 10.0 ** rng.uniform(-3, 0, (12_000, 1))
    points = (rng.normal(size=(200, 16))[rng.integers(0, 200, 12_000)] * 30 + near).astype(np.float32)
    one, two = (joined(points, Parameters(), threads)[1]["pairs_a_point"] for threads in (1, 2))
    assert one == two
