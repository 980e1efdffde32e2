"""The parser of the command line, put together from the commands."""

import argparse
from collections.abc import Sequence
from functools import partial
from importlib import import_module, metadata
from typing import NoReturn

from bench.catalog import near_match
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
    parser = _Parser(
        prog=PROGRAM,
        formatter_class=_Formatter,
        description="Measure how best to compute the k nearest neighbors of every point.",
        epilog=f"`{PROGRAM} COMMAND --help` describes a command.",
    )
    parser.add_argument("--version", action="version", version=metadata.version(PROGRAM))
    commands = parser.add_subparsers(required=True, metavar="COMMAND", title="commands", parser_class=_Parser)
    for name in COMMANDS:
        module = import_module(f"bench.cli.commands.{name}")
        command = commands.add_parser(
            name,
            usage=f"{PROGRAM} {name} {module.USAGE}",
            help=module.HELP,
            formatter_class=_Formatter,
            description=module.HELP[0].upper() + module.HELP[1:] + ".",
            epilog="examples:\n" + "\n".join(f"  {PROGRAM} {line}" for line in module.EXAMPLES),
        )
        module.add_options(command)
        command.set_defaults(command=module.command)
    arguments = parser.parse_args(words)
    return partial(arguments.command, arguments)
