"""From the options to the points: which Spark reads, and the options that choose them again."""

import shlex
from argparse import Namespace
from pathlib import Path

import pytest

from bench.cli import points
from bench.cli.parser import parse
from bench.cli.request import request

MASTER = "spark://127.0.0.1:1"


def run(*words: str) -> Namespace:
    return parse(["run", "sklearn_matrix", "--master", MASTER, *words])


def test_a_master_serves_any_strategy_where_spark_reads_the_points() -> None:
    arguments = run("--data", "hdfs://h/x", "--shared-dir", "/tmp")
    assert points.read_by_spark(arguments)
    assert request(arguments).master == MASTER
    with pytest.raises(ValueError, match="none of sklearn_matrix is one, and these points are read here"):
        request(run("--workload", "small"))


def test_the_master_is_among_the_options_that_choose_points_again_where_it_reads_them(tmp_path: Path) -> None:
    (tmp_path / "x.npy").touch()
    words = shlex.split(points.as_options(run("--data", "hdfs://h/x", "--shared-dir", "/tmp")))
    assert words[words.index("--master") + 1] == MASTER
    assert "--master" not in points.as_options(run("--data", str(tmp_path / "x.npy")))


def test_points_on_a_cluster_are_chosen_without_asking_it(tmp_path: Path) -> None:
    chosen = points.workload(run("--data", "hdfs://127.0.0.1:1/x", "--shared-dir", str(tmp_path)))
    assert chosen.name == "x"
    with pytest.raises(ValueError, match=r"no namenode can be reached for hdfs://127.0.0.1:1/x"):
        points.stage(chosen, tmp_path)
