"""Seconds, bytes and recall in the units that people read; used by the page, the figures and the terminal."""

from collections.abc import Callable

UNKNOWN = "–"  # noqa: RUF001 (a dash as tables have it)
"""What stands where nothing is known."""

_SECONDS = ((86_400.0, "d", 2 * 86_400.0), (3_600.0, "h", 2 * 3_600.0), (60.0, "min", 120.0), (1.0, "s", 1.0))
"""Each unit with the seconds from which it is used."""


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


def _short(value: float) -> str:
    """One decimal under 100, none where it says nothing."""
    if value >= 100 or value == round(value):
        return f"{value:,.0f}"
    return f"{value:.1f}"
