"""What all tests share: a place for compiled code, and an order in which six workers are busy to the end.

Tests and benchmarks live side by side: ``--benchmark-only`` takes the benchmarks alone.
"""

import os
import platform
import re
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

from bench import catalog
from bench.measure.probe import WARM_UP

TOGETHER = re.compile(r"tests/cluster/|tests/report/\w+_in_browser")
"""Files that share a cluster; files that share a browser and its page."""
BY_STRATEGY = ("test_contract.py", "test_snippets.py")
"""Their tests begin their parameters with a strategy: those of each share what it computed and compiled."""
COMPILED = ("numba", "pynndescent")
"""Distributions on which compiled code depends."""
FIRST = ("slow", "spark", "browser")
"""Marks of what starts first, so that no long file is left for the end."""


def pytest_configure(config: pytest.Config) -> None:
    """Keep what a process compiles for all later ones; run each benchmark once where none is asked for."""
    if not hasattr(config, "workerinput"):  # workers inherit the variable
        versions = [platform.python_version(), *(str(catalog.version(name)) for name in COMPILED)]
        if (cache := getattr(config, "cache", None)) is not None:
            kept = cache.mkdir("-".join(["compiled", *versions]))
        else:  # with `-p no:cacheprovider` there is none
            directory = TemporaryDirectory(prefix="compiled-")
            config.add_cleanup(directory.cleanup)
            kept = directory.name
        os.environ["NUMBA_CACHE_DIR"] = str(kept)  # read when numba is imported
        os.environ["MPLCONFIGDIR"] = str(kept)  # its list of fonts
        os.environ[WARM_UP] = "0"  # a run of a second takes no two seconds of probing
    n = os.environ.get("ALLKNN_BENCHMARK_N", "1")
    if not n.isdecimal() or int(n) < 1:
        raise pytest.UsageError(f"ALLKNN_BENCHMARK_N is {n!r}, allowed is a number of points, such as 5000")
    if not config.getoption("benchmark_only"):
        config.option.benchmark_disable = True


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is about a deleted strategy, and tests from a run of benchmarks; sort the others."""
    left_out = {item for item in items if not _named_in(item) <= {*catalog.names()}}
    if config.getoption("benchmark_only"):
        left_out |= {item for item in items if "benchmark" not in getattr(item, "fixturenames", ())}
    if left_out:
        config.hook.pytest_deselected(items=[item for item in items if item in left_out])
        items[:] = [item for item in items if item not in left_out]
    items.sort(key=_waits)


def _waits(item: pytest.Item) -> tuple[bool, bool]:
    """What is sorted by: the longest that one worker runs as a whole comes first, then what is marked."""
    return not TOGETHER.match(item.nodeid), not any(item.get_closest_marker(mark) for mark in FIRST)


def _named_in(item: pytest.Item) -> set[str]:
    """The strategies that a test is about: whoever deletes one need not edit it."""
    return {name for mark in item.iter_markers("strategies") for name in mark.args}


class ByFile(LoadScopeScheduling):
    """What one worker runs as a whole: a file, files that share something, or what is about one strategy."""

    def _split_scope(self, nodeid: str) -> str:
        path, _, test = nodeid.partition("::")
        if shared := TOGETHER.match(path):
            return Path(shared[0]).parts[1]
        strategy = re.search(r"\[(\w+)", test) if path.endswith(BY_STRATEGY) else None
        return strategy[1] if strategy else path


@pytest.hookimpl(optionalhook=True)  # `-p no:xdist` has no such hook
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByFile:
    """Groups by marks (``--dist loadgroup``) are not seen by pytest-xdist 3.8 under pytest 9.2."""
    return ByFile(config, log)
