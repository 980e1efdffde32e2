"""A user's own Spark session, and the files around it, outlive every strategy that is started beside it."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bench import catalog
from bench.measure import java

pytestmark = [
    pytest.mark.spark,
    pytest.mark.strategies(
        "spark_sklearn", "spark_annoy", "spark_leaf_join", "spark_blocked_exact", "joblib_spark"
    ),
]

SETTINGS = ("unset", "empty", "relative", "comma list", "with files")
FILES = (
    "a.txt",
    "b.txt",
    "c.txt",
    "full/a.txt",
    "full/below/b.txt",
    "relative/a.txt",
    "one/a.txt",
    "two/a.txt",
)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A working directory of files."""
    home = tmp_path_factory.mktemp("home")
    for name in FILES:
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_text(name)
    return home


@pytest.fixture(scope="module")
def said(home: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What beside_a_session.py tells, by setting of spark.local.dir."""
    found = java.find()
    assert isinstance(found, java.Java), found
    place = {"PYTHONPATH": str(catalog.DIRECTORY.parent), "TMPDIR": str(tmp_path_factory.mktemp("tmp"))}
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SPARK_")}
    ran = subprocess.run(
        [sys.executable, Path(__file__).with_name("beside_a_session.py")],
        env=environment | found.environment | place,
        cwd=home,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        start_new_session=True,
    )
    said: dict[str, Any] = json.loads(ran.stdout)
    return said


@pytest.mark.parametrize("setting", SETTINGS)
def test_beside_an_active_session_a_strategy_says_so_in_one_line_and_changes_nothing(
    said: dict[str, Any], setting: str
) -> None:
    told = dict(said[setting])
    told.pop("setting")
    assert len(told) == 5
    for one in told.values():
        assert "this process has an active Spark session ('theirs' on local[2])" in one["message"]
        assert "stop that one first (spark.stop()), or run this in a process of its own" in one["message"]
        assert "\n" not in one["message"]
        assert one["counted"] == 5
        assert one["changed"] == []


def test_the_files_around_it_are_all_there(said: dict[str, Any], home: Path) -> None:
    assert said
    assert {name: (home / name).read_text() for name in FILES} == dict(zip(FILES, FILES, strict=True))


def test_where_a_session_was_stopped_ours_has_a_jvm_of_its_own_and_theirs_goes_on(
    said: dict[str, Any],
) -> None:
    stopped = said["stopped"]
    assert stopped.pop("found") == ["full/a.txt"] * 2
    assert stopped.pop("counted") == 5
    assert all(stopped.values()), stopped
