"""What numbers beside neighbors' ids are: distances, squared ones, similarities, angles, or negative ones."""

from collections.abc import Callable
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

Change = Callable[[NDArray[np.float64]], NDArray[np.float64]]
_FITS = 0.9
_TOLERANCE = 2e-3
"""Relative; float16 keeps 1e-3, and a wrong kind is off by more almost everywhere."""


def _root(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.sqrt(np.maximum(values, 0))


def _chord(angles: NDArray[np.float64]) -> NDArray[np.float64]:
    return 2 * np.sin(np.clip(angles, 0, np.pi) / 2)


def _angle(chords: NDArray[np.float64]) -> NDArray[np.float64]:
    return 2 * np.arcsin(np.clip(chords / 2, 0, 1))


_BY_NAME: dict[str, tuple[Change, Change]] = {
    "euclidean": (lambda d: d, lambda t: t),
    "squared": (_root, np.square),
    "cosine": (lambda d: _root(2 * d), lambda t: t * t / 2),
    "similarity": (lambda d: _root(2 - 2 * d), lambda t: 1 - t * t / 2),
    "angle": (_chord, _angle),
    "angle-of-pi": (lambda d: _chord(d * np.pi), lambda t: _angle(t) / np.pi),
    "negated": (np.negative, np.negative),
    "negated-squared": (lambda d: _root(-d), lambda t: -t * t),
    "negated-cosine": (lambda d: _root(-2 * d), lambda t: -t * t / 2),
    "product": (np.negative, np.negative),
    "negated-product": (lambda d: d, lambda t: t),
}
KINDS = MappingProxyType(_BY_NAME)
"""How each kind becomes a Euclidean distance, of unit vectors under ``cosine``, and the way back; kinds of
products become those with a minus."""

_IN_WORDS = {
    "euclidean": "Euclidean distances between unit vectors, as Annoy's angular ones",
    "squared": "squared distances",
    "cosine": "cosine distances",
    "similarity": "cosine similarities",
    "angle": "angles in radians",
    "angle-of-pi": "angles as a share of pi",
    "negated": "negative distances",
    "negated-squared": "negative squared distances",
    "negated-cosine": "negative cosine distances",
    "product": "inner products",
    "negated-product": "negative inner products",
}
_OF_METRIC = {
    "euclidean": ("euclidean", "squared", "negated", "negated-squared"),
    "cosine": tuple(kind for kind in KINDS if "product" not in kind),
    "inner_product": ("negated-product", "product"),
}
_DEFAULTS = {"euclidean": "euclidean", "cosine": "cosine", "inner_product": "negated-product"}


@dataclass(frozen=True, slots=True)
class Guess:
    """Which kind some distances are."""

    expected: float
    """Share of pairs that fit the kind expected."""
    seems: str | None
    """Another kind that almost all pairs fit where the expected one does not."""

    def in_words(self) -> str:
        """What it seems to be and the option that says so."""
        return f"these look like {_IN_WORDS[self.seems or '']}: --distances {self.seems}"


def default_kind(metric: str) -> str:
    """The kind expected under a metric: its own distance, of products that with a minus."""
    return _DEFAULTS[metric]


def guess_kind(kind: str, metric: str, given: NDArray[Any], true: NDArray[np.float64]) -> Guess:
    """Hold numbers against the true distances of the same pairs, Euclidean ones or products with a minus."""
    given = given.astype(np.float64)
    expected = _share(KINDS[kind][0], given, true)
    if expected >= 0.5 or not len(given):
        return Guess(expected, None)
    shares = {name: _share(KINDS[name][0], given, true) for name in _OF_METRIC[metric] if name != kind}
    best = max(shares, key=lambda name: shares[name])
    return Guess(expected, best if shares[best] >= _FITS else None)


def _share(change: Change, given: NDArray[np.float64], true: NDArray[np.float64]) -> float:
    if not len(given):
        return 0.0
    with np.errstate(invalid="ignore", over="ignore"):
        off = np.abs(change(given) - true)
    size = np.abs(true)
    return float(np.mean(off <= _TOLERANCE * size + 1e-6 * float(np.median(size))))
