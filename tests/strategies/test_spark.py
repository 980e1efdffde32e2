import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bench import catalog
from bench.measure import java
from strategies._spark.errors import cause_of
from strategies._spark.index import Distributed

pytestmark = pytest.mark.spark

ROOT = catalog.DIRECTORY.parent
LOOPBACK = {"0100007F", "0000000000000000FFFF00000100007F", "00000000000000000000000001000000"}

SHIP = """
import json, sys
from pyspark import cloudpickle
from bench import catalog
from strategies._spark import parquet_parts, preflight, session, task
session.ship_by_value()
shipped = {"all": [task.answer, task.kept, parquet_parts.write, preflight.look, session._import]}
for name in sys.argv[1:]:
    index = catalog.load(name).entry.factory().index()
    shipped[name] = [index.search, index.load]
print(json.dumps({name: cloudpickle.dumps(some).hex() for name, some in shipped.items()}))
"""
RECEIVE = """
import json, pickle, sys
sys.modules["bench"] = sys.modules["strategies"] = None
for name, pickled in json.load(sys.stdin).items():
    try:
        assert all(map(callable, pickle.loads(bytes.fromhex(pickled))))
    except Exception as error:
        print(name, repr(error))
"""
DISTRIBUTED = [name for name in catalog.names() if issubclass(catalog.load(name).entry.factory, Distributed)]
GONE = "no executor is left, for 9 s now (a.b)"
CHAINED = """Traceback (most recent call last):
  a

KeyError: 1

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  b
ValueError: 2
\tat x"""


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What misuse_spark.py found out, and what it left behind."""
    found = java.find()
    assert isinstance(found, java.Java), found
    directory = tmp_path_factory.mktemp("spark")
    ran = subprocess.run(
        [sys.executable, Path(__file__).with_name("misuse_spark.py")],
        env={**os.environ, **found.environment, "PYTHONPATH": str(ROOT), "TMPDIR": str(directory)},
        cwd=directory,
        capture_output=True,
        text=True,
        check=True,
        start_new_session=True,
    )
    said: dict[str, Any] = json.loads(ran.stdout)
    return said | {"left": [*directory.iterdir()], "directory": directory, "stderr": ran.stderr}


def test_an_exception_in_a_task_is_told_in_one_line(said: dict[str, Any]) -> None:
    assert said["raises"]["text"] == "ValueError: this row is too much"


def test_a_task_out_of_memory_is_a_memory_error(said: dict[str, Any]) -> None:
    assert said["runs_out"]["kind"] == "MemoryError"


def test_a_worker_that_crashes_is_told_in_one_line(said: dict[str, Any]) -> None:
    assert said["segfaults"]["text"] == "Fatal Python error: Segmentation fault"


def test_a_java_heap_that_is_full_is_a_memory_error_that_says_so(said: dict[str, Any]) -> None:
    assert said["heap"] == {"kind": "MemoryError", "text": "java.lang.OutOfMemoryError: Java heap space"}


def test_a_query_can_be_left_before_its_end_and_the_session_used_again(said: dict[str, Any]) -> None:
    assert said["stopped"] == [1, 1]
    assert said["after_all_that"] == {}


def test_a_query_tells_how_much_is_done_with_what_is_in_flight(said: dict[str, Any]) -> None:
    shares = said["shares"]
    assert shares[-1][1] == 1.0
    assert all(n_records / 16 <= share <= 1 for n_records, share in shares)
    assert any(share > n_records / 16 for n_records, share in shares)


def test_a_file_arrives_whole_in_both_ways_and_another_content_under_its_name_as_well(
    said: dict[str, Any],
) -> None:
    first, second = said["shipped"]
    assert first["sent"] != second["sent"]
    for one in (first, second):
        assert one["found"] == [[one["sent"]] * 2] * 2


def test_a_local_session_listens_on_loopback_only(said: dict[str, Any]) -> None:
    assert said["listening"]
    assert set(said["listening"]) <= LOOPBACK


def test_nothing_is_left_on_the_disk(said: dict[str, Any]) -> None:
    assert Path(said["scratch"]).parent == said["directory"]
    assert said["left"] == []


def test_a_session_prints_no_more_than_its_errors(said: dict[str, Any]) -> None:
    before_the_first_error = said["stderr"].partition(" ERROR ")[0].splitlines()[:-1]
    assert all("incubator" in line for line in before_the_first_error)


def test_a_task_needs_nothing_of_the_project_where_it_runs() -> None:
    command = [sys.executable, "-c", SHIP, *DISTRIBUTED]
    pickled = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=True).stdout
    assert all(name in json.loads(pickled) for name in DISTRIBUTED)
    ran = subprocess.run([sys.executable, "-c", RECEIVE], input=pickled, capture_output=True, check=True)
    assert ran.stdout.decode() == ""


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("Job aborted: x\nCaused by: java.lang.OutOfMemoryError: Java heap space\n\tat x", "java.lang.OutOf"),
        (CHAINED, "ValueError: 2"),
        ("x: Job 3 cancelled no executor is left, for 9 s now (a.b) SQLSTATE: X\nCaused by: y", GONE),
        ("x: Python worker exited unexpectedly (crashed)\n\tat y", "Python worker exited unexpectedly"),
        ("x: Job aborted due to stage failure: Master removed us\n\tat", "Job aborted due to stage failure"),
        ("calling o1\n: java.lang.X: no\n\tat y", "java.lang.X: no"),
        ("Something new\nat y", "Something new"),
    ],
)
def test_the_cause_is_the_line_that_says_why(text: str, cause: str) -> None:
    assert cause_of(text).startswith(cause)
    assert "\n" not in cause_of(text)
