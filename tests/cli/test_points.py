"""From the options to the points: which Spark reads, and the options that choose them again."""

import shlex
from dataclasses import replace
from pathlib import Path

import pytest

from bench.cli.commands import _requests
from bench.cli.parser import parse
from bench.experiment import points
from bench.experiment.planning import plan_of
from bench.experiment.requests import RunRequest
from bench.workloads import PointsRequest
from tests.experiment.observers import Silent

pytestmark = pytest.mark.strategies("sklearn_matrix")

MASTER = "spark://127.0.0.1:1"


def asked(*words: str) -> PointsRequest:
    (arguments,) = parse(["run", "sklearn_matrix", "--master", MASTER, *words]).args
    return _requests.points_of(arguments)


def test_a_master_serves_any_strategy_where_spark_reads_the_points() -> None:
    uri = asked("--data", "hdfs://h/x", "--shared-dir", "/tmp")
    assert uri.read_by_spark
    request = RunRequest(uri, ("sklearn_matrix",))
    assert plan_of(request, Silent()).master == MASTER
    with pytest.raises(ValueError, match="none of sklearn_matrix is one, and these points are read here"):
        plan_of(replace(request, points=asked("--workload", "small")), Silent())


def test_the_master_is_among_the_options_that_choose_points_again_where_it_reads_them(tmp_path: Path) -> None:
    (tmp_path / "x.npy").touch()
    words = asked("--data", "hdfs://h/x", "--shared-dir", "/tmp").words()
    assert words[words.index("--master") + 1] == MASTER
    assert "--master" not in asked("--data", str(tmp_path / "x.npy")).words()


@pytest.mark.spark
def test_points_on_a_cluster_are_chosen_without_asking_it(tmp_path: Path) -> None:
    uri = asked("--data", "hdfs://127.0.0.1:1/x", "--shared-dir", str(tmp_path))
    assert points.workload(uri, str(tmp_path)).name == "x"
    with pytest.raises(ValueError, match=r"no namenode can be reached for hdfs://127.0.0.1:1/x"):
        points.stage(uri, str(tmp_path), Silent())


@pytest.mark.parametrize(
    "options",
    [
        "--workload small -n 300 -d 12 -k 5 --metric cosine --seed 0 --duplicates 0.1 --knob latent=3",
        "--data 'my points.npy' --column a,b --sample 50 --rows 5:90 --drop-bad-rows",
        "--data hdfs://h/x --shared-dir /tmp --master yarn --rows :90",
    ],
)
def test_the_options_that_choose_points_again_are_read_as_the_parser_reads_them(options: str) -> None:
    (arguments,) = parse(["data", *shlex.split(options)]).args
    points_asked = _requests.points_of(arguments, n=arguments.n)
    assert str(points_asked) == options
    assert PointsRequest.parse(options) == points_asked


def test_options_of_another_version_are_kept() -> None:
    row = "--workload small --future 'a b' --knob latent=3"
    assert PointsRequest.parse(row).variant == ("--future 'a b'", "--knob latent=3")
    assert shlex.split(row)[2:4] == PointsRequest.parse(row).words()[-2:]
