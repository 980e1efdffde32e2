import os
import platform
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from strategies._spark import preflight
from strategies._spark.preflight import Report, look, refusal, why_no_access

GIB = 1 << 30
HERE = Report(
    host="here",
    executor=1,
    python="3.11",
    versions={"annoy": "1.17.3"},
    disk="/tmp",
    free_disk_bytes=100 * GIB,
    available_bytes=10 * GIB,
    address_space_bytes=None,
)


def test_a_host_that_has_all_is_not_refused() -> None:
    assert refusal(HERE, HERE, index_bytes=GIB, disk_bytes=GIB) is None


@pytest.mark.parametrize(
    ("there", "said"),
    [
        ({"python": "3.12"}, ["Python 3.12 there, 3.11 here", "PYSPARK_PYTHON"]),
        ({"versions": {"annoy": None}}, ["annoy is missing there", "install annoy==1.17.3"]),
        ({"versions": {"annoy": "1.16"}}, ["annoy 1.16 there, 1.17.3 here"]),
        ({"free_disk_bytes": GIB}, ["1.0 GiB free in /tmp, 3.0 GiB needed", "spark.local.dir"]),
        ({"available_bytes": GIB}, ["1.0 GiB of memory available, the index needs 2.0 GiB"]),
        ({"address_space_bytes": GIB}, ["spark.executor.pyspark.memory leaves", "1.0 GiB", "2.0 GiB"]),
    ],
)
def test_what_does_not_fit_is_refused_with_figures_and_a_way_out(there: Report, said: list[str]) -> None:
    line = refusal(HERE | there, HERE, index_bytes=2 * GIB, disk_bytes=3 * GIB)
    assert line is not None
    assert "\n" not in line
    assert all(words in line for words in said)


def test_a_copy_for_each_worker_counts_as_often() -> None:
    assert refusal(HERE, HERE, 2 * GIB, 0, host_bytes=8 * GIB) is None
    assert refusal(HERE, HERE, 2 * GIB, 0, host_bytes=12 * GIB) is not None


def test_a_look_finds_what_is_here() -> None:
    found = look(0, requires=("numpy", "pyspark", "no-such-package", "java"))
    assert found["versions"]["no-such-package"] is None
    assert found["versions"]["numpy"]
    assert "java" not in found["versions"]
    assert found["available_bytes"] > 0
    assert found["free_disk_bytes"] > 0


def test_a_host_that_cannot_load_the_compiled_core_is_named_with_the_reason(tmp_path: Path) -> None:
    (tmp_path / "core.so").write_bytes(b"\x7fELF, but no more of it")
    code = "import sys; from strategies._spark import modules;"
    code += "print(modules.why_not(0, find_core=lambda: sys.argv[1]))"
    command = [sys.executable, "-c", code, str(tmp_path / "core.so")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    where = rf"host {socket.gethostname()} \({platform.machine()}, .*\)"
    assert re.fullmatch(rf"{where}: the compiled core cannot be loaded: .+\n", done.stdout)


def test_a_file_below_a_closed_directory_is_named_with_that_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = tmp_path / "closed"
    file = closed / "below" / "index"
    file.parent.mkdir(parents=True)
    file.touch()
    assert why_no_access(0, path=str(file), write=False) is None
    assert why_no_access(0, path=str(file.parent), write=True) is None
    monkeypatch.setattr(os, "access", lambda path, _mode: Path(path) != closed)
    monkeypatch.setattr(Path, "open", refuse)
    line = why_no_access(0, path=str(file), write=False)
    assert line is not None
    assert f"{file} cannot be read by user {os.geteuid()}: Permission denied (at {closed})" in line
    assert line.startswith(f"host {socket.gethostname()}: ")
    absent = why_no_access(0, path=str(tmp_path / "absent"), write=True)
    assert absent is not None
    assert f"{tmp_path}/absent cannot be written into" in absent
    assert "No such file or directory" in absent


def refuse(_path: Path, _mode: str) -> None:
    raise PermissionError(13, "Permission denied")


def test_a_python_that_a_host_does_not_have_is_told_by_its_path() -> None:
    said = (
        "Job aborted due to stage failure: Lost task 0.3 in stage 0.0 (TID 3) (10.0.0.7 executor 2): "
        'java.io.IOException: Cannot run program "/opt/py/bin/python": Exec failed, error: 2'
    )
    line = preflight.about_python(said)
    assert line is not None
    assert line.startswith("host 10.0.0.7 cannot run /opt/py/bin/python: set PYSPARK_PYTHON to")
    assert preflight.about_python("Job aborted due to stage failure: no space") is None


def test_every_executor_of_a_host_needs_room_for_its_own_copy(monkeypatch: pytest.MonkeyPatch) -> None:
    there = [HERE | {"executor": number} for number in (1, 1, 2, 2)]
    monkeypatch.setattr(preflight, "_asked", lambda *_: there)
    monkeypatch.setattr(preflight, "look", lambda *_, **__: HERE)
    preflight.check(None, (), 0, 50 * GIB)  # type: ignore[arg-type]  # nobody is asked
    with pytest.raises(RuntimeError, match=r"^host here: 100.0 GiB free in /tmp, 102.0 GiB needed"):
        preflight.check(None, (), 0, 51 * GIB)  # type: ignore[arg-type]  # nobody is asked
