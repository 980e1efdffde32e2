"""The color and the mark of each strategy, the same in every figure and table.

Under normal vision and with each kind of color blindness (simulated as by Machado, Oliveira and Fernandes,
2009) any two of the colors lie at least 0.03 apart in OKLab, two that share a mark at least 0.07; all of them
stand out from a light and from a dark page. They were chosen one by one, each farthest from those before it.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache

from bench import catalog

COLORS = (
    "#0173b2", "#de8f05", "#029e73", "#cc78bc", "#505800", "#5800f8", "#784068", "#9870f8",
    "#707800", "#9898f8", "#d000a0", "#905860", "#48b870", "#8008c8", "#e020d0", "#988840",
    "#901890", "#606888", "#d090a8", "#7850f8", "#b01830", "#2880d0", "#907050", "#e85890",
    "#f070e0", "#685048", "#808898", "#78b040", "#488878", "#78a0d8", "#c85000", "#f04070",
)  # fmt: skip
_MARKERS = ("o", "s", "D", "^", "v", "P", "h", "*")
_MARKER_OF_COLOR = (
    1,
    1,
    4,
    3,
    3,
    4,
    4,
    5,
    6,
    2,
    2,
    5,
    0,
    5,
    0,
    7,
    6,
    7,
    5,
    3,
    7,
    7,
    1,
    2,
    4,
    2,
    6,
    6,
    0,
    1,
    0,
    3,
)
_STRATEGIES: ContextVar[tuple[str, ...]] = ContextVar("_STRATEGIES", default=())


def color(strategy: str) -> str:
    """Return a strategy's color."""
    return COLORS[_index(strategy)]


def marker(strategy: str) -> str:
    """Return a strategy's mark: it tells strategies of similar colors apart."""
    return _MARKERS[_MARKER_OF_COLOR[_index(strategy)]]


@contextmanager
def colors_for(strategies: Iterable[str]) -> Iterator[None]:
    """Give the strategies of a page that the catalog lacks colors that no other of them has, by name."""
    token = _STRATEGIES.set(tuple(sorted(set(strategies))))
    try:
        yield
    finally:
        _STRATEGIES.reset(token)


def _index(strategy: str) -> int:
    """Position in the catalog, or among the colors that are free on this page."""
    positions: dict[str, int] = _positions()
    strategies = _STRATEGIES.get()
    if strategy in positions:
        return positions[strategy] % len(COLORS)
    taken = {positions[name] for name in strategies if name in positions}
    order = (*range(len(positions), len(COLORS)), *range(len(positions)))
    free: list[int] = [index for index in order if index not in taken] or list(order)
    others = [name for name in strategies if name not in positions]
    return free[(others.index(strategy) if strategy in others else 0) % len(free)]


@cache
def _positions() -> dict[str, int]:
    return {name: position for position, name in enumerate(catalog.names())}
