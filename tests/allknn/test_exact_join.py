"""The exact join, compared to the byte with a brute force that shares none of its code."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from allknn._native import LEAF
from allknn.answers import Block
from allknn.exact import duplicates, join, order, task
from allknn.exact.points import Lists, Workspace
from bench.strategy import Points

KINDS = ("uniform", "equal", "half_equal", "copies", "grid", "far", "denormal", "mixed", "tight", "line")


def drawn(kind: str, n: int, d: int, scale: float, seed: int) -> NDArray[np.float32]:
    rng = np.random.default_rng(seed)
    plain = rng.normal(size=(n, d)) * scale
    centers = rng.normal(size=(4, d)) * scale
    points = {
        "uniform": plain,
        "equal": np.full((n, d), scale),
        "half_equal": np.where(rng.random((n, 1)) < 0.5, scale, plain),
        "copies": plain[rng.integers(n, size=n) // 5],
        "grid": rng.integers(3, size=(n, d)) * scale,
        "far": 1e6 + plain,
        "denormal": plain * 1e-40,
        "mixed": plain * 10.0 ** rng.integers(-40, 30, size=(n, 1)),
        "tight": centers[rng.integers(4, size=n)] + 1e-7 * plain,
        "line": plain[:, :1] * np.ones(d),
    }[kind]
    return points.astype(np.float32)


def brute_force(points: Points, k: int) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """Float64, squared differences summed in the order of the features, sorted by (distance, id)."""
    wide = points.astype(np.float64)
    squared = np.zeros((len(points), len(points)))
    for feature in wide.T:
        squared += (feature[:, None] - feature) ** 2
    np.fill_diagonal(squared, np.inf)
    indices = np.argsort(squared, axis=1, kind="stable")[:, :k]  # stable: of equal ones the smaller id
    distances = np.sqrt(np.take_along_axis(squared, indices, axis=1))
    return indices.astype(np.int32), distances.astype(np.float32)


def answered(points: Points, k: int, threads: int = 2) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    blocks = [block for block in join.Join(points, threads).run(k) if isinstance(block, Block)]
    rows = np.concatenate([np.asarray(block.rows) for block in blocks])
    order = np.argsort(rows)
    assert np.array_equal(rows[order], np.arange(len(points)))
    indices, distances = (
        np.concatenate([getattr(block, side) for block in blocks])[order] for side in ("indices", "distances")
    )
    return indices, distances


def same_bytes(one: tuple[NDArray, NDArray], other: tuple[NDArray, NDArray]) -> bool:
    return all(a.dtype == b.dtype and a.tobytes() == b.tobytes() for a, b in zip(one, other, strict=True))


@settings(max_examples=150, deadline=None)
@given(
    kind=st.sampled_from(KINDS),
    n=st.integers(2, 3 * LEAF),
    d=st.integers(1, 70),
    k=st.integers(1, 30),
    scale=st.sampled_from([1e-4, 1.0, 1e4]),
    seed=st.integers(0, 1 << 30),
)
def test_answers_are_those_of_brute_force_to_the_byte(
    kind: str, n: int, d: int, k: int, scale: float, seed: int
) -> None:
    points = drawn(kind, n, d, scale, seed)
    k = min(k, n - 1)
    assert same_bytes(answered(points, k), brute_force(points, k))


@pytest.mark.parametrize("kind", ["uniform", "grid", "tight"])
def test_many_leaves_and_ranges_join_to_the_same_bytes(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(order, "_ALONE", 4 * LEAF)  # so that threads share the sorting
    points = drawn(kind, 20 * LEAF + 7, 5, 1.0, 0)
    expected = brute_force(points, 10)
    assert all(same_bytes(answered(points, 10, threads), expected) for threads in (1, 2, 3))


def test_huge_values_do_not_overflow() -> None:
    points = drawn("uniform", 300, 3, 1e37, 0)
    assert same_bytes(answered(points, 5), brute_force(points, 5))


def test_zeros_of_both_signs_are_equal() -> None:
    points = drawn("uniform", 50, 3, 1.0, 0)
    points[10:40] = np.float32(0)
    points[20:30] *= -1
    groups = duplicates.group(points)
    assert [*groups.members[groups.begin[10] : groups.begin[11]]] == [*range(10, 40)]


def test_progress_is_told_before_the_answers() -> None:
    points = drawn("uniform", 10 * LEAF, 3, 1.0, 0)
    yielded = list(join.Join(points, 2).run(3))
    told = [share for share in yielded if isinstance(share, float)]
    assert all(isinstance(share, float) for share in yielded[: len(told)])
    assert told == sorted(told)
    assert told[-1] == 1


def test_separate_clusters_are_not_compared() -> None:
    near = drawn("uniform", 5 * LEAF, 3, 1.0, 0)
    apart = near + np.float32(1000)
    whole = join.Join(np.concatenate([near, apart]), 1)
    list(whole.run(3))
    assert float(whole.details["share_of_pairs_computed"]) < 0.6


@pytest.mark.parametrize("meets_itself", [True, False])
def test_a_task_finds_the_same_in_however_many_parts(
    meets_itself: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    points = np.random.default_rng(0).standard_normal((3000, 5)).astype(np.float32)
    ordered = join.Join(points, 1).ordered
    n_leaves = len(ordered.radii)
    everyone = 0, n_leaves
    p, q = (everyone, everyone) if meets_itself else ((0, 7), (7, n_leaves))
    work = task.Work(p, q, bounds=np.full(len(points), -np.inf, np.float32), k=1, kept=4)

    def found(leaves_at_once: int) -> tuple[list[int], list[int]]:
        monkeypatch.setattr(task, "leaves_in_cache", lambda _: leaves_at_once)
        answer = task.find(ordered, None, work)
        return answer.sizes.tolist(), answer.others.tolist()

    sizes, others = found(n_leaves)
    assert set(sizes) == {4}
    sides = np.arange(len(points)) >= ordered.leaf_at[7]
    assert meets_itself or (sides[others] != np.repeat(sides, 4)).all()
    assert found(2) == found(1) == (sizes, others)


@settings(max_examples=60, deadline=None)
@given(
    kind=st.sampled_from(["uniform", "far", "denormal", "mixed", "tight"]),
    n=st.integers(2, LEAF),
    d=st.integers(1, 130),
    seed=st.integers(0, 1 << 30),
)
def test_a_tile_never_underestimates_how_near_two_points_are(kind: str, n: int, d: int, seed: int) -> None:
    points = drawn(kind, n, d, 1.0, seed)
    points.flags.writeable = False
    with ThreadPoolExecutor(1) as pool:
        ordered = order.arrange(points, np.arange(n, dtype=np.int32), pool)
    lists = Lists.empty(ordered, n - 1)
    assert Workspace.of(1, d).join(ordered, (0, 1), (0, 1), lists) >= n * (n - 1) / 2
    assert [*np.sort(lists.others, axis=1)[0]] == [*range(1, n)]
    wide = points[ordered.order].astype(np.float64) * ordered.scale
    true = -0.5 * ((wide[:, None] - wide[lists.others]) ** 2).sum(axis=2)
    assert np.all(lists.nearness >= true * (1 + 1e-12))


def test_leaves_with_one_center_are_joined_whatever_the_memory_held_before() -> None:
    half = np.random.default_rng(0).integers(-50, 50, (2, LEAF // 2, 6))
    points = np.concatenate([half[0], -half[0], half[1], -half[1]]).astype(np.float32)
    ordered = order.measured(points, np.arange(len(points), dtype=np.int32))
    answers = []
    for held in (0x00, 0x3F):
        lists, workspace = Lists.empty(ordered, 9), Workspace.of(2, 6)
        workspace.memory[:] = held
        workspace.join(ordered, (0, 2), (0, 2), lists)
        answers.append(lists.others.tolist())
    assert answers[0] == answers[1]


@pytest.mark.parametrize("kind", ["copies", "uniform", "equal"])
def test_threads_find_the_same_equal_points(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(duplicates, "_FEWEST", 100)
    points = drawn(kind, 1000, 3, 1.0, 0)
    alone, together = (duplicates.group(points, threads) for threads in (1, 7))
    assert alone.members.tobytes() == together.members.tobytes()
    assert alone.begin.tobytes() == together.begin.tobytes()
    assert len(alone.first) == len(np.unique(points, axis=0))
