"""The tasks of the exact search of a DataFrame, without Spark: their answers are those of brute force."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from allknn.exact import sides
from allknn.exact.screen import Screen
from allknn.spark import cell_tasks, exact_tasks
from allknn.spark.exact_tasks import AWAY, HOME, RADII
from allknn.spark.leaf_tasks import LISTS
from allknn.spark.messages import Message, read, written
from allknn.spark.point_tasks import POINTS
from tests.allknn.test_exact_join import brute_force, drawn, same_bytes

N, D, K, RANGE = 3000, 20, 7, 1000
STARTS = np.array([0, 900, N])


def delivered(messages: Iterable[Message]) -> Iterator[Iterator[Any]]:
    """The Arrow batches of each place, by kind, as Spark would bring them."""
    places = defaultdict(list)
    for message in messages:
        places[message.to].append(message)
    for place in sorted(places):
        yield written(sorted(places[place], key=lambda message: message.kind))


def searched(
    parts: list[Message], centers: NDArray[np.float64], where: str, *, slices: int, n_queries: int
) -> list[Message]:
    route = partial(exact_tasks.route, centers=centers, slices=slices, where=where)
    route = partial(route, first_query=N - n_queries, queries_alone=n_queries > 0)
    search = partial(cell_tasks.search, k=K, range_rows=RANGE, slices=slices)
    search = partial(search, radii_for=STARTS if where == HOME else None)
    routed = [message for part in delivered(parts) for message in read(route(part))]
    return [message for place in delivered(routed) for message in read(search(place))]


def answered(
    points: NDArray[np.float32], n_cells: int, slices: int = 1, n_queries: int = 0
) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    centers = points[np.random.default_rng(1).choice(N, n_cells, replace=False)].astype(np.float64)
    numbers = np.arange(N, dtype=np.int32)
    parts = [
        Message(part, POINTS, (numbers[start:stop], points[start:stop]))
        for part, (start, stop) in enumerate(pairwise(STARTS.tolist()))
    ]
    home = searched(parts, centers, HOME, slices=1, n_queries=n_queries)
    radii = [message for message in home if message.kind == RADII]
    away = searched(parts + radii, centers, AWAY, slices=slices, n_queries=n_queries)
    lists = [message for message in home if message.kind == LISTS] + away
    settled = [
        message.data
        for place in delivered(lists)
        for message in read(exact_tasks.settle(place, k=K, kind=LISTS))
    ]
    rows, indices, distances = (np.concatenate(arrays) for arrays in zip(*settled, strict=True))
    assert rows.tolist() == list(range(N - n_queries if n_queries else 0, N))
    return indices, distances


@pytest.mark.parametrize("screened", [False, True])
@pytest.mark.parametrize(("n_cells", "slices"), [(1, 1), (5, 1), (9, 3)])
@pytest.mark.parametrize("kind", ["uniform", "far", "tight", "line"])
def test_each_point_finds_its_neighbors_in_whatever_cells(
    kind: str, n_cells: int, slices: int, screened: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sides, "_FEWEST", 1 if screened else N + 1)
    monkeypatch.setattr(Screen, "pays", lambda *_: True)
    points = np.unique(drawn(kind, 2 * N, D, 1.0, 0), axis=0)
    points = np.random.default_rng(0).permutation(points)[:N]
    assert len(points) == N
    assert same_bytes(answered(points, n_cells, slices), brute_force(points, K))


def test_queries_find_points_and_not_one_another() -> None:
    points, n_queries = drawn("uniform", N, 4, 1.0, 0), 100
    points[-n_queries // 2 :] = points[: n_queries // 2]  # as near as can be
    indices, distances = answered(points, 6, n_queries=n_queries)
    few, queries = (some.astype(np.float64) for some in (points[:-n_queries], points[-n_queries:]))
    squared = ((queries[:, None] - few) ** 2).sum(axis=2)
    nearest = np.lexsort((np.broadcast_to(np.arange(len(few)), squared.shape), squared), axis=1)[:, :K]
    expected = np.sqrt(np.take_along_axis(squared, nearest, axis=1)).astype(np.float32)
    assert same_bytes((indices, distances), (nearest.astype(np.int32), expected))
