"""Whoever deletes a strategy's file edits nothing else: commands and tests go on without it."""

import os
import subprocess
import sys
from pathlib import Path
from shutil import copyfile

import pytest

from bench import catalog

pytestmark = pytest.mark.acceptance

ROOT = catalog.DIRECTORY.parent
TESTS = (
    *("test_documents.py", "test_maps.py", "test_imports.py", "test_own_data.py"),
    *("cli/test_bad_usage.py", "cli/test_deciding.py", "cli/test_foresight.py", "cli/test_help.py"),
    *("cli/test_points.py", "cli/test_values.py", "measure/test_schedule.py", "measure/test_row.py"),
    *("report/test_commands.py", "strategies/test_parameters.py", "tools/test_contenders.py"),
)
"""Those that name strategies and take seconds; of all others it is tried whether they can be collected."""


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project, to take files away from."""
    directory = tmp_path_factory.mktemp("copy")
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    built = [str(path.relative_to(ROOT)) for path in (ROOT / "allknn").rglob("*.so")]
    for name in [*filter(None, listed.stdout.split("\0")), *built]:
        if (ROOT / name).is_file():
            (directory / name).parent.mkdir(parents=True, exist_ok=True)
            copyfile(ROOT / name, directory / name)
    return directory


def done(copy: Path, *words: str) -> str:
    """What a module of the copy prints; its last lines where it fails."""
    environment = os.environ | {"PYTHONPATH": str(copy), "PYTEST_ADDOPTS": ""}
    ran = subprocess.run(
        [sys.executable, "-m", *words], cwd=copy, env=environment, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, "\n".join((ran.stdout + ran.stderr).splitlines()[-40:])
    return ran.stdout


@pytest.mark.parametrize("name", catalog.names())
def test_without_any_one_strategy_commands_and_tests_go_on(copy: Path, name: str) -> None:
    away = copy / "strategies" / f"{name}.py"
    away.rename(away.with_suffix(".away"))
    try:
        listed = [line.split()[0] for line in done(copy, "bench", "list").splitlines() if line.strip()]
        assert name not in listed
        done(copy, "pytest", "-q", "--collect-only", "-m", "", "tests")
        naming = [path for test in TESTS if f'"{name}"' in (path := ROOT / "tests" / test).read_text()]
        if naming:
            done(copy, "pytest", "-q", *(str(path.relative_to(ROOT)) for path in naming))
    finally:
        away.with_suffix(".away").rename(away)
