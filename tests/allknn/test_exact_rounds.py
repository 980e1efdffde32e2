"""The exact join by tasks, without Spark: its bytes and its number of jobs do not depend on the cores."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from allknn.answers import Block
from allknn.exact import task
from allknn.exact.join import Join
from allknn.exact.points import Lists
from allknn.spark.exact_rounds import join_by_tasks

N, D, K = 20_000, 6, 5


def made_points() -> np.ndarray[Any, np.dtype[np.float32]]:
    return np.random.default_rng(0).normal(size=(N, D)).astype(np.float32)


def answers(join: Join, lists: Lists) -> bytes:
    ids = np.empty((N, K), np.int32)
    for block in join.answers(lists, K):
        ids[block.rows] = block.indices
    return ids.tobytes()


@pytest.mark.parametrize("cores", [1, 8, 160])
def test_jobs_grow_neither_with_the_cores_nor_their_tasks_with_the_square(cores: int) -> None:
    points = made_points()
    join, waves = Join(points, 1), []

    def prepare(works: list[task.Work]) -> Callable[[], list[Any]]:
        waves.append(len(works))
        return lambda: [(tuple(task.find(points, work)), ()) for work in works]

    lists, reports = Lists.empty(join.ordered, join.kept(K)), []
    shares = list(
        join_by_tasks(
            join,
            lists,
            rows_per_range=1 << 17,
            cores=cores,
            prepare=prepare,
            cancel=lambda: None,
            reports=reports,
        )
    )
    assert shares[-1] == 1.0
    assert len(waves) <= 6
    assert sum(waves) == len(reports) <= 4 * cores + 20 * np.sqrt(cores)
    expected = np.empty((N, K), np.int32)
    for block in Join(points, 1).run(K):
        if isinstance(block, Block):
            expected[block.rows] = block.indices
    assert answers(join, lists) == expected.tobytes()
