"""Which strategies need Spark, and which take long: marks of tests that have a strategy for a parameter."""

from collections.abc import Iterable
from typing import Any

import pytest

from bench import catalog

COMPILED_AT_START = ("pynndescent",)


def marked(names: Iterable[str]) -> list[Any]:
    """Names of strategies as parameters: ``spark`` marks those that need Java, ``slow`` what compiles."""
    return [pytest.param(name, marks=_marks(name)) for name in names]


def _marks(name: str) -> list[pytest.MarkDecorator]:
    needs_java = "java" in catalog.load(name).entry.requires
    return [pytest.mark.spark] * needs_java + [pytest.mark.slow] * (name in COMPILED_AT_START)
