"""Whether what a file says of a field is of the type that the field has."""

import math
from dataclasses import is_dataclass
from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints


def odd_field(value: Any) -> str:
    """Name the first field of a dataclass whose value is not of its type; empty where there is none."""
    for name, kind in _kinds(type(value)).items():  # type: ignore[arg-type]  # a type is hashable
        held = getattr(value, name)
        if not _fits(held, kind):
            return f"{name} is {held!r}"
        if is_dataclass(held) and (odd := odd_field(held)):
            return f"{name}.{odd}"
    return ""


@cache
def _kinds(of: type[Any]) -> dict[str, Any]:
    return get_type_hints(of)


def _fits(value: Any, kind: Any) -> bool:
    """Whether a value that JSON can hold is of an annotated type; whole numbers pass for real ones."""
    origin, inner = get_origin(kind), get_args(kind)
    if kind is Any:
        return True
    if origin in (Union, UnionType):
        return any(_fits(value, one) for one in inner)
    if origin is Literal:
        return value in inner
    if origin is list:
        return isinstance(value, list) and all(_fits(one, inner[0]) for one in value)
    if origin is dict:
        return isinstance(value, dict) and all(_fits(one, inner[1]) for one in value.values())
    if kind in (int, float):
        number = isinstance(value, int if kind is int else int | float)
        return number and not isinstance(value, bool) and math.isfinite(value)
    return value is None if kind is NoneType else isinstance(value, kind)
