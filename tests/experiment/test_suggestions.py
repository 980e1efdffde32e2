"""What is suggested where a prediction has too few sizes: only what can be run, into the same directory."""

import shlex
from pathlib import Path

import numpy as np
import pytest

from bench.experiment.requests import Places, RowsRequest
from bench.experiment.selection import missing_commands
from bench.workloads import PointsRequest


@pytest.mark.parametrize(
    ("rows", "sizes"),
    [(2_000, [200, 666, 2_000]), (40_000, [4_000, 13_333, 40_000]), (200_000, [10_000, 30_000, 100_000])],
)
def test_of_a_file_no_more_rows_are_suggested_than_it_has(
    tmp_path: Path, rows: int, sizes: list[int]
) -> None:
    np.save(tmp_path / "x.npy", np.zeros((rows, 2), np.float32))
    request = RowsRequest(PointsRequest(data=str(tmp_path / "x.npy")), (), Places(tmp_path / "r"))
    commands = [shlex.split(command) for command in missing_commands(request).split("; ")]
    assert [int(words[words.index("-n") + 1]) for words in commands] == sizes
    assert all(words[-2:] == ["--results", str(tmp_path / "r")] for words in commands)


def test_of_other_points_the_usual_sizes_are_suggested() -> None:
    commands = missing_commands(RowsRequest(PointsRequest(workload="small"), (), Places()))
    assert commands == "; ".join(
        f"allknn-bench run --workload small -n {n}" for n in (10_000, 30_000, 100_000)
    )
