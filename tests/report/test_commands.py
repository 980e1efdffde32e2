import shlex
from dataclasses import replace

from bench.cli.parser import parse
from bench.report.commands import repeat_command
from tests.report.rows import MILLION, row


def test_the_command_that_repeats_a_run_is_one_the_parser_takes() -> None:
    made = row(
        "annoy_loop",
        source="annoy_loop",
        params={"n_trees": 20, "search_k": 500, "threads": 2, "name": "a b;'c"},
        wrap="nice -n 5",
        time_limit_seconds=90.0,
        memory_limit_bytes=3 * 2**30,
    )
    words = shlex.split(repeat_command(made))
    assert words[:2] == ["allknn-bench", "run"]
    (arguments,) = parse(words[1:]).args
    assert arguments.strategies == ["annoy_loop"]
    assert (arguments.workload, arguments.n, arguments.d, arguments.k) == ("million", (1_000_000,), 12, 10)
    assert (arguments.threads, arguments.seed, arguments.fresh) == ((2,), 0, True)
    assert (arguments.time_limit, arguments.memory_limit) == (90.0, 3 * 2**30)
    assert arguments.set == [
        "annoy_loop.n_trees=20",
        "annoy_loop.search_k=500",
        "annoy_loop.name=a b;'c",
    ]


def test_a_first_start_is_repeated_as_one() -> None:
    assert "--first-start" not in repeat_command(row("mine"))
    words = shlex.split(repeat_command(row("mine", first_start=True)))
    (arguments,) = parse(words[1:]).args
    assert arguments.first_start


def test_a_strategy_outside_the_project_is_repeated_by_its_file() -> None:
    assert " run ./mine.py " in repeat_command(row("mine"))


def test_points_of_a_file_are_repeated_by_its_name() -> None:
    made = row(workload=replace(MILLION, name="my vectors.npy", seed=None))
    assert "--data 'my vectors.npy'" in repeat_command(made)


def test_points_and_strategy_are_repeated_as_they_were_named() -> None:
    made = row("mine", source="dir with spaces/mine.py", points_options="--data 'my points.npy' --rows 5:90")
    words = shlex.split(repeat_command(made))
    assert words[2:6] == ["dir with spaces/mine.py", "--data", "my points.npy", "--rows"]
    (arguments,) = parse(words[1:]).args
    assert (arguments.data, arguments.n, arguments.workload) == ("my points.npy", None, None)


def test_neighbors_computed_elsewhere_have_no_command_that_repeats_them() -> None:
    assert repeat_command(row("theirs", details={"computed": "elsewhere"})) == ""
