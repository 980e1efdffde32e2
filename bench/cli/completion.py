"""What a shell needs to complete the words of this program: ``allknn-bench --print-completion bash``."""

import argparse
from collections.abc import Sequence
from typing import Any

from bench import catalog

SHELLS = ("bash", "zsh")
FILE = {"bash": "_shtab_compgen_files", "zsh": "_files"}
DIRECTORY = {"bash": "_shtab_compgen_dirs", "zsh": "_files -/"}
STRATEGY = {"bash": "_allknn_strategies", "zsh": "_allknn_strategies"}
"""How shtab has a kind of word completed; the functions are in ``_preamble``."""
_KINDS = {"FILE": FILE, "DIR": DIRECTORY, "STRATEGY": STRATEGY}
"""By the placeholder that stands for the word in help."""


def add_option(parser: argparse.ArgumentParser) -> None:
    """Add the option that prints a script and exits."""
    parser.add_argument(
        "--print-completion",
        action=_Print,
        choices=SHELLS,
        metavar="SHELL",
        help="print a script that completes commands, options and strategies, for bash or zsh",
    )


class _Print(argparse.Action):
    def __call__(
        self,
        parser: argparse.ArgumentParser,
        _options: object,
        values: str | Sequence[Any] | None,
        _option: str | None = None,
    ) -> None:
        print(script(parser, str(values)))
        parser.exit()


def script(parser: argparse.ArgumentParser, shell: str) -> str:
    """The script of one of ``SHELLS`` that completes what a parser takes."""
    import shtab  # noqa: PLC0415 (for this option alone)

    for action in _actions(parser):
        if kind := _KINDS.get(str(action.metavar)):
            action.complete = kind  # type: ignore[attr-defined]  # shtab looks for it
    text: str = shtab.complete(parser, shell, preamble=_preamble()[shell])
    return text


def _actions(parser: argparse.ArgumentParser) -> list[argparse.Action]:
    """All options of a parser and of its commands."""
    actions = list(parser._actions)  # noqa: SLF001 (argparse has no public name for them)
    for action in parser._actions:  # noqa: SLF001
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001
            actions += [below for command in action.choices.values() for below in _actions(command)]
    return actions


def _preamble() -> dict[str, str]:
    names = " ".join(catalog.names())
    return {
        "bash": f'_allknn_strategies() {{ compgen -W "{names}" -- "$1"; compgen -f -X "!*.py" -- "$1"; }}',
        "zsh": f'_allknn_strategies() {{ compadd {names}; _files -g "*.py" }}',
    }
