"""Each package's first page is a map of it: it names every module, and none that is not there."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = [
    init.parent
    for room in ("allknn", "bench", "strategies", "tools")
    for init in sorted((ROOT / room).rglob("__init__.py"))
]
STRATEGIES = ROOT / "strategies"
"""Its public modules are found by their names: whoever adds one edits nothing else, the map either."""


def drawn(package: Path) -> str:
    return ast.get_docstring(ast.parse((package / "__init__.py").read_text(encoding="utf-8"))) or ""


def members(package: Path) -> set[str]:
    """Modules as ``name.py`` and packages as ``name/``."""
    modules = {path.name for path in package.glob("*.py")} - {"__init__.py"}
    if package == STRATEGIES:
        modules = {name for name in modules if name.startswith("_")}
    return modules | {f"{path.parent.name}/" for path in package.glob("*/__init__.py")}


@pytest.mark.parametrize("package", PACKAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_map_names_every_module(package: Path) -> None:
    words = set(re.findall(r"(?<![\w/])\w+(?:\.py|/)", drawn(package)))
    assert members(package) - words == set()


@pytest.mark.parametrize("package", PACKAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_map_names_no_module_that_is_not_there(package: Path) -> None:
    entries = re.findall(r"^ +(\w+(?:\.py|/))(?=\s)", drawn(package), re.MULTILINE)
    assert [name for name in entries if not (package / name).exists()] == []
