"""Which strategies need Spark: the marks of tests that have a strategy for a parameter."""

from collections.abc import Iterable
from typing import Any

import pytest

from bench import catalog


def marked(names: Iterable[str]) -> list[Any]:
    """Names of strategies as parameters; those that need Java are marked ``spark``."""
    return [
        pytest.param(name, marks=pytest.mark.spark if "java" in catalog.load(name).entry.requires else ())
        for name in names
    ]
