"""predict --executors as a user calls it, on made-up results."""

import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest

from bench.cli import main
from bench.results import Measurement, Store
from tests.analysis.test_cluster_phases import ran
from tests.ladders import ladder

pytestmark = pytest.mark.strategies("spark_sklearn", "spark_leaf_join")

CLUSTER = ("--executors", "20", "--cores", "8")


def leave(directory: Path, rows: Iterable[Measurement]) -> list[str]:
    """Write rows; the options that name them."""
    store = Store(directory)
    for row in rows:
        store.append(row)
    return ["--results", str(directory)]


def test_every_way_to_ship_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    details = {"compute_seconds_sum": 20.0, "shipped_bytes": 1e7, "python_workers": 1.0, "cores": 1.0}
    options = leave(tmp_path, ladder("spark_sklearn", master="local[1,4]", details=details))
    cluster = [*CLUSTER, "--executor-memory", "16GiB", "--price", "0.05"]
    assert main(["predict", "-n", "1e9", *cluster, *options]) == 0
    out = capsys.readouterr().out
    assert all(word in out for word in ("broadcast", "path", "core-hours", "costing", "assumed"))
    assert main(["predict", "-n", "1e9", "--json", *cluster, *options]) == 0
    line = json.loads(capsys.readouterr().out)
    assert line["n"] == 10**9
    assert isinstance(line["ways"], list)
    assert line["ceiling"]["set_by"] in {term["name"] for term in line["terms"]}


def test_the_phases_of_a_join_are_planned(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [
        replace(ran(n, 2), strategy="spark_leaf_join", params={"fan_out": 4}) for n in (100_000, 1_000_000)
    ]
    assert main(["predict", "-n", "1e9", *CLUSTER, *leave(tmp_path, rows)]) == 0
    out = capsys.readouterr().out
    assert "assign: 1 jobs, 7,630 tasks, solve: 1 jobs, 1,920 tasks, merge: 30 jobs, 9,537 tasks" in out
    assert all(word in out for word in ("driver: settle", "solve, the last task", "cores bring little"))
