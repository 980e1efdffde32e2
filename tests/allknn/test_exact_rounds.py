"""The exact join by tasks, without Spark: its bytes and its number of jobs do not depend on the cores."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from allknn.answers import Block
from allknn.exact import arrangement, task
from allknn.exact import join as exact_join
from allknn.exact.join import Join
from allknn.exact.points import Lists
from allknn.exact.screen import Trial
from allknn.spark.exact_rounds import join_by_tasks, planned

N, D, K = 20_000, 6, 5


def made_points() -> np.ndarray[Any, np.dtype[np.float32]]:
    return np.random.default_rng(0).normal(size=(N, D)).astype(np.float32)


def answers(join: Join, lists: Lists) -> bytes:
    ids = np.empty((N, K), np.int32)
    for block in join.answers(lists, K):
        ids[block.rows] = block.indices
    return ids.tobytes()


@pytest.mark.parametrize(("cores", "screened"), [(1, False), (8, True), (160, False), (160, True)])
def test_jobs_grow_neither_with_the_cores_nor_their_tasks_with_the_square(
    cores: int, screened: bool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    points = made_points()
    if screened:
        monkeypatch.setattr(exact_join, "FEWEST", 1)
        monkeypatch.setattr(Trial, "pays", True)
    join, waves = Join(points, 1), []
    layout = join.write(tmp_path / "arrangement")
    assert join.details["screened"] == screened

    def prepare(works: list[task.Work]) -> Callable[[], list[Any]]:
        waves.append(len(works))
        ordered, screen = arrangement.read(str(tmp_path / "arrangement"), layout, points)
        return lambda: [(tuple(task.find(ordered, screen, work)), ()) for work in works]

    lists, reports = Lists.empty(join.ordered, join.kept(K)), []
    shares = list(
        join_by_tasks(
            join,
            lists,
            k=K,
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
    assert planned(len(join.ordered.order), 1 << 17, cores) == (waves[0], sum(waves[1:]), len(waves) - 1)
    expected = np.empty((N, K), np.int32)
    for block in Join(points, 1).run(K):
        if isinstance(block, Block):
            expected[block.rows] = block.indices
    assert answers(join, lists) == expected.tobytes()
