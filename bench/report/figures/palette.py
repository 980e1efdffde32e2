"""The color and the mark of each strategy, the same in every figure and table."""

import zlib
from functools import cache

from bench import catalog

_COLORS = ("#0173b2", "#cc78bc", "#ca9161", "#d55e00", "#de8f05", "#029e73", "#56b4e9", "#6b4ea8")
"""Those of seaborn's palette for color-blind readers that are dark enough for a thin line, and a violet."""
_MARKERS = ("o", "s", "D", "^", "v", "P", "h", "*")


def color(strategy: str) -> str:
    """Return a strategy's color."""
    return _COLORS[_index(strategy) % len(_COLORS)]


def marker(strategy: str) -> str:
    """Return a strategy's mark: it tells strategies of the same color apart."""
    return _MARKERS[_index(strategy) // len(_COLORS) % len(_MARKERS)]


def _index(strategy: str) -> int:
    """Position in the catalog; of a strategy outside of it one that only its name decides."""
    return _positions().get(strategy, zlib.crc32(strategy.encode()))


@cache
def _positions() -> dict[str, int]:
    return {name: position for position, name in enumerate(catalog.names())}
