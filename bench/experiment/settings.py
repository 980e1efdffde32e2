"""``--set STRATEGY.PARAM=V1,V2``: the values of each parameter, each of the type of its default."""

import math
from collections.abc import Iterable, Sequence
from typing import Any

from bench.catalog import Listing, near_match

_TRUTH = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


def parse_settings(texts: Iterable[str], listings: Sequence[Listing]) -> dict[str, dict[str, list[Any]]]:
    """Return the values of each parameter by strategy; ValueError with what there is."""
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
            f"--set {text!r}: {word!r} is not of type {kind.__name__} (the default is {default!r})"
        ) from None
    return word


def _finite(number: float) -> float:
    if not math.isfinite(number):
        raise ValueError(f"{number} is not finite")
    return number
