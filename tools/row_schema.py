"""Writes ``schema/row.json``, the JSON Schema of a row, from the fields of ``Measurement``.

``python -m tools.row_schema`` does it anew; a test holds the file to the fields.
"""

import ast
import inspect
import itertools
import json
import textwrap
from dataclasses import MISSING, Field, fields, is_dataclass
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from bench.results import SCHEMA, Measurement

PATH = Path(__file__).resolve().parent.parent / "schema" / "row.json"
_PLAIN = {str: "string", int: "integer", float: "number", bool: "boolean", NoneType: "null"}


def row_schema() -> dict[str, Any]:
    """The schema of one line of ``measurements.jsonl``, as this version writes it."""
    whole = _of_class(Measurement)
    whole["properties"]["schema"]["const"] = SCHEMA
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A row of allknn-bench: one line of measurements.jsonl",
        **whole,
    }


def _of_class(kind: type[Any]) -> dict[str, Any]:
    """An object that has the fields of a dataclass and no others; those without a default are required."""
    types, texts = get_type_hints(kind), _descriptions(kind)
    described = {
        field.name: _of_type(types[field.name])
        | ({"description": texts[field.name]} if field.name in texts else {})
        for field in fields(kind)
    }
    text = " ".join((inspect.getdoc(kind) or "").split())
    return {
        "description": text,
        "type": "object",
        "properties": described,
        "required": [field.name for field in fields(kind) if _has_no_default(field)],
        "additionalProperties": False,
    }


def _has_no_default(field: "Field[Any]") -> bool:
    return field.default is MISSING and field.default_factory is MISSING


def _of_type(kind: Any) -> dict[str, Any]:
    origin, inner = get_origin(kind), get_args(kind)
    if kind is Any:
        return {}
    if is_dataclass(kind):
        return _of_class(kind)  # type: ignore[arg-type]  # is_dataclass takes objects, too
    if origin in (Union, UnionType):
        plain = [_of_type(one) for one in inner]
        return (
            {"type": [one["type"] for one in plain]}
            if all(len(one) == 1 for one in plain)
            else {"anyOf": plain}
        )
    if origin is Literal:
        return {"enum": list(inner)}
    if origin is list:
        return {"type": "array", "items": _of_type(inner[0])}
    if origin is dict:
        return {"type": "object", "additionalProperties": _of_type(inner[1])}
    return {"type": _PLAIN[kind]}


def _descriptions(kind: type[Any]) -> dict[str, str]:
    """What the source says below each field."""
    (defined,) = ast.parse(textwrap.dedent(inspect.getsource(kind))).body
    body = defined.body if isinstance(defined, ast.ClassDef) else []
    return {
        field.target.id: " ".join(str(text.value.value).split())
        for field, text in itertools.pairwise(body)
        if isinstance(field, ast.AnnAssign)
        and isinstance(field.target, ast.Name)
        and isinstance(text, ast.Expr)
        and isinstance(text.value, ast.Constant)
    }


def as_text() -> str:
    """The content of the file."""
    return json.dumps(row_schema(), indent=2) + "\n"


if __name__ == "__main__":
    PATH.parent.mkdir(exist_ok=True)
    PATH.write_text(as_text(), encoding="utf-8")
    print(PATH)
