"""Durations, sizes, shares and recall as people read and write them: printed and parsed for every room."""

import math
import re
from collections.abc import Callable

UNKNOWN = "–"  # noqa: RUF001 (a dash as tables have it)
"""What stands where nothing is known."""

_SECONDS = ((86_400.0, "d", 2 * 86_400.0), (3_600.0, "h", 2 * 3_600.0), (60.0, "min", 120.0), (1.0, "s", 1.0))
"""Each unit with the seconds from which it is used."""

_SECONDS_OF = {"ms": 1e-3, "s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0, "d": 86400.0}
_BYTES_OF = {"b": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9, "tb": 10**12}
_BYTES_OF |= {"kib": 1 << 10, "mib": 1 << 20, "gib": 1 << 30, "tib": 1 << 40}


def format_seconds(seconds: float | None) -> str:
    """Write a duration: ``45 ms``, ``1.3 s``, ``95.2 s``, ``12 min``, ``2.4 h``; a dash where it is None."""
    if seconds is None:
        return UNKNOWN
    for size, unit, least in _SECONDS:
        if seconds >= least:
            return f"{_short(seconds / size)} {unit}"
    return "0 s" if seconds == 0 else f"{_short(seconds * 1000)} ms"


def format_bytes(size: float | None) -> str:
    """Write a size in binary units: ``1.9 GiB``; a dash where it is None."""
    if size is None:
        return UNKNOWN
    value = float(size)
    for unit in ("B", "KiB", "MiB", "GiB"):
        if round(value) < 1024:
            return f"{_short(value)} {unit}"
        value /= 1024
    return f"{_short(value)} TiB"


def format_recall(recall: float | None, low: float | None = None, high: float | None = None) -> str:
    """Write a recall, with its interval where there is one: ``0.968 [0.961, 0.974]``.

    Only a recall of exactly 1 is written as 1.000: one below gets as many digits as show that it is.
    """
    if recall is None:
        return UNKNOWN
    digits = 3
    while recall < 1 and digits < 9 and float(f"{recall:.{digits}f}") >= 1:
        digits += 1
    text = f"{recall:.{digits}f}"
    if low is None or high is None:
        return text
    return f"{text} [{low:.{digits}f}, {high:.{digits}f}]"


def format_interval(median: float, low: float, high: float, write: Callable[[float], str]) -> str:
    """Write a figure with its interval: ``24 GiB (18 to 33)``; units in it only where they are others."""
    texts = [write(value) for value in (median, low, high)]
    units = [text.rpartition(" ")[2] for text in texts]
    ends = [text.rpartition(" ")[0] for text in texts[1:]] if len(set(units)) == 1 else texts[1:]
    return f"{texts[0]} ({ends[0]} to {ends[1]})"


def shorten(text: str, width: int) -> str:
    """Cut a text to one line of at most ``width`` characters."""
    line = " ".join(text.split())
    return line if len(line) <= width else f"{line[: width - 1].rstrip()}…"


def parse_duration(text: str) -> float:
    """Read ``90``, ``90s``, ``10m`` or ``1h30m`` as seconds, above 0."""
    parts = re.findall(r"(\d+(?:\.\d+)?)\s*(ms|min|[smhd])?", text)
    spelled = re.fullmatch(r"(?:\d+(?:\.\d+)?\s*(?:ms|min|[smhd])\s*)+|\d+(?:\.\d+)?", text.strip())
    seconds = sum(float(number) * _SECONDS_OF[unit or "s"] for number, unit in parts)
    if spelled is None or seconds <= 0:
        raise ValueError(f"invalid duration {text!r}: use 90, 90s, 10m or 1h30m, above 0")
    return seconds


def parse_size(text: str) -> int:
    """Read ``8GiB``, ``500MB`` or ``1.5g`` as bytes, above 0; a bare letter is binary, as in ``top``."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([kmgt]?i?b?)", text.strip().lower())
    unit = match[2] if match else ""
    if unit in ("k", "m", "g", "t"):
        unit += "ib"
    if match is None or (unit and unit not in _BYTES_OF) or float(match[1]) <= 0:
        raise ValueError(f"invalid size {text!r}: use 8GiB, 500MB, 1.5g or bytes, above 0")
    return int(float(match[1]) * _BYTES_OF.get(unit, 1))


def parse_share(text: str) -> float:
    """Read ``10%`` or ``0.1`` as 0.1."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*(%?)", text.strip())
    number = float(match[1]) / (100 if match[2] else 1) if match else math.nan
    if not number <= (10 if match and match[2] else 1):
        raise ValueError(f"invalid share {text!r}: use 10% or 0.1")
    return number


def _short(value: float) -> str:
    """One decimal under 100, none where it says nothing."""
    if value >= 100 or value == round(value):
        return f"{value:,.0f}"
    return f"{value:.1f}"
