"""The parser of the command line, put together from the commands."""

import argparse
from collections.abc import Sequence
from functools import partial
from importlib import import_module, metadata
from typing import NoReturn

from bench.catalog import near_match
from bench.cli import completion, config
from bench.experiment.usage import BadUsageError

PROGRAM = "allknn-bench"
COMMANDS = (
    "run",
    "list",
    "report",
    "data",
    "score",
    "compare",
    "cluster",
    "predict",
    "advise",
    "claims",
)
"""Each a module of ``bench.cli.commands``, in the order in which help lists them."""

FAILED = 1
BAD_USAGE = 2
SLOWER = 3
INTERRUPTED = 130
EXIT_CODES = {
    0: "done; of several runs, one that failed is a row, not a failure of the program",
    FAILED: "the only run failed or was not saved; or the program failed, with a traceback",
    BAD_USAGE: "something cannot be done as asked, one line says why",
    SLOWER: "`compare --fail-if-slower` found something worse",
    INTERRUPTED: "interrupted; what was measured is kept",
}

FIRST_WORDS = f"""\
{PROGRAM} data --data vectors.npy      how hard are these points?
{PROGRAM} run --data vectors.npy       run all strategies on them, write results/report.html
{PROGRAM} advise --data vectors.npy    which one to use, from runs on samples

Files: npy, Parquet, CSV, HDF5 and more. `--workload small` instead of `--data` takes generated points.
`{PROGRAM} --help` lists all commands, `{PROGRAM} COMMAND --help` describes one.
"""
"""What most people want, for whoever calls the program without words."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise BadUsageError(f"{message}; see `{self.prog} --help`")


class _Formatter(argparse.RawDescriptionHelpFormatter):
    """Leaves examples as they are written, and room for long options beside their help."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=28)


def parse(words: Sequence[str]) -> "partial[int]":
    """Read the command line; the answer, when called, carries the command out and returns the exit code.

    Raises BadUsageError; SystemExit after ``--help`` and ``--version``.
    """
    if words and not words[0].startswith("-") and words[0] not in COMMANDS:
        near = near_match(words[0], list(COMMANDS))
        raise BadUsageError(f"unknown command {words[0]!r}{near}; there are {', '.join(COMMANDS)}")
    parser, commands = _parsers()
    as_file = ""
    if words and words[0] == config.COMMAND:
        rest, as_file = config.expanded(words[1:], commands[words[0]])
        words = [words[0], *rest]
    arguments = parser.parse_args(words)
    if getattr(arguments, "config", None) or getattr(arguments, "print_config", False):
        raise BadUsageError("--config and --print-config must be written out")
    command = partial(arguments.command, arguments)
    return partial(_print_and_carry_out, as_file, command) if as_file else command


def _print_and_carry_out(as_file: str, command: "partial[int]") -> int:
    """Print the options as a file before what the command does."""
    print(as_file, end="")
    return command()


def _parsers() -> tuple[argparse.ArgumentParser, dict[str, argparse.ArgumentParser]]:
    """The parser, and those of the commands by name."""
    codes = "\n".join(f"  {code:<4} {meaning}" for code, meaning in EXIT_CODES.items())
    parser = _Parser(
        prog=PROGRAM,
        formatter_class=_Formatter,
        description="Measure how best to compute the k nearest neighbors of every point.",
        epilog=f"`{PROGRAM} COMMAND --help` describes a command.\n\nexit codes:\n{codes}",
    )
    parser.add_argument("--version", action="version", version=metadata.version(PROGRAM))
    completion.add_option(parser)
    subparsers = parser.add_subparsers(
        required=True, metavar="COMMAND", title="commands", parser_class=_Parser
    )
    commands: dict[str, argparse.ArgumentParser] = {}
    for name in COMMANDS:
        module = import_module(f"bench.cli.commands.{name}")
        command = commands[name] = subparsers.add_parser(
            name,
            usage=f"{PROGRAM} {name} {module.USAGE}",
            help=module.HELP,
            formatter_class=_Formatter,
            description=module.HELP[0].upper() + module.HELP[1:] + ".",
            epilog="examples:\n" + "\n".join(f"  {PROGRAM} {line}" for line in module.EXAMPLES),
        )
        module.add_options(command)
        command.set_defaults(command=module.command)
    return parser, commands
