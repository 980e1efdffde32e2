"""The tools that CI cannot afford to run: each reads its options and says what it does."""

import runpy
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
COMMANDS = [
    "tools.reference",
    "tools.contenders",
    "tools.cluster_table",
    *(f"tools.{path.stem}" for path in sorted((ROOT / "tools").glob("compare_*.py"))),
]


@pytest.mark.parametrize("command", COMMANDS)
def test_a_tool_describes_itself_and_its_options(
    command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", [command, "--help"])
    for name in (command, f"{command}.__main__"):  # as in a process of its own
        monkeypatch.delitem(sys.modules, name, raising=False)
    with pytest.raises(SystemExit) as ended:
        runpy.run_module(command, run_name="__main__")
    assert ended.value.code == 0
    assert f"usage: python -m {command}" in capsys.readouterr().out
