"""Numbers, ranges and settings as people write them; durations, sizes and shares are in bench.units."""

import math
import os
import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

from bench.catalog import Listing, near_match
from bench.results import AUTO_REPEATS

T = TypeVar("T")

_TRUTH = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


class BadUsageError(Exception):
    """The user's mistake: its message is one line."""


@contextmanager
def bad_usage() -> Iterator[None]:
    """Turn the ValueError or OSError of a check into the user's one line."""
    try:
        yield
    except (ValueError, OSError) as error:
        raise BadUsageError(" ".join(str(error).split())) from error


def positive(text: str) -> int:
    """A whole number above 0; ``1e6`` and ``1_000_000`` are taken too."""
    try:
        number = int(text) if re.fullmatch(r"[+-]?[\d_]+", text) else float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number) or number != int(number) or number < 1:
        raise ValueError(f"{text!r} is no whole number above 0")
    return int(number)


def fraction(text: str) -> float:
    """``0.95``: from 0 to 1."""
    if not re.fullmatch(r"\d*\.?\d+|\d+\.", text.strip()) or float(text) > 1:
        raise ValueError(f"{text!r} is no recall: allowed is 0 to 1, as 0.95")
    return float(text)


def listed(parse: Callable[[str], T]) -> Callable[[str], tuple[T, ...]]:
    """Values separated by commas."""
    return lambda text: tuple(parse(part.strip()) for part in text.split(","))


def repeats(text: str) -> int | str:
    """A whole number above 0, or ``auto``."""
    return text if text == AUTO_REPEATS else positive(text)


def recall(text: str) -> float:
    """A share of neighbors to be found: above 0, at most 1."""
    try:
        share = float(text)
    except ValueError:
        share = math.nan
    if not 0 < share <= 1:
        raise ValueError(f"{text!r} is no recall: allowed is a number above 0, at most 1")
    return share


def row_range(text: str) -> slice:
    """``1000:5000``, ``:5000``, ``1000:`` to a slice of rows."""
    match = re.fullmatch(r"(\d*):(\d*)", text)
    if match is None or text == ":":
        raise ValueError(f"{text!r} is no range of rows: allowed are 1000:5000, :5000, 1000:")
    return slice(*(int(part) if part else None for part in match.groups()))


def rows_or_all(text: str) -> int | None:
    """A number of rows, or ``all`` (None)."""
    return None if text == "all" else positive(text)


def knob(text: str) -> tuple[str, float]:
    """``latent=12`` to a name and a number."""
    name, _, value = text.partition("=")
    try:
        return name, int(value) if re.fullmatch(r"[+-]?\d+", value) else _finite(float(value))
    except ValueError:
        raise ValueError(f"{text!r} is no knob: expected NAME=NUMBER, as in latent=12") from None


def _finite(number: float) -> float:
    if not math.isfinite(number):
        raise ValueError(f"{number} is not finite")
    return number


def settings(texts: list[str], listings: list[Listing]) -> dict[str, dict[str, list[Any]]]:
    """``STRATEGY.PARAM=V1,V2`` to the values of each parameter, each of the type of its default."""
    known = {listing.name: listing for listing in listings}
    values: dict[str, dict[str, list[Any]]] = {name: {} for name in known}
    for text in texts:
        target, equals, written = text.partition("=")
        name, dot, parameter = target.partition(".")
        if not (equals and dot and written):
            raise ValueError(f"--set {text!r}: expected STRATEGY.PARAM=VALUE[,VALUE ...]")
        if name not in known:
            raise ValueError(
                f"--set {text!r}: {name!r} is not among the strategies to run: {', '.join(known)}"
            )
        parameters = known[name].parameters
        if parameter not in parameters:
            near = near_match(parameter, list(parameters))
            has = ", ".join(parameters) or "none"
            raise ValueError(f"--set {text!r}: {name} has no parameter {parameter!r}{near}; it has {has}")
        default = parameters[parameter]
        values[name][parameter] = [_typed(text, word, default) for word in written.split(",")]
    return values


def _typed(text: str, word: str, default: object) -> Any:
    kind = type(default)
    try:
        if kind is bool:
            return _TRUTH[word.lower()]
        if kind in (int, float):
            return _finite(kind(word))
    except (KeyError, ValueError):
        raise ValueError(
            f"--set {text!r}: {word!r} is no {kind.__name__} (the default is {default!r})"
        ) from None
    return word


@contextmanager
def writable_directory(text: str) -> Iterator[Path]:
    """Make the directory and prove that it takes files; what stays empty is removed again.

    Raises OSError where it cannot be written.
    """
    path = Path(text)
    made = [parent for parent in (path, *path.parents) if not parent.exists()]
    try:
        try:
            path.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=path):
                pass
        except OSError as error:
            reason = os.strerror(error.errno) if error.errno else str(error)
            raise OSError(f"the directory {text!r} cannot be written: {reason}") from error
        yield path
    finally:
        with suppress(OSError):
            for directory in made:
                directory.rmdir()
