"""What the help says: one name for the command, defaults in brackets, examples that are commands."""

import re
import shlex
from importlib import import_module

import pytest

from bench.cli import BAD_USAGE, FAILED, INTERRUPTED, SLOWER, main
from bench.cli.parser import COMMANDS, PROGRAM, parse


def help_of(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    with pytest.raises(SystemExit) as ended:
        parse([*words, "--help"])
    assert ended.value.code == 0
    return capsys.readouterr().out


@pytest.mark.parametrize("name", COMMANDS)
def test_every_example_of_the_help_is_a_command_that_there_is(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    text = help_of(capsys, name)
    examples = import_module(f"bench.cli.commands.{name}").EXAMPLES
    assert examples
    for example in examples:
        assert f"  {PROGRAM} {example}\n" in text
        assert callable(parse(shlex.split(example)))


@pytest.mark.parametrize("name", COMMANDS)
def test_the_options_of_the_usage_and_of_the_help_are_those_of_the_command(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    text = help_of(capsys, name)
    assert text.startswith(f"usage: {PROGRAM} {name} ")
    usage, _, described = text.partition("\n")
    assert all(option in described for option in re.findall(r"--[a-z-]+", usage))
    assert "print JSON lines" in text


@pytest.mark.parametrize("name", ["run", "score", "data", "predict", "advise", "claims"])
def test_options_of_points_and_of_spark_are_grouped(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    groups = re.findall(r"^(\S.*):$", help_of(capsys, name), re.MULTILINE)
    assert {"points", "Spark", "examples"} <= set(groups)


def test_all_commands_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    text = help_of(capsys)
    assert all(re.search(rf"^    {name} ", text, re.MULTILINE) for name in COMMANDS)


def test_the_program_without_words_shows_three_commands_that_there_are(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main([]) == 0
    lines = [line for line in capsys.readouterr().out.splitlines() if line.startswith(PROGRAM)]
    commands = [shlex.split(re.split(r" {2,}", line)[0])[1:] for line in lines]
    assert [words[0] for words in commands] == ["data", "run", "advise"]
    assert all(callable(parse(words)) for words in commands)


def test_the_help_lists_the_exit_codes(capsys: pytest.CaptureFixture[str]) -> None:
    codes = help_of(capsys).partition("exit codes:\n")[2].splitlines()
    assert [int(line.split()[0]) for line in codes] == [0, FAILED, BAD_USAGE, SLOWER, INTERRUPTED]
