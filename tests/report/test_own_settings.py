import shlex
from dataclasses import replace

import pytest

from bench import catalog
from bench.report.commands import repeat_command
from bench.report.own_settings import describe_own, own_params
from bench.results import Measurement
from tests.report.rows import row


def _plain(name: str, **fields: object) -> Measurement:
    defaults = catalog.load(name).defaults
    return replace(row(name, params=defaults, time_limit_seconds=4 * 3600.0), machine_cores=2, **fields)


@pytest.mark.parametrize("name", ["sklearn_matrix", "spark_sklearn", "annoy_loop"])
def test_of_a_plain_run_nothing_is_named(name: str) -> None:
    made = _plain(name, master="local[2,4]" if name.startswith("spark") else None)
    made = replace(made, memory_limit_bytes=20221201612)  # a share of this machine's memory
    assert describe_own(made) == ""
    points = "--workload million -n 1000000 -d 12 -k 10 --metric euclidean --seed 0"
    assert sorted(shlex.split(repeat_command(made))) == sorted(
        ["allknn-bench", "run", name, *points.split(), "--fresh"]
    )


def test_what_differs_from_the_defaults_is_named() -> None:
    made = _plain("annoy_loop", wrap="nice", master="spark://host:7077")
    made = replace(made, params=made.params | {"n_trees": 77}, threads=1)
    assert own_params(made) == {"n_trees": 77}
    assert describe_own(made) == "n_trees 77, master spark://host:7077, wrap nice"
    command = repeat_command(made)
    assert "--set annoy_loop.n_trees=77" in command
    assert "--threads 1" in command
    assert command.count("--set") == 1


def test_of_a_strategy_whose_defaults_are_not_known_all_is_named() -> None:
    assert describe_own(row("mine", params={"a": 1, "b": "two", "threads": 2})) == "a 1, b two"
