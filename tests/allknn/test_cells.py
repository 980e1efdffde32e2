"""The tasks of the exact search of a DataFrame, without Spark: their answers are those of brute force."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from allknn import nearest_neighbors
from allknn.exact import sides
from allknn.exact.screen import Trial
from allknn.metrics import norms
from allknn.spark import cell_tasks, exact_tasks, sample_tasks
from allknn.spark.cells import Cells
from allknn.spark.leaf_tasks import LISTS
from allknn.spark.messages import Message, read, written
from allknn.spark.point_tasks import POINTS, Starts
from allknn.spark.products import ProductCells
from tests.allknn.test_exact_join import brute_force, drawn, same_bytes

N, D, K, RANGE = 3000, 20, 7, 1000
STARTS = np.array([0, 900, N])
NUMBERS = Starts({(0, 0): 0, (0, 1): 500, (1, 0): 900, (1, 1): 2000})


def delivered(messages: Iterable[Message]) -> Iterator[Iterator[Any]]:
    """The Arrow batches of each place, by kind, as Spark would bring them."""
    places = defaultdict(list)
    for message in messages:
        places[message.to].append(message)
    for place in sorted(places):
        yield written(sorted(places[place], key=lambda message: message.kind))


def sent(places: Iterable[Iterator[Any]], task: Callable[..., Iterator[Any]], **more: Any) -> list[Message]:
    """What a task sends from all places."""
    return [message for place in places for message in read(task(place, **more))]


def settled(lists: list[Message], **more: bool) -> tuple[NDArray[Any], ...]:
    """What ranges make of what was found: numbers, who is near, how far."""
    merged = sent(delivered(lists), exact_tasks.settle, k=K, kind=LISTS, **more)
    arrays = [message.data for message in merged]
    return tuple(np.concatenate(some) for some in zip(*arrays, strict=True))


def in_parts(points: NDArray[np.float32]) -> list[Message]:
    """Points as the blocks of their parts."""
    return [
        Message(part, POINTS, (block, points[start:stop]))
        for (part, block), (start, stop) in zip(NUMBERS, pairwise([*NUMBERS.values(), N]), strict=True)
    ]


def cut(points: NDArray[np.float32], n_cells: int) -> Cells:
    return Cells(points[np.random.default_rng(1).choice(N, n_cells, replace=False)].astype(np.float64))


def answered(
    points: NDArray[np.float32], n_cells: int, n_queries: int = 0, *, products: bool = False
) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    found = {"k": K, "range_rows": RANGE, "find": cell_tasks.near}
    cells = cut(points, n_cells)
    if products:
        largest = float(norms(points[: N - n_queries]).max())
        cells = ProductCells.amid_points(points[:100], n_cells, largest)
        found["find"] = cells.near
    first_visitor = N - n_queries if n_queries else 0 if products else None
    asked = {"first_query": N - n_queries, "first_visitor": first_visitor}
    homes = sent(delivered(in_parts(points)), exact_tasks.to_homes, starts=NUMBERS, cells=cells, **asked)
    near = sent(delivered(homes), cell_tasks.at_home, cells=cells, **found)
    lists = sent(delivered(near), cell_tasks.visited, **found)
    rows, indices, distances = settled(lists, squared=not products)
    assert rows.tolist() == list(range(N - n_queries if n_queries else 0, N))
    return indices, distances


@cache
def solved(kind: str) -> tuple[NDArray[np.float32], tuple[NDArray[np.int32], NDArray[np.float32]]]:
    """Points that all differ, and their neighbors."""
    points = np.unique(drawn(kind, 2 * N, D, 1.0, 0), axis=0)
    points = np.random.default_rng(0).permutation(points)[:N]
    assert len(points) == N
    return points, brute_force(points, K)


@pytest.mark.parametrize("screened", [False, True])
@pytest.mark.parametrize("n_cells", [1, 5, 9])
@pytest.mark.parametrize("kind", ["uniform", "far", "tight", "line"])
def test_each_point_finds_its_neighbors_in_whatever_cells(
    kind: str, n_cells: int, screened: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sides, "_FEWEST", 1 if screened else N + 1)
    monkeypatch.setattr(Trial, "pays", True)
    points, expected = solved(kind)
    assert same_bytes(answered(points, n_cells), expected)


def test_queries_find_points_and_not_one_another() -> None:
    points, n_queries = drawn("uniform", N, 4, 1.0, 0), 100
    points[-n_queries // 2 :] = points[: n_queries // 2]  # as near as can be
    indices, distances = answered(points, 6, n_queries=n_queries)
    few, queries = (some.astype(np.float64) for some in (points[:-n_queries], points[-n_queries:]))
    squared = ((queries[:, None] - few) ** 2).sum(axis=2)
    nearest = np.lexsort((np.broadcast_to(np.arange(len(few)), squared.shape), squared), axis=1)[:, :K]
    expected = np.sqrt(np.take_along_axis(squared, nearest, axis=1)).astype(np.float32)
    assert same_bytes((indices, distances), (nearest.astype(np.int32), expected))


@pytest.mark.parametrize("n_queries", [0, 100])
@pytest.mark.parametrize("kind", ["uniform", "far", "whole", "zero"])
def test_the_largest_products_are_those_of_arrays(kind: str, n_queries: int) -> None:
    points = drawn("uniform" if kind in ("whole", "zero") else kind, N, 5, 1.0, 0)
    if kind == "whole":  # equal ones and equal products, and some points are zero
        points = np.round(points * 4)
        points[1] = points[-1] = 0
    if kind == "zero":
        points[: N - n_queries] = 0
    n_points = N - n_queries
    queries = points[n_points:] if n_queries else None
    expected = nearest_neighbors(points[:n_points], K, queries=queries, metric="inner_product")
    assert same_bytes(answered(points, 5, n_queries, products=True), tuple(expected))


def test_points_that_know_too_few_find_all_within_a_radius() -> None:
    points, numbers = drawn("uniform", N, 4, 1.0, 0), np.array([3, 899, 900, 2500], np.int32)
    indices, distances = brute_force(points, K)
    few = np.where(np.isin(np.arange(N), numbers)[:, None] & (np.arange(K) == K - 1), np.int32(-1), indices)
    known = [Message(0, LISTS, (np.arange(N, dtype=np.int32), few, distances))]
    radii = sent(delivered(known), exact_tasks.bounds, part_starts=STARTS, short_of=K)
    parts = delivered(in_parts(points) + radii)
    reached = sent(parts, exact_tasks.to_reached, starts=NUMBERS, cells=cut(points, 6))
    rows, *found = settled(
        sent(delivered(reached), cell_tasks.visited, k=K, range_rows=RANGE, find=cell_tasks.near)
    )
    assert rows.tolist() == numbers.tolist()
    assert same_bytes(tuple(found), (indices[numbers], distances[numbers]))


@pytest.mark.parametrize("bounded", [False, True])
def test_a_sample_finds_its_neighbors_in_all_parts(bounded: bool) -> None:
    points, numbers = drawn("uniform", N, 4, 1.0, 0), np.array([3, 899, 900, 2500], np.int32)
    indices, distances = brute_force(points, K)
    radii = distances[numbers, -1] if bounded else np.full(len(numbers), np.inf, np.float32)
    asked = numbers, points[numbers], radii
    near = {"starts": NUMBERS, "asked": asked, "k": K, "range_rows": RANGE}
    rows, *found = settled(sent(delivered(in_parts(points)), sample_tasks.near_sample, **near))
    assert rows.tolist() == numbers.tolist()
    assert same_bytes(tuple(found), (indices[numbers], distances[numbers]))
