"""What is sent to a late host is unpacked there only if the host has the driver's packages."""

import socket
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import numpy as np
from pyspark import cloudpickle

from strategies._spark import session
from strategies._spark.guard import Guarded

UNPACK = """
import pickle, sys
try:
    print(pickle.loads(sys.stdin.buffer.read())(3))
except RuntimeError as error:
    print(error)
print("numpy" in sys.modules)
"""


def ones(n: int) -> float:
    return float(np.ones(n, np.float32).sum())


def unpacked(there: Path | None = None) -> list[str]:
    """What a Python says that gets the function; with a directory of packages before all others."""
    session.ship_by_value()
    cloudpickle.register_pickle_by_value(sys.modules[__name__])
    try:
        packed = cloudpickle.dumps(Guarded(ones, ("numpy", "pyspark", "java")))
    finally:
        cloudpickle.unregister_pickle_by_value(sys.modules[__name__])
    path = {"PYTHONPATH": str(there)} if there else {}
    ran = subprocess.run(
        [sys.executable, "-c", UNPACK], input=packed, stdout=subprocess.PIPE, env=path, check=True
    )
    return ran.stdout.decode().splitlines()


def test_a_function_arrives_as_it_is_where_the_packages_are_the_same() -> None:
    assert unpacked() == ["3.0", "True"]


def test_a_host_with_another_package_is_named_before_anything_is_imported(tmp_path: Path) -> None:
    other_version(tmp_path)
    line, numpy_imported = unpacked(tmp_path)
    here = metadata.version("numpy")
    assert line == f"host {socket.gethostname()} is left out: numpy 0.1 there, {here} here"
    assert numpy_imported == "False"


def other_version(directory: Path) -> None:
    """What pip leaves of numpy 0.1."""
    (directory / "numpy-0.1.dist-info").mkdir()
    (directory / "numpy-0.1.dist-info" / "METADATA").write_text("Name: numpy\nVersion: 0.1\n")
