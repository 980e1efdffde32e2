"""The options of ``run`` in a TOML file: read into the words of a command line, and printed from them."""

import argparse
import json
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from bench.catalog import near_match
from bench.experiment.usage import BadUsageError

COMMAND = "run"
"""The command that takes ``--config``."""
STRATEGIES = "strategies"
_NOT_IN_FILES = ("--config", "--print-config", "--dry-run", "--help")


def add_options(options: argparse._ActionsContainer) -> None:
    """Add the file to read, and the wish to have one printed."""
    text = "read options from a TOML file, name = value; those on the command line win"
    options.add_argument("--config", metavar="FILE", help=text)
    text = "with --dry-run: print these options as a file for --config"
    options.add_argument("--print-config", action="store_true", help=text)


def expanded(words: Sequence[str], parser: argparse.ArgumentParser) -> tuple[list[str], str]:
    """Put the options of a file that ``--config`` names before the other words.

    Return them, and with ``--print-config`` what they are as a file, without it nothing. Raises BadUsageError
    where the file cannot be read.
    """
    own = argparse.ArgumentParser(add_help=False, allow_abbrev=False, exit_on_error=False)
    own.add_argument("--config")
    own.add_argument("--print-config", action="store_true")
    try:
        chosen, rest = own.parse_known_args(words)
    except argparse.ArgumentError as error:
        raise BadUsageError(str(error)) from error
    if chosen.config is not None:
        given = _read(Path(chosen.config), parser)
        strategies = _as_list(given.pop(STRATEGIES, []))
        rest = [*_words(given, parser), *rest]
        if not _unread(rest, parser)[STRATEGIES]:
            rest = [*strategies, *rest]
    if not chosen.print_config:
        return rest, ""
    if "--dry-run" not in rest:
        raise BadUsageError("--print-config is for --dry-run")
    return rest, _toml(_unread(rest, parser), parser)


def _read(path: Path, parser: argparse.ArgumentParser) -> dict[str, Any]:
    """What a file says, by option; each value one that a command line could hold."""
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadUsageError(f"--config {path}: {error.strerror}") from error
    except ValueError as error:
        raise BadUsageError(f"--config {path} is not TOML: {error}") from error
    known = [*_by_name(parser), STRATEGIES]
    for name, value in values.items():
        if name not in known:
            raise BadUsageError(f"--config {path}: there is no option {name!r}{near_match(name, known)}")
        if any(not isinstance(one, str | int | float) for one in _as_list(value)):
            raise BadUsageError(
                f"--config {path}: {name} is {value!r}, allowed are text, numbers, true, lists"
            )
    return values


def _words(given: dict[str, Any], parser: argparse.ArgumentParser) -> Iterator[str]:
    """The words that give these options on a command line."""
    for name, value in given.items():
        action = _by_name(parser)[name]
        values = _as_list(value)
        if action.nargs == 0:
            if value is True:
                yield action.option_strings[0]
            elif value is not False:
                raise BadUsageError(f"--config: {name} is {value!r}, allowed are true and false")
        elif isinstance(action, argparse._AppendAction):  # noqa: SLF001 (argparse has no public name)
            yield from (word for one in values for word in (action.option_strings[0], str(one)))
        else:
            yield from (action.option_strings[0], ",".join(map(str, values)))


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _unread(words: Sequence[str], parser: argparse.ArgumentParser) -> dict[str, Any]:
    """The options as they are written: what a parser takes, with no value converted."""
    types = {action: action.type for action in parser._actions}  # noqa: SLF001 (argparse has no public name)
    try:
        for action in types:
            action.type = None
        return vars(parser.parse_args(words))
    finally:
        for action, kind in types.items():
            action.type = kind


def _toml(written: Mapping[str, Any], parser: argparse.ArgumentParser) -> str:
    """A file that stands for the options that are not at their defaults."""
    values = {STRATEGIES: written[STRATEGIES]} | {
        name: written[action.dest] for name, action in _by_name(parser).items()
    }
    defaults = {name: action.default for name, action in _by_name(parser).items()} | {STRATEGIES: []}
    lines = [f"{name} = {_value(value)}" for name, value in values.items() if value != defaults[name]]
    return "".join(f"{line}\n" for line in lines)


def _value(value: Any) -> str:
    """Text as TOML, whole numbers without quotes; JSON's texts, lists and truths are TOML's as well."""
    return value if isinstance(value, str) and re.fullmatch(r"[1-9]\d*", value) else json.dumps(value)


def _by_name(parser: argparse.ArgumentParser) -> dict[str, argparse.Action]:
    """The options that a file may hold, by their longest name without dashes."""
    return {
        action.option_strings[0].lstrip("-"): action
        for action in parser._actions  # noqa: SLF001 (argparse has no public name for them)
        if action.option_strings and not {*action.option_strings} & {*_NOT_IN_FILES}
    }
