"""Tests and benchmarks live side by side: ``--benchmark-only`` takes the benchmarks alone."""

import os
from tempfile import TemporaryDirectory

import pytest


def pytest_configure(config: pytest.Config) -> None:
    """Keep what one process compiles for the others; run each benchmark once where none is asked for."""
    directory = TemporaryDirectory(prefix="compiled-")
    config.add_cleanup(directory.cleanup)
    os.environ["NUMBA_CACHE_DIR"] = directory.name  # read when numba is imported
    if not config.getoption("benchmark_only"):
        config.option.benchmark_disable = True


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave tests out of a run of benchmarks, rather than call each of them skipped."""
    if config.getoption("benchmark_only"):
        left_out = [item for item in items if "benchmark" not in getattr(item, "fixturenames", ())]
        items[:] = [item for item in items if item not in set(left_out)]
        config.hook.pytest_deselected(items=left_out)
