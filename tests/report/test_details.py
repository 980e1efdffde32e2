import shlex
from dataclasses import replace
from pathlib import Path

from bench.cli.parser import parse
from bench.report.details import flatten, format_field, log_tail, machine_facts, repeat_command
from bench.report.units import UNKNOWN
from tests.report.rows import ENVIRONMENT, MILLION, row


def test_the_command_that_repeats_a_run_is_one_the_parser_takes() -> None:
    made = row(
        "annoy_loop",
        params={"n_trees": 20, "search_k": -1, "threads": 2, "name": "a b;'c"},
        wrap="nice -n 5",
        time_limit_seconds=90.0,
        memory_limit_bytes=3 * 2**30,
    )
    words = shlex.split(repeat_command(made))
    assert words[:4] == ["python", "-m", "bench", "run"]
    arguments = parse(words[3:])
    assert arguments.strategies == ["annoy_loop"]
    assert (arguments.workload, arguments.n, arguments.d, arguments.k) == ("million", 1_000_000, 12, 10)
    assert (arguments.threads, arguments.seed, arguments.fresh) == ((2,), 0, True)
    assert (arguments.time_limit, arguments.memory_limit) == (90.0, 3 * 2**30)
    assert arguments.set == [
        "annoy_loop.n_trees=20",
        "annoy_loop.search_k=-1",
        "annoy_loop.name=a b;'c",
    ]


def test_a_strategy_outside_the_project_is_repeated_by_its_file() -> None:
    assert " run ./mine.py " in repeat_command(row("mine"))


def test_points_of_a_file_are_repeated_by_its_name() -> None:
    made = row(workload=replace(MILLION, name="my vectors.npy", seed=None))
    assert "--data 'my vectors.npy'" in repeat_command(made)


def test_points_and_strategy_are_repeated_as_they_were_named() -> None:
    made = row("mine", source="dir with spaces/mine.py", points_options="--data 'my points.npy' --rows 5:90")
    words = shlex.split(repeat_command(made))
    assert words[4:8] == ["dir with spaces/mine.py", "--data", "my points.npy", "--rows"]
    arguments = parse(words[3:])
    assert (arguments.data, arguments.n, arguments.workload) == ("my points.npy", None, None)


def test_neighbors_computed_elsewhere_have_no_command_that_repeats_them() -> None:
    assert repeat_command(row("theirs", details={"computed": "elsewhere"})) == ""


def test_fields_are_written_in_human_units() -> None:
    assert format_field("fit_seconds", 95.24) == "95.2 s"
    assert format_field("peak_bytes", 2**20) == "1 MiB"
    assert format_field("exact", True) == "yes"
    assert format_field("recall", None) == UNKNOWN


def test_nested_values_become_one_list() -> None:
    assert flatten({"a": {"b": 1}, "c": [{"d": 2}], "e": [1, 2]}) == [
        ("a b", "1"),
        ("c 1 d", "2"),
        ("e", "1, 2"),
    ]


def test_the_log_tail_is_its_last_twenty_lines(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    made = row()
    (tmp_path / "logs" / f"{made.run_id}.log").write_bytes(
        b"\xff\n" + b"".join(b"%d\n" % i for i in range(30))
    )
    assert log_tail(tmp_path, made).splitlines() == [str(i) for i in range(10, 30)]


def test_a_run_without_a_log_or_with_a_name_that_leads_elsewhere_has_no_tail(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    (tmp_path / "secret.log").write_text("secret")
    assert log_tail(tmp_path, row()) == ""
    assert log_tail(tmp_path, row(run_id="../secret")) == ""


def test_the_machine_is_said_as_far_as_it_is_known() -> None:
    facts = dict(machine_facts(ENVIRONMENT))
    assert facts["Processor"] == "Some CPU at 2.00 GHz"
    assert facts["Memory"] == "24 GiB"
    assert "scikit-learn 1.9.0" in facts["Versions"]
    assert machine_facts({}) == []
