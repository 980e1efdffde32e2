"""Imports point one way: the picture in bench/__init__.py, held against the code."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ALLOWED = {
    "cli": {
        "master",
        "cli",
        "experiment",
        "units",
        "cluster",
        "catalog",
        "measure",
        "judge",
        "analysis",
        "report",
        "results",
        "workloads",
    },
    "experiment": {
        "disk",
        "locks",
        "master",
        "experiment",
        "units",
        "cluster",
        "catalog",
        "measure",
        "judge",
        "analysis",
        "report",
        "results",
        "answers",
        "workloads",
    },
    "cluster": {"pids", "master", "cluster", "units", "measure"},
    "measure": {
        "allowed",
        "source_code",
        "locks",
        "pids",
        "master",
        "units",
        "measure",
        "judge",
        "catalog",
        "user_modules",
        "results",
        "answers",
        "workloads",
        "strategy",
    },
    "judge": {"pids", "judge", "units", "results", "answers", "workloads", "strategy"},
    "analysis": {"analysis", "units", "results", "workloads"},
    "report": {"master", "source_code", "report", "units", "analysis", "results", "workloads", "catalog"},
    "results": {"disk", "locks", "results", "units", "workloads"},
    "answers": {"disk", "units", "strategy"},
    "catalog": {"units", "strategy", "user_modules"},
    "user_modules": set(),
    "workloads": {"locks", "workloads", "units", "master", "catalog"},
    "source_code": {"catalog"},
    "strategy": set(),
    "units": set(),
    "pids": set(),
    "disk": set(),
    "locks": set(),
    "master": {"allowed"},
    "allowed": set(),
}
SUPERVISOR = (
    "supervisor",
    "memory",
    "clock",
    "curve",
    "process_tree",
    "cgroup",
    "worker_process",
    "probe",
    "job",
    "messages",
    "scratch",
    "shared_memory",
)
"""Modules of bench.measure that must stay light: standard library only."""


@cache
def nodes(path: Path) -> tuple[ast.AST, ...]:
    """All of a file, which several tests look at."""
    return tuple(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))


def imported(path: Path) -> Iterator[str]:
    for node in nodes(path):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def room(path: Path) -> str:
    return path.relative_to(ROOT / "bench").parts[0].removesuffix(".py")


FILES = [p for p in sorted((ROOT / "bench").rglob("*.py")) if room(p) in ALLOWED]


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_a_room_imports_only_from_the_rooms_below_it(path: Path) -> None:
    rooms = {name.split(".")[1] for name in imported(path) if name.startswith("bench.")}
    assert rooms <= ALLOWED[room(path)]


@pytest.mark.parametrize("path", [p for p in FILES if "commands" not in p.parts], ids=str)
def test_a_namespace_of_options_ends_in_the_commands(path: Path) -> None:
    words = {word for node in nodes(path) for word in (getattr(node, "id", ""), getattr(node, "attr", ""))}
    assert "Namespace" not in words | {name.rpartition(".")[2] for name in imported(path)}


@pytest.mark.parametrize("path", sorted((ROOT / "strategies").rglob("*.py")), ids=lambda p: p.name)
def test_a_strategy_imports_nothing_of_bench_but_the_contract(path: Path) -> None:
    names = {name for name in imported(path) if name.split(".")[0] == "bench"}
    assert all(name.startswith(("bench.strategy.", "bench.master.")) for name in names)


@pytest.mark.parametrize("path", sorted((ROOT / "allknn").rglob("*.py")), ids=lambda p: p.name)
def test_the_library_imports_nothing_of_the_harness_and_the_strategies(path: Path) -> None:
    assert {name.split(".")[0] for name in imported(path)}.isdisjoint({"bench", "strategies"})


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_the_harness_knows_no_strategy_and_no_tool(path: Path) -> None:
    assert {name.split(".")[0] for name in imported(path)}.isdisjoint({"strategies", "tools", "tests"})


@pytest.mark.parametrize("path", sorted((ROOT / "tools").rglob("*.py")), ids=lambda p: p.name)
def test_a_tool_imports_nothing_of_the_tests(path: Path) -> None:
    assert "tests" not in {name.split(".")[0] for name in imported(path)}


@pytest.mark.parametrize("module", SUPERVISOR)
def test_the_supervisor_weighs_nothing(module: str) -> None:
    import sys

    names = {name.split(".")[0] for name in imported(ROOT / "bench" / "measure" / f"{module}.py")}
    assert names <= sys.stdlib_module_names | {"bench"}


def test_the_runner_starts_the_worker_and_never_imports_it() -> None:
    importers = [p for p in (ROOT / "bench").rglob("*.py") if "bench.measure.worker" in set(imported(p))]
    assert importers == []
