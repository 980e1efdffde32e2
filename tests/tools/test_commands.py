"""The tools that CI cannot afford to run: each reads its options and says what it does."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
COMMANDS = [
    "tools.reference",
    "tools.contenders",
    *(f"tools.{path.stem}" for path in sorted((ROOT / "tools").glob("compare_*.py"))),
]


@pytest.mark.parametrize("command", COMMANDS)
def test_a_tool_describes_itself_and_its_options(command: str) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", command, "--help"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    assert f"usage: python -m {command}" in ran.stdout
