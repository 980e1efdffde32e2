"""What all tests share: a place for compiled code, and an order in which two workers are busy to the end.

Tests and benchmarks live side by side: ``--benchmark-only`` takes the benchmarks alone.
"""

import os
from tempfile import TemporaryDirectory

import pytest

STRATEGY = "listing"
"""The fixture whose parameter is a strategy: the tests of each share a process that takes long."""
FIRST = ("slow", "spark", "browser")
"""Marks of what starts first, so that no long file is left for the end."""


def pytest_configure(config: pytest.Config) -> None:
    """Keep what one process compiles for the others; run each benchmark once where none is asked for."""
    if not hasattr(config, "workerinput"):  # workers inherit the variable
        directory = TemporaryDirectory(prefix="compiled-")
        config.add_cleanup(directory.cleanup)
        os.environ["NUMBA_CACHE_DIR"] = directory.name  # read when numba is imported
    n = os.environ.get("ALLKNN_BENCHMARK_N", "1")
    if not n.isdecimal() or int(n) < 1:
        raise pytest.UsageError(f"ALLKNN_BENCHMARK_N is {n!r}, allowed is a number of points, such as 20000")
    if not config.getoption("benchmark_only"):
        config.option.benchmark_disable = True


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave tests out of a run of benchmarks, rather than call each of them skipped; group and sort them."""
    if config.getoption("benchmark_only"):
        left_out = [item for item in items if "benchmark" not in getattr(item, "fixturenames", ())]
        items[:] = [item for item in items if item not in set(left_out)]
        config.hook.pytest_deselected(items=left_out)
    for item in items:
        item.add_marker(pytest.mark.xdist_group(group_of(item)))
    items.sort(key=lambda item: not any(item.get_closest_marker(mark) for mark in FIRST))


def group_of(item: pytest.Item) -> str:
    """What one worker runs as a whole: a file, or one strategy's tests of it."""
    path = item.nodeid.partition("::")[0]
    parameters = getattr(getattr(item, "callspec", None), "params", {})
    return f"{path}::{parameters[STRATEGY]}" if STRATEGY in parameters else path
