"""Durations, sizes, counts and shares as people write them on a command line."""

import math
import re
from collections.abc import Callable
from typing import TypeVar

from bench.workloads.request import parse_rows

T = TypeVar("T")

AUTO = "auto"
"""As many repeats as it takes."""
_DURATION = {"ms": 1e-3, "s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0, "d": 86400.0}
_SIZE = {"b": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9, "tb": 10**12}
_SIZE |= {"kib": 1 << 10, "mib": 1 << 20, "gib": 1 << 30, "tib": 1 << 40}


def duration(text: str) -> float:
    """``90``, ``90s``, ``10m``, ``1h30m`` to seconds."""
    parts = re.findall(r"(\d+(?:\.\d+)?)\s*(ms|min|[smhd])?", text)
    is_whole = re.fullmatch(r"(?:\d+(?:\.\d+)?\s*(?:ms|min|[smhd])\s*)+|\d+(?:\.\d+)?", text.strip())
    seconds = sum(float(number) * _DURATION[unit or "s"] for number, unit in parts)
    if is_whole is None or seconds <= 0:
        raise ValueError(f"invalid duration {text!r}: use 90, 90s, 10m or 1h30m, above 0")
    return seconds


def size(text: str) -> int:
    """``8GiB``, ``500MB``, ``1.5g`` to bytes; a bare letter is binary, as in ``top``."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([kmgt]?i?b?)", text.strip().lower())
    unit = match[2] if match else ""
    if unit in ("k", "m", "g", "t"):
        unit += "ib"
    if match is None or (unit and unit not in _SIZE) or float(match[1]) <= 0:
        raise ValueError(f"invalid size {text!r}: use 8GiB, 500MB, 1.5g or a number of bytes, above 0")
    return int(float(match[1]) * _SIZE.get(unit, 1))


def positive(text: str) -> int:
    """A whole number above 0; ``1e6`` and ``1_000_000`` are taken too."""
    try:
        number = int(text) if re.fullmatch(r"[+-]?[\d_]+", text) else float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number) or number != int(number) or number < 1:
        raise ValueError(f"{text!r} is not a whole number above 0")
    return int(number)


def share(text: str) -> float:
    """``10%`` or ``0.1`` to 0.1."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*(%?)", text.strip())
    number = float(match[1]) / (100 if match[2] else 1) if match else math.nan
    if not number <= (10 if match and match[2] else 1):
        raise ValueError(f"invalid share {text!r}: use 10% or 0.1, from 0")
    return number


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
