"""Counts, recalls and ranges as people write them on a command line; `bench.units` has what has a unit."""

import math
import re
from collections.abc import Callable
from typing import TypeVar

from bench.workloads.request import parse_rows

T = TypeVar("T")

AUTO = "auto"
"""As many repeats as it takes."""


def positive(text: str) -> int:
    """A whole number above 0; ``1e6`` and ``1_000_000`` are taken too."""
    try:
        number = int(text) if re.fullmatch(r"[+-]?[\d_]+", text) else float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number) or number != int(number) or number < 1:
        raise ValueError(f"{text!r} is not a whole number above 0")
    return int(number)


def fraction(text: str) -> float:
    """``0.95``: from 0 to 1."""
    if not re.fullmatch(r"\d*\.?\d+|\d+\.", text.strip()) or float(text) > 1:
        raise ValueError(f"invalid recall {text!r}: use a number from 0 to 1, such as 0.95")
    return float(text)


def recall(text: str) -> float:
    """A share of neighbors: above 0, at most 1."""
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not 0 < number <= 1:
        raise ValueError(f"invalid recall {text!r}: use a number above 0, at most 1")
    return number


def listed(parse: Callable[[str], T]) -> Callable[[str], tuple[T, ...]]:
    """Values separated by commas."""
    return lambda text: tuple(parse(part.strip()) for part in text.split(","))


def repeats(text: str) -> int | None:
    """A whole number above 0, or ``auto`` (None)."""
    return None if text == AUTO else positive(text)


def rows_or_all(text: str) -> int | None:
    """A number of rows, or ``all`` (None)."""
    return None if text == "all" else positive(text)


def row_range(text: str) -> slice:
    """``1000:5000``, ``:5000``, ``1000:`` to a slice of rows."""
    return parse_rows(text)


def knob(text: str) -> tuple[str, float]:
    """``latent=12`` to a name and a number."""
    name, _, value = text.partition("=")
    try:
        number = int(value) if re.fullmatch(r"[+-]?\d+", value) else float(value)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise ValueError(f"invalid knob {text!r}: use NAME=NUMBER, such as latent=12")
    return name, number
