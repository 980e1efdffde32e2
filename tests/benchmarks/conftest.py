"""The table of what the benchmarks found, under that of their times."""

import pytest

from bench.units import format_bytes, format_recall

FOUND = pytest.StashKey[dict[str, dict[str, float]]]()
"""By the benchmark's name: its number of points, recall and peak memory."""


def pytest_configure(config: pytest.Config) -> None:
    config.stash[FOUND] = {}


@pytest.fixture
def found(pytestconfig: pytest.Config) -> dict[str, dict[str, float]]:
    """Takes what stands in the table."""
    return pytestconfig.stash[FOUND]


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """A line for each strategy, where benchmarks were timed."""
    rows = config.stash.get(FOUND, {})
    if not rows or config.getoption("benchmark_disable"):
        return
    width = max(map(len, rows))
    terminalreporter.write_sep("-", "what was found, and at what memory")
    terminalreporter.write_line(f"{'Name (k = 10)':<{width}} {'n':>10} {'recall':>8} {'peak memory':>12}")
    for name, row in rows.items():
        recall, memory = format_recall(row["recall"]), format_bytes(row["peak_memory_bytes"])
        terminalreporter.write_line(f"{name:<{width}} {row['n']:>10,} {recall:>8} {memory:>12}")
